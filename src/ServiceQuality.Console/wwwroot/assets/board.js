// The overview: distribution of the units, and the list of what happened since the page was opened.
import { axisX, chart, css, pageData, text, tip, tipBody } from './charts.js';

// Up to 60 units every unit is one square: 24 squares say more than 10 bars. Above that, a column of squares stands for its share.
chart('dist', (c, d, width) => {
  const stacks = {}, size = Math.min(13, (width - 24) / 52 * 1.7), share = Math.max(1, Math.ceil(d.units.length / 60));
  const marks = [];
  for (const unit of d.units) {
    const bin = Math.floor(Math.max(d.low, Math.min(99.9, unit.score)) / 2) * 2 + 1;
    stacks[bin] = (stacks[bin] || 0) + 1;
    if (share > 1 && stacks[bin] % share !== 1) continue;
    marks.push({ value: [bin, Math.ceil(stacks[bin] / share)], unit, itemStyle: unit.colour === 'none' ? { color: c.surface, borderColor: c.none, borderWidth: 1.5, borderType: 'dashed' } : { color: c[unit.colour] } });
  }
  const top = Math.max(6, ...marks.map(mark => mark.value[1])), bands = d.bands.map((band, i) => ({ ...band, from: Math.max(d.low, band.from), to: d.bands[i + 1]?.from ?? 100 })).filter(band => band.to > d.low);
  return {
    grid: { left: 2, right: 2, top: 24, bottom: 22 },
    xAxis: axisX(c, { type: 'value', min: d.low, max: 100, interval: 10, axisLabel: { fontSize: 11, showMinLabel: false, showMaxLabel: false } }),
    yAxis: { type: 'value', min: .4, max: top + .6, show: false },
    tooltip: { ...tip(c), formatter: p => p.data.unit && tipBody(p.data.unit.name, [[d.score, p.data.unit.shown], [d.grade, p.data.unit.word]]) },
    series: [{
      type: 'scatter', symbol: 'roundRect', symbolSize: Math.min(size, 84 / (top + .2)), data: marks,
      markArea: { silent: true, data: bands.map(band => [{ xAxis: band.from, name: `${band.name} ${band.count}`, itemStyle: { color: css(band.colour, .07), borderWidth: 0 }, label: { position: 'insideTop', distance: 2, ...text(c, 12, c['ink-2']), offset: [0, -22] } }, { xAxis: band.to }]) },
      markLine: d.organisation == null ? undefined : { silent: true, symbol: 'none', lineStyle: { color: c['ink-3'], type: [2, 3] }, label: { show: false }, data: [{ xAxis: d.organisation }] }
    }]
  };
});

// Events: a change that the reader can see, newest on top. They wait behind a button while somebody reads the list.
const list = document.getElementById('events'), more = document.getElementById('events-new'), none = document.getElementById('events-none');
const kept = 8, waiting = [];
let reading = false;
for (const kind of ['pointerenter', 'focusin']) list?.addEventListener(kind, () => { reading = true; });
for (const kind of ['pointerleave', 'focusout']) list?.addEventListener(kind, () => { reading = false; });

if (list) {
  const scores = new Map(pageData().units.map(unit => [unit.code, unit])), limits = pageData().bands.map(band => band.from).filter(from => from > 0);
  const shown = value => {
    const band = x => limits.filter(limit => x >= limit).length, exact = Math.round(value * 1e9) / 1e9, rounded = Math.round(exact * 10) / 10;
    return band(rounded) === band(exact) ? rounded : rounded > exact ? Math.floor(exact * 10) / 10 : Math.ceil(exact * 10) / 10;
  };
  const signed = value => (value > 0 ? '+' : value < 0 ? '−' : '') + Math.abs(value).toFixed(1);

  addEventListener('sq:score', ({ detail }) => {
    const unit = scores.get(detail.code);
    if (!unit || detail.score == null) return;
    const before = shown(unit.score), now = shown(detail.score), change = Math.round((now - before) * 10) / 10;
    unit.score = detail.score;
    if (change === 0) return;
    const item = document.createElement('li'), time = document.createElement('time'), link = document.createElement('a'), what = document.createElement('span'), delta = document.createElement('span');
    time.dateTime = detail.asOf;
    time.textContent = new Date(detail.asOf).toLocaleTimeString('en-GB', { hour12: false });
    link.href = `/units/${encodeURIComponent(detail.code)}`;
    link.textContent = unit.name;
    what.className = 'ev-t n';
    what.textContent = `${before.toFixed(1)} → ${now.toFixed(1)}`;
    delta.className = `r delta ${change > 0 ? 'up' : 'down'}`;
    delta.textContent = signed(change);
    item.append(time, link, what, delta);
    if (reading) {
      waiting.push(item);
      more.textContent = more.dataset.text.replace('{0}', waiting.length);
      more.hidden = false;
    } else {
      add(item);
    }
  });
  more.addEventListener('click', () => {
    for (const item of waiting.splice(0)) add(item);
    more.hidden = true;
    list.querySelector('a')?.focus();
  });
}

function add(item) {
  none.hidden = true;
  item.classList.add('new');
  list.prepend(item);
  while (list.children.length > kept) list.lastElementChild.remove();
}
