// The scheme editor: sliders beside numbers, curves whose points are dragged or moved by keys. Every change is an input event of a field,
// and the form itself asks the server for the effect.
const form = document.getElementById('scheme');
const number = value => Number.parseFloat(value);
const tidy = value => String(Math.round(value * 1e6) / 1e6);
const say = (field, value) => {
  field.value = tidy(value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
};

// Weights
const rows = [...form.querySelectorAll('[data-w]')];
const topLevel = rows.filter(row => row.dataset.parent === '/root');
const total = document.getElementById('w-total');
for (const row of rows) {
  const range = row.querySelector('input[type=range]'), box = row.querySelector('input[type=number]'), was = number(box.dataset.was);
  range.addEventListener('input', event => { event.stopPropagation(); say(box, number(range.value)); });
  box.addEventListener('input', () => {
    const value = number(box.value), change = value - was;
    range.value = value;
    box.classList.toggle('changed', Math.abs(change) > 1e-9);
    row.querySelector('.w-d').textContent = !Number.isFinite(change) || Math.abs(change) < 1e-9 ? '—' : (change > 0 ? '+' : '−') + tidy(Math.abs(change));
    const sum = topLevel.reduce((all, each) => all + (number(each.querySelector('input[type=number]').value) || 0), 0);
    total.textContent = `${Math.round(sum * 100) / 100}%`;
    total.classList.toggle('low', Math.abs(sum - 100) > 0.005);
  });
}

// Standards
const LEFT = 40, WIDTH = 432, BOTTOM = 158, SCALE = 1.48;
for (const part of form.querySelectorAll('details.std')) {
  const svg = part.querySelector('svg'), from = number(svg.dataset.from), to = number(svg.dataset.to);
  const xs = [...part.querySelectorAll('[data-bp=x]')], ys = [...part.querySelectorAll('[data-bp=y]')], handles = [...svg.querySelectorAll('.hd')];
  const X = value => LEFT + WIDTH * Math.min(1, Math.max(0, (value - from) / (to - from))), Y = points => BOTTOM - SCALE * Math.min(100, Math.max(0, points));
  const step = 10 ** Math.floor(Math.log10((to - from) / 50));
  const draw = () => {
    const curve = xs.map((x, i) => [number(x.value), number(ys[i].value)]);
    if (curve.some(point => point.some(Number.isNaN))) return;
    handles.forEach((handle, i) => {
      handle.setAttribute('cx', X(curve[i][0]));
      handle.setAttribute('cy', Y(curve[i][1]));
      handle.setAttribute('aria-valuenow', curve[i][1]);
      handle.setAttribute('aria-valuetext', svg.dataset.says.replace('{0}', tidy(curve[i][0])).replace('{1}', tidy(curve[i][1])));
    });
    const sorted = [...curve].sort((a, b) => a[0] - b[0]);
    svg.querySelector('.cv-new').setAttribute('d', `M${LEFT} ${Y(sorted[0][1])}${sorted.map(([x, y]) => `L${X(x)} ${Y(y)}`).join('')}H${LEFT + WIDTH}`);
  };
  // Neighbours bound a point on the axis, so that its curve keeps its order.
  const move = (i, value, points) => {
    const sides = [xs[i - 1], xs[i + 1]].filter(Boolean).map(x => number(x.value));
    const low = Math.max(-1e9, ...sides.filter(side => side < number(xs[i].value)).map(side => side + step)), high = Math.min(1e9, ...sides.filter(side => side > number(xs[i].value)).map(side => side - step));
    const x = Math.min(high, Math.max(low, Math.round(value / step) * step)), y = Math.min(100, Math.max(0, Math.round(points)));
    if (x !== number(xs[i].value)) say(xs[i], x);
    if (y !== number(ys[i].value)) say(ys[i], y);
  };
  svg.removeAttribute('role');
  svg.setAttribute('role', 'group');
  handles.forEach((handle, i) => {
    handle.setAttribute('tabindex', '0');
    handle.setAttribute('role', 'slider');
    handle.setAttribute('aria-label', `${svg.dataset.point} ${i + 1}`);
    handle.setAttribute('aria-valuemin', '0');
    handle.setAttribute('aria-valuemax', '100');
    handle.addEventListener('keydown', event => {
      const far = event.shiftKey ? 10 : 1, x = number(xs[i].value), y = number(ys[i].value);
      const [dx, dy] = { ArrowUp: [0, far], ArrowDown: [0, -far], ArrowRight: [far * step, 0], ArrowLeft: [-far * step, 0] }[event.key] ?? [];
      if (dx === undefined) return;
      event.preventDefault();
      move(i, x + dx, y + dy);
    });
    handle.addEventListener('pointerdown', event => {
      event.preventDefault();
      handle.focus({ preventScroll: true });
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener('pointermove', event => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      move(i, from + (at.x - LEFT) / WIDTH * (to - from), (BOTTOM - at.y) / SCALE);
    });
  });
  [...xs, ...ys].forEach(field => field.addEventListener('input', () => { field.classList.add('changed'); draw(); }));
  part.addEventListener('toggle', () => {
    const axis = document.getElementById('axis');
    if (!part.open || axis.value === part.dataset.code) return;
    axis.value = part.dataset.code;
    axis.dispatchEvent(new Event('input', { bubbles: true }));
  });
  draw();
}

// A link to a standard, or to a field in one, opens it.
const open = () => {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const part = target && target.closest('details.std');
  if (part) part.open = true;
  if (target && target.matches('input, select, textarea')) target.focus();
};
addEventListener('hashchange', open);
open();

// After an answer: the count of differences in the title, values under the axis, marks at the fields that are wrong.
document.body.addEventListener('htmx:afterSwap', event => {
  if (event.detail.target.id !== 'effect') return;
  const differences = document.getElementById('differences');
  if (differences) document.getElementById('based').textContent = differences.dataset.based;
  const values = document.getElementById('axis-values');
  const part = values?.dataset.indicator && document.getElementById(`std-${values.dataset.indicator}`);
  if (part) {
    const svg = part.querySelector('svg'), from = number(svg.dataset.from), to = number(svg.dataset.to);
    svg.querySelector('.rug').setAttribute('d', values.dataset.values.split(' ').filter(Boolean).map(number).filter(value => value >= from && value <= to).map(value => `M${LEFT + WIDTH * (value - from) / (to - from)} 162v8`).join(''));
  }
  const wrong = new Set([...event.detail.target.querySelectorAll('[data-field]')].map(link => link.dataset.field));
  for (const field of form.querySelectorAll('.in')) {
    field.classList.toggle('bad', wrong.has(field.id));
    if (wrong.has(field.id)) {
      field.setAttribute('aria-invalid', 'true');
      field.setAttribute('aria-describedby', 'scheme-errors');
    } else {
      field.removeAttribute('aria-invalid');
      if (field.getAttribute('aria-describedby') === 'scheme-errors') field.removeAttribute('aria-describedby');
    }
  }
});

// A measure has other fields after another fact or aggregator was chosen: the server knows which.
for (const choice of form.querySelectorAll('[data-refresh]')) choice.addEventListener('change', () => form.requestSubmit(document.getElementById(choice.dataset.refresh)));

// What is judged above the diagonal stands turned round below it.
for (const turned of form.querySelectorAll('[data-turn]')) {
  const judged = document.getElementById(turned.dataset.turn);
  judged.addEventListener('change', () => { turned.textContent = judged.value === '' ? '—' : judged.value === '1' ? '1' : judged.value.startsWith('1/') ? judged.value.slice(2) : `1/${judged.value}`; });
}
