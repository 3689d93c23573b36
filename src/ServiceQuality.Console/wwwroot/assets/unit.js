// One unit: where the points went (waterfall), and the score over time.
import { axisX, axisY, chart, css, FONT, text, tip, tipBody } from './charts.js';

const figure = (value, digits = 2) => value.toFixed(digits).replace('-', '−');

chart('waterfall', (c, d, width) => {
  const rows = [{ kind: 'start', name: d.words.full, to: 100 }];
  let at = 100;
  for (const step of d.steps) {
    if (step.kind === 'family' || step.kind === 'sub') rows.push({ ...step, from: at, to: at + (step.kind === 'family' ? step.contribution ?? 0 : 0) });
    else { rows.push({ ...step, from: at, to: at + (step.contribution ?? 0) }); at += step.contribution ?? 0; }
  }
  rows.push({ kind: 'end', name: d.words.score, to: d.end.to, low: d.end.low, high: d.end.high, colour: d.end.colour });
  const narrow = width < 520, left = narrow ? 128 : 176, lowest = Math.min(...rows.map(row => row.low ?? row.to)), span = 100 - lowest;
  const grid = span > 60 ? 20 : span > 30 ? 10 : narrow ? 5 : 2.5, min = Math.max(0, Math.floor((lowest - span * (narrow ? .22 : .1)) / grid) * grid);
  return {
    grid: { left, right: narrow ? 14 : 20, top: 26, bottom: 4 },
    xAxis: axisX(c, { type: 'value', min, max: 100, interval: grid, position: 'top', axisLine: { show: false }, splitLine: { show: true, lineStyle: { color: c.line } }, axisLabel: { fontSize: 11, formatter: value => value % (narrow || grid > 5 ? 10 : 5) ? '' : value } }),
    yAxis: { type: 'category', inverse: true, data: rows.map((_, i) => i), axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false }, axisLabel: { interval: 0, align: 'left', margin: left - 2, formatter: i => `{${rows[i].kind === 'leaf' ? 'leaf' : rows[i].kind === 'none' ? 'none' : 'family'}|${rows[i].name}}`, rich: { leaf: { ...text(c, 12, c['ink-2']), padding: [0, 0, 0, 14] }, none: { ...text(c, 12), padding: [0, 0, 0, 14] }, family: { ...text(c, 12, c.ink), fontWeight: 600 } } } },
    tooltip: { ...tip(c), trigger: 'item', formatter: ({ dataIndex }) => { const row = rows[dataIndex]; return row.kind === 'leaf' ? tipBody(row.name, [[d.words.points, row.points], [d.words.weight, row.weight], [d.words.contribution, figure(row.contribution)], [d.words.grade, row.grade]]) : tipBody(row.name, row.contribution == null ? [[d.words.score, row.kind === 'none' ? d.words.noData : figure(row.to)]] : [[d.words.contribution, figure(row.contribution)]]); } },
    series: [{
      type: 'custom', data: rows.map((row, i) => [row.from ?? row.to, i, row.to]), encode: { x: [0, 2], y: 1 },
      renderItem: (params, api) => {
        const row = rows[params.dataIndex], y = api.coord([0, params.dataIndex])[1], h = api.size([0, 1])[1], x1 = api.coord([row.from ?? row.to, 0])[0], x0 = api.coord([row.to, 0])[0], parts = [];
        const line = (xa, ya, xb, yb, stroke = c.ink, lineWidth = 1.5) => parts.push({ type: 'line', shape: { x1: xa, y1: ya, x2: xb, y2: yb }, style: { stroke, lineWidth } });
        const link = () => line(x0, y, x0, y + h, c['line-2'], 1);
        const label = (x, words, { bold = false, fill = c['ink-2'] } = {}) => parts.push({ type: 'text', style: { text: words, x: x - 6, y, align: 'right', verticalAlign: 'middle', font: `${bold ? 600 : 400} 12px ${FONT}`, fill } });
        if (row.kind === 'start') { link(); parts.push({ type: 'circle', shape: { cx: x0, cy: y, r: 3 }, style: { fill: c.ink } }); label(x0, '100', { bold: true, fill: c.ink }); }
        if (row.kind === 'family') { line(x0, y, x1, y); line(x0, y - 4, x0, y + 4); line(x1, y - 4, x1, y + h); label(Math.min(x0, x1), row.contribution == null ? d.words.noData : figure(row.contribution), { bold: true, fill: c.ink }); }
        if (row.kind === 'leaf' || row.kind === 'adjustment') { parts.push({ type: 'rect', shape: { x: Math.min(x0, x1), y: y - h * .31, width: Math.max(1.5, Math.abs(x1 - x0)), height: h * .62, r: 1 }, style: { fill: row.kind === 'leaf' ? c[row.colour] : c.ink } }); link(); label(Math.min(x0, x1), (row.kind !== 'leaf' && row.contribution > 0 ? '+' : '') + figure(row.contribution), row.kind === 'leaf' ? {} : { bold: true, fill: c.ink }); }
        if (row.kind === 'none') { line(x0, y - h, x0, y + h, c['line-2'], 1); label(x0, d.words.noData, { fill: c['ink-3'] }); }
        if (row.kind === 'end') {
          const right = row.high == null ? x0 : api.coord([row.high, 0])[0];
          if (row.low != null) parts.push({ type: 'line', shape: { x1: api.coord([row.low, 0])[0], x2: right, y1: y, y2: y }, style: { stroke: c.ival, lineWidth: 3, lineCap: 'round' } });
          parts.push({ type: 'circle', shape: { cx: x0, cy: y, r: 6 }, style: { fill: c[row.colour], stroke: c.surface, lineWidth: 1.5 } });
          parts.push({ type: 'text', style: { text: figure(row.to), x: Math.max(right, x0) + 10, y, verticalAlign: 'middle', font: `600 13px ${FONT}`, fill: c.ink } });
        }
        return { type: 'group', children: parts };
      }
    }]
  };
});

