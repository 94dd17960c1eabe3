// Draws the charts of a report from the numbers in the page.
'use strict';

const PALETTE = ['#2f78b7', '#2a8f7b', '#a86f10', '#8a5fb0', '#c2566b', '#5b7f2b', '#3aa0b8', '#a8643a', '#6f7fc4', '#7b8794'];
const charts = new Map();

function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function exact(value, unit) {
  return unit === 'money'
    ? '$' + Number(value).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
    : Number(value).toLocaleString('en-US');
}

function compact(value, unit) {
  const names = ['', ' K', ' M', ' bn', ' tn'];
  let size = Math.abs(value), name = 0;
  while (name < names.length - 1 && size >= (name === 0 ? 10000 : 1000)) { size /= 1000; name++; }
  const text = name === 0 ? Math.round(size).toLocaleString('en-US') : String(Math.round(size * 10) / 10);
  return (value < 0 ? '-' : '') + (unit === 'money' ? '$' : '') + text + names[name];
}

function label(row) {
  return row[row.length - 2] ?? '(no name)';
}

function number(row) {
  return row[row.length - 1] ?? 0;
}

// Long names go over several lines, at blanks and hyphens; no letter is left out.
function wrapped(text, width) {
  const lines = [];
  for (const word of String(text).split(/(?<=[ \-\/,])/)) {
    const last = lines.length - 1;
    if (last >= 0 && (lines[last] + word).trimEnd().length <= width) lines[last] += word;
    else lines.push(word);
  }
  return lines.map(line => line.trimEnd()).join('\n');
}

// In two lines of about the same length: rotated labels have room for no more.
function halved(text) {
  if (text.length <= 15) return text;
  let best = -1;
  for (const blank of String(text).matchAll(/[ \-\/,]/g)) {
    if (Math.abs(blank.index + 1 - text.length / 2) < Math.abs(best - text.length / 2)) best = blank.index + 1;
  }
  return best < 0 ? text : text.slice(0, best).trimEnd() + '\n' + text.slice(best).trimStart();
}

function tip(visual, row) {
  const key = row.length === 3 && visual.columns[0] === 'NPI' ? `\nNPI ${row[0]}` : '';
  return `${wrapped(label(row), 40)}${key}\n${exact(number(row), visual.unit)} ${visual.columns[visual.columns.length - 1].toLowerCase()}`;
}

function common(visual) {
  return {
    animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    animationDuration: 300,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: style('--ink') },
    color: PALETTE,
    // drawn on the canvas: a tooltip of HTML would need inline styles
    tooltip: {
      renderMode: 'richText', confine: true, backgroundColor: style('--card'), borderColor: style('--line'),
      textStyle: { color: style('--ink'), fontSize: 13 },
      formatter: point => point.data?.row ? tip(visual, point.data.row) : '',
    },
  };
}

function valueAxis(visual, parts = 4) {
  return {
    type: 'value', splitNumber: parts,
    axisLabel: { color: style('--soft'), formatter: value => compact(value, visual.unit), hideOverlap: true },
    splitLine: { lineStyle: { color: style('--line') } },
  };
}

function bars(visual) {
  const color = style(visual.unit === 'money' ? '--money' : '--count');
  return visual.rows.map(row => ({ value: number(row), row, itemStyle: { color } }));
}

function column(visual, width) {
  // upright names need room: on a phone the columns lie down
  if (width < 420) return bar(visual, width);
  const each = (width - 60) / visual.rows.length;
  return {
    ...common(visual),
    grid: { left: 12 + Math.max(0, 54 - each / 2), right: 8, top: 14, bottom: 0, containLabel: true },
    xAxis: {
      type: 'category', data: visual.rows.map(label), axisTick: { show: false },
      axisLine: { lineStyle: { color: style('--line') } },
      axisLabel: { interval: 0, rotate: 42, fontSize: 11, lineHeight: 12, color: style('--ink'), formatter: halved },
    },
    yAxis: valueAxis(visual),
    series: [{ type: 'bar', data: bars(visual), barCategoryGap: '28%', itemStyle: { borderRadius: [3, 3, 0, 0] } }],
  };
}

function widest(lines, font) {
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = font;
  return Math.max(...lines.map(line => pen.measureText(line).width));
}

