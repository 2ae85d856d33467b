// Stacked small plots on one time axis: ECharts with our colours. One hand moves all of them.

import { echarts } from "/static/echarts/index.js";

const PLOT_PX = 96, GAP_PX = 38, TOP_PX = 30;

export function tokens() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(`--${name}`).trim();
  return { ink: value("ink"), quiet: value("quiet"), line: value("line"), panel: value("panel"), ground: value("ground"),
    colours: { belt: value("belt"), target: value("target"), pulse: value("pulse"), form: value("form"), other: value("other") } };
}

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function axisText(tokens) { return { color: tokens.quiet, fontSize: 12 }; }

/**
 * plots: [{name, unit, series: [{name, colour, values, dashed, step, area, points}], format, min, max}], all over x.
 * x: {kind: "time"|"category"|"value", values, format}; marks: [{from, to, words}].
 * Returns {at(x), zoom(from, to), dispose()}; onPoint(index) is called when the hand is on a point.
 */
export function stacked(place, { x, plots, marks = [], zoomable = true, onPoint = null, height = PLOT_PX }) {
  const t = tokens();
  const total = TOP_PX + plots.length * (height + GAP_PX) + (zoomable ? 44 : 20);
  place.style.height = `${total}px`;
  const chart = echarts.init(place, null, { renderer: "canvas" });
  const last = plots.length - 1;
  const grids = plots.map((_, k) => ({ left: 52, right: 14, top: TOP_PX + k * (height + GAP_PX), height }));
  const category = x.kind === "category";
  const span = category ? 1 : x.values.at(-1) - x.values[0];
  const series = [];
  plots.forEach((plot, k) => plot.series.forEach((line, n) => series.push({
    type: line.bars ? "bar" : line.points ? "scatter" : "line", name: line.name, xAxisIndex: k, yAxisIndex: k,
    data: category ? line.values : x.values.map((at, i) => [at, line.values[i] ?? null]),
    showSymbol: Boolean(line.symbols), symbolSize: line.points ? 7 : 5, connectNulls: Boolean(line.symbols),
    step: line.step ? "end" : false, barMaxWidth: 26, stack: line.stack, silent: line.silent ?? false,
    lineStyle: { width: line.invisible ? 0 : 2, type: line.dashed ? "dashed" : "solid", color: t.colours[line.colour] },
    areaStyle: line.area ? { color: t.colours[line.colour], opacity: 0.18 } : undefined,
    itemStyle: { color: t.colours[line.colour] },
    markArea: k === 0 && n === 0 && marks.length ? { silent: true, label: { color: t.quiet, fontSize: 11, position: "top", distance: 6 },
      data: marks.map((m, i) => [{ name: m.to - m.from > 0.07 * span ? m.words : "", xAxis: m.from, itemStyle: { color: t.line, opacity: i % 2 ? 0.35 : 0.12 } }, { xAxis: m.to }]) } : undefined,
    markLine: line.line === undefined ? undefined : { silent: true, symbol: "none", label: { show: false }, data: [{ yAxis: line.line }], lineStyle: { color: t.colours[line.colour], type: "dashed" } },
  })));
  chart.setOption({
    animation: false, textStyle: { fontFamily: "inherit", color: t.ink },
    grid: grids,
    title: plots.map((plot, k) => ({ text: `${plot.name}${plot.unit ? `, ${plot.unit}` : ""}`, left: 0, top: TOP_PX + k * (height + GAP_PX) - 26, textStyle: { color: t.quiet, fontSize: 12.5, fontWeight: 600 } })),
    xAxis: plots.map((_, k) => ({
      gridIndex: k, type: category ? "category" : "value", data: category ? x.values : undefined, min: category ? undefined : "dataMin", max: category ? undefined : "dataMax",
      axisLine: { lineStyle: { color: t.line } }, axisTick: { show: k === last }, splitLine: { show: false },
      axisLabel: { ...axisText(t), show: k === last, hideOverlap: true, formatter: x.format }, axisPointer: { label: { show: k === last, formatter: (p) => x.format(p.value), backgroundColor: t.quiet, color: t.panel } },
    })),
    yAxis: plots.map((plot, k) => ({
      gridIndex: k, type: "value", scale: !plot.fromZero, min: plot.min, max: plot.max, splitNumber: 2, minInterval: plot.minInterval,
      axisLabel: { ...axisText(t), formatter: plot.format, hideOverlap: true, showMinLabel: true }, splitLine: { lineStyle: { color: t.line, opacity: 0.6 } }, axisPointer: { show: false },
    })),
    axisPointer: { show: true, link: [{ xAxisIndex: "all" }], type: "line", lineStyle: { color: t.quiet }, triggerTooltip: false },
    dataZoom: zoomable ? [
      { type: "inside", xAxisIndex: plots.map((_, k) => k), filterMode: "none", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, preventDefaultMouseMove: false },
      { type: "slider", xAxisIndex: plots.map((_, k) => k), filterMode: "none", height: 26, bottom: 4, brushSelect: false, labelFormatter: (v) => x.format(v), textStyle: { color: t.quiet },
        borderColor: t.line, fillerColor: `${t.colours.belt}30`, handleStyle: { color: t.colours.belt }, showDataShadow: false },
    ] : [],
    series,
  });
  if (onPoint) chart.on("updateAxisPointer", (event) => { const info = event.axesInfo?.[0]; if (info) onPoint(info.value); });
  // It tells its first size too, which is the one that was drawn.
  const resize = new ResizeObserver(() => { if (place.clientWidth !== chart.getWidth()) chart.resize(); });
  resize.observe(place);
  const axes = plots.map((_, k) => k);
  const handle = {
    chart,
    at: (value) => { const [px] = chart.convertToPixel({ gridIndex: 0 }, [value, 0]); chart.dispatchAction({ type: "updateAxisPointer", currTrigger: "mousemove", x: px, y: TOP_PX + 5 }); },
    zoom: (from, to) => chart.dispatchAction({ type: "dataZoom", startValue: from, endValue: to, xAxisIndex: axes }),
    dispose: () => { resize.disconnect(); chart.dispose(); },
  };
  place.dataset.drawn = "true";
  return handle;
}

/** Draw again with the other colours when the user's light changes. */
export function onLight(draw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  return still();
}
