// One look for every chart. Colours and type come from the CSS tokens, so light, dark and print follow by themselves.
// Canvas renderer and class-based tooltips: both stay inside a CSP without unsafe-inline. ECharts is loaded after the first paint.
const probe = document.createElement('span');
probe.hidden = true;
document.body.append(probe);
const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });

/** A token as rgba() that a canvas understands. */
export function css(token, alpha = 1) {
  probe.className = `t-${token}`;
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = getComputedStyle(probe).color;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return `rgba(${r},${g},${b},${a / 255 * alpha})`;
}

const TOKENS = ['canvas', 'surface', 'sunken', 'raised', 'line', 'line-2', 'ink', 'ink-2', 'ink-3', 'ival', 'accent', 'exc', 'good', 'fair', 'pass', 'fail', 'none', 'up', 'down'];
export const tone = () => Object.fromEntries(TOKENS.map(token => [token, css(token)]));
export const FONT = getComputedStyle(document.body).fontFamily;
export const pageData = () => JSON.parse(document.getElementById('page-data').textContent);

/** Shared pieces; `c` is tone(). */
export const text = (c, size = 12, color = c['ink-3']) => ({ color, fontSize: size, fontFamily: FONT });
export const axisX = (c, { axisLabel, ...rest } = {}) => ({ axisLine: { show: true, lineStyle: { color: c['line-2'] } }, axisTick: { show: false }, splitLine: { show: false }, axisLabel: { ...text(c), ...axisLabel }, ...rest });
export const axisY = (c, { axisLabel, ...rest } = {}) => ({ axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: true, lineStyle: { color: c.line } }, axisLabel: { ...text(c), ...axisLabel }, ...rest });
export const tip = c => ({ confine: true, axisPointer: { lineStyle: { color: c['ink-3'], type: [2, 3] } }, transitionDuration: 0, backgroundColor: c.raised, borderColor: c['line-2'], borderWidth: 1, padding: [8, 12], className: 'tip', textStyle: { color: c.ink, fontSize: 12, fontFamily: FONT } });

/** A tooltip's body: a heading, and rows of name and value. */
export function tipBody(heading, rows) {
  const body = document.createElement('div');
  body.append(Object.assign(document.createElement('b'), { textContent: heading }));
  for (const [name, value] of rows) {
    const line = document.createElement('p');
    line.append(Object.assign(document.createElement('span'), { textContent: name }), Object.assign(document.createElement('span'), { textContent: value, className: 'n' }));
    body.append(line);
  }
  return body;
}

/** Draws `build(tone, data, width, height)` into the element, and again when data or width change. */
export async function chart(id, build) {
  const element = document.getElementById(id);
  if (!element) return;
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  const [{ init }] = await Promise.all([import('/lib/echarts.js'), document.fonts.load('12px "Inter Variable"')]);
  const instance = init(element, null, { renderer: 'canvas', devicePixelRatio: Math.max(2, devicePixelRatio) });
  const draw = () => {
    const c = tone();
    instance.setOption({ animation: false, aria: { enabled: false }, color: [c.ink], ...build(c, pageData(), element.clientWidth, element.clientHeight) }, true);
    element.dataset.drawn = 'true';
  };
  draw();
  addEventListener('sq:data', draw);
  new ResizeObserver(() => { instance.resize(); draw(); }).observe(element);

  const button = document.querySelector(`[data-png="${id}"]`);
  if (button) {
    button.hidden = false;
    button.addEventListener('click', () => Object.assign(document.createElement('a'), { href: instance.getDataURL({ pixelRatio: 2, backgroundColor: css('surface') }), download: `${document.querySelector('h1').textContent} ${id}.png` }).click());
  }
}