function bar(visual, width) {
  const lines = visual.rows.flatMap(row => wrapped(label(row), 24).split('\n'));
  const left = 14 + widest(lines, '11px ' + getComputedStyle(document.body).fontFamily);
  return {
    ...common(visual),
    grid: { left, right: 26, top: 6, bottom: 24 },
    yAxis: {
      type: 'category', inverse: true, data: visual.rows.map(label), axisTick: { show: false },
      axisLine: { lineStyle: { color: style('--line') } },
      axisLabel: { interval: 0, fontSize: 11, lineHeight: 12, color: style('--ink'), formatter: text => wrapped(text, 24) },
    },
    xAxis: valueAxis(visual, width < 420 ? 2 : 4),
    series: [{ type: 'bar', data: bars(visual), barCategoryGap: '28%', itemStyle: { borderRadius: [0, 3, 3, 0] } }],
  };
}

function pie(visual, width, height) {
  const total = visual.rows.reduce((sum, row) => sum + Number(number(row)), 0);
  const share = row => total ? `${(100 * number(row) / total).toFixed(1)} %` : '';
  const beside = width > 380;
  const byName = new Map(visual.rows.map(row => [label(row), row]));
  const lines = Math.min(visual.rows.length, 10);
  const legendHeight = beside ? 0 : lines * 20 + 6;
  const radius = Math.max(40, Math.min(beside ? height : height - legendHeight, beside ? width * 0.48 : width) / 2 - 8);
  return {
    ...common(visual),
    legend: {
      orient: 'vertical', icon: 'circle', itemWidth: 9, itemGap: beside ? 7 : 6, selectedMode: false,
      ...(beside ? { left: '51%', top: 'middle' } : { left: 'center', bottom: 0 }),
      textStyle: { color: style('--ink'), fontSize: 12, lineHeight: 13 },
      formatter: name => `${wrapped(name, beside ? 26 : 34)}  ${share(byName.get(name))}`,
    },
    series: [{
      type: 'pie', animationDuration: 300, radius: [radius * 0.52, radius],
      center: beside ? ['25%', '50%'] : ['50%', (height - legendHeight) / 2],
      label: { show: false }, itemStyle: { borderColor: style('--card'), borderWidth: 2 },
      data: visual.rows.map(row => ({ name: label(row), value: number(row), row })),
    }],
  };
}

function treemap(visual) {
  return {
    ...common(visual),
    series: [{
      type: 'treemap', roam: false, nodeClick: false, breadcrumb: { show: false },
      left: 0, right: 0, top: 4, bottom: 4,
      itemStyle: { borderColor: style('--card'), borderWidth: 1, gapWidth: 1 },
      label: { fontSize: 12, lineHeight: 14, color: '#fff', overflow: 'none', formatter: point => `${wrapped(point.name, 14)}\n${compact(point.value, visual.unit)}` },
      // a name that does not fit is not cut: the tooltip and the table have it
      labelLayout: at => at.labelRect.width > at.rect.width - 4 || at.labelRect.height > at.rect.height - 2 ? { x: -9999 } : {},
      data: visual.rows.map((row, index) => ({ name: label(row), value: number(row), row, itemStyle: { color: PALETTE[index % PALETTE.length] } })),
    }],
  };
}

const KINDS = { column, bar, pie, treemap };

function draw(visual) {
  const place = document.getElementById(visual.id + '-chart');
  if (!place) return;
  if (visual.rows.length === 0) {
    charts.get(visual.id)?.dispose();
    charts.delete(visual.id);
    place.innerHTML = '<p>No rows for this filter.</p>';
    place.dataset.drawn = 'yes';
    return;
  }
  let chart = charts.get(visual.id);
  if (!chart) {
    place.textContent = '';
    chart = echarts.init(place, null, { renderer: 'canvas' });
    charts.set(visual.id, chart);
    chart.on('finished', () => { place.dataset.drawn = 'yes'; });
    if (visual.columns[0] === 'Code') chart.on('click', point => chooseState(point.data.row[0]));
  }
  delete place.dataset.drawn;
  chart.setOption(KINDS[visual.kind](visual, place.clientWidth, place.clientHeight), { notMerge: true });
}

function visuals() {
  return JSON.parse(document.getElementById('data').textContent).filter(visual => visual.kind !== 'card');
}

function drawAll() {
  visuals().forEach(draw);
}

// Sizes matter for labels and legends, so a chart is laid out anew.
let resizing;
addEventListener('resize', () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => { charts.forEach(chart => chart.resize()); drawAll(); }, 120);
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
drawAll();