// Thirty days on the left; on the right the last 24 hours, magnified on both axes.
chart('trend', (c, d, width, height) => {
  const days = d.days ?? [], hours = (d.hours ?? []).filter(point => point.score != null), narrow = width < 620 || hours.length < 2;
  const known = days.filter(point => point.score != null), top = 26, bottom = 24, left = 34;
  const bounds = points => { const low = Math.min(...points.map(p => p.low ?? p.score)), high = Math.max(...points.map(p => p.high ?? p.score)), step = [1, 2, 4, 5, 10, 20].find(s => (high - low) / s <= 6) ?? 20; return { min: Math.max(0, Math.floor(low / step) * step), max: Math.min(100, Math.max(Math.ceil(high / step) * step, Math.floor(low / step) * step + step)), step }; };
  const { min, max, step } = bounds(known), split = narrow ? width - 12 : Math.round(width * .56);
  const y = value => top + (max - value) / (max - min) * (height - top - bottom), first = days[0]?.at, last = days.at(-1)?.at;
  const colour = score => d.bands.findLast(band => score >= band.from)?.colour ?? 'none';
  const labels = new Map([...days, ...hours].map(point => [point.at, point]));
  const limits = { silent: true, symbol: 'none', lineStyle: { color: c['ink-3'], width: 1 }, label: { show: false }, data: d.bands.map(band => band.from).filter(from => from > min && from < max).map(from => ({ yAxis: from })) };
  const dot = (point, extra = {}) => ({ coord: [point.at, point.score], symbol: 'circle', symbolSize: 9, itemStyle: { color: c[colour(point.score)], borderColor: c.surface, borderWidth: 1.5 }, ...extra });
  // A stacked pair draws the band; where a point has no interval both are missing and the band has a gap.
  const zone = upper => ({ type: 'line', stack: 'interval', showSymbol: false, silent: true, symbol: 'none', lineStyle: { opacity: 0 }, ...(upper ? { areaStyle: { color: c['ink-3'], opacity: .16 } } : {}), data: days.map(p => [p.at, p.low == null ? null : upper ? +(p.high - p.low).toFixed(3) : p.low]) });
  const bands = d.bands.map((band, i) => ({ ...band, to: d.bands[i + 1]?.from ?? 100 })).filter(band => band.from < max && band.to > min);
  const strip = bands.map(band => ({ type: 'group', silent: true, children: [{ type: 'rect', shape: { x: split + 4, y: y(Math.min(max, band.to)) + 1, width: 4, height: Math.max(1, y(Math.max(min, band.from)) - y(Math.min(max, band.to)) - 2) }, style: { fill: c[band.colour] } }, ...(narrow ? [] : [{ type: 'text', style: { text: band.name, x: split + 14, y: (y(Math.min(max, band.to)) + y(Math.max(min, band.from))) / 2, verticalAlign: 'middle', font: `12px ${FONT}`, fill: c['ink-2'] } }])] }));
  const day = narrow ? null : bounds(hours);
  return {
    grid: [{ left, right: width - split, top, bottom }, ...(day ? [{ left: split + 100, right: 16, top, bottom }] : [])],
    xAxis: [axisX(c, { type: 'value', min: first, max: last, interval: Math.max(864e5, (last - first) / 3), axisLabel: { formatter: value => nearest(days, value)?.day ?? '', alignMinLabel: 'left', alignMaxLabel: 'right' } }), ...(day ? [axisX(c, { type: 'value', gridIndex: 1, min: hours[0].at, max: hours.at(-1).at, interval: (hours.at(-1).at - hours[0].at) / 4, axisLabel: { formatter: value => nearest(hours, value)?.clock ?? '', alignMinLabel: 'left', alignMaxLabel: 'right' } })] : [])],
    yAxis: [axisY(c, { min, max, interval: step }), ...(day ? [axisY(c, { gridIndex: 1, min: day.min, max: day.max, interval: day.step })] : [])],
    graphic: [...strip, ...(day ? [{ type: 'text', silent: true, style: { text: d.words.day, x: width - 16, y: 3, align: 'right', font: `12px ${FONT}`, fill: c['ink-2'] } }] : [])],
    tooltip: { ...tip(c), trigger: 'axis', formatter: points => { const point = labels.get(points.find(p => p.seriesId?.startsWith('s'))?.value[0]); return point && tipBody(point.label, [[d.words.score, point.shown], ...(point.interval ? [[d.words.interval, point.interval]] : [])]); } },
    series: [
      zone(false), zone(true),
      { id: 'sdays', type: 'line', data: days.map(p => [p.at, p.score]), connectNulls: false, showSymbol: known.length === 1, symbol: 'circle', symbolSize: 6, lineStyle: { color: c.ink, width: 2 }, markLine: limits, markPoint: known.length ? { silent: true, data: [dot(known.at(-1), { label: { show: true, position: 'left', distance: 8, formatter: known.at(-1).shown, color: c.ink, fontWeight: 600, fontFamily: FONT, fontSize: 12 } })] } : undefined },
      ...(day ? [{ id: 'shours', type: 'line', xAxisIndex: 1, yAxisIndex: 1, data: d.hours.map(p => [p.at, p.score]), connectNulls: false, showSymbol: false, symbol: 'circle', symbolSize: 6, lineStyle: { color: c.ink, width: 2 }, markPoint: { silent: true, data: [dot(hours.at(-1), { label: { show: false } })] } }] : [])
    ]
  };
});

function nearest(points, at) {
  return points.reduce((best, point) => !best || Math.abs(point.at - at) < Math.abs(best.at - at) ? point : best, null);
}
