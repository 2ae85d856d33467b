// Progress: weekly distance, time and speed under its ceiling, pulse at a speed, form with error bands, pain, screens.

import { get } from "/static/api.js";
import { el, fill, note, table } from "/static/dom.js";
import { page } from "/static/shell.js";
import { asDate, day, duration, KM_PER_MILE, speedText } from "/static/words.js";

const HELD = { 60: "1 min", 300: "5 min", 1200: "20 min" };
const short = (iso) => asDate(iso).toLocaleDateString(undefined, { day: "numeric", month: "short" });
const round = (v) => Number(v.toFixed(1)).toString();

function weekPlots(weeks, unit) {
  const imperial = unit === "mph" || unit === "min/mi", k = imperial ? 1 / KM_PER_MILE : 1;
  const held = Object.entries(HELD).map(([s, words]) => ({ name: `Best ${words}, with the week's ceiling`, unit: imperial ? "mph" : "km/h", format: round, series: [
    { name: "ceiling", colour: "target", values: weeks.map((w) => w.ceiling[s] * k), dashed: true, step: false },
    { name: "held", colour: "belt", values: weeks.map((w) => (w.held[s] === null ? null : w.held[s] * k)), symbols: true }] }));
  return [
    { name: "Distance", unit: imperial ? "mi" : "km", fromZero: true, format: round, series: [{ name: "distance", colour: "belt", bars: true, values: weeks.map((w) => w.distance_m / 1000 * k) }] },
    { name: "On the belt", unit: "min", fromZero: true, format: round, series: [{ name: "time", colour: "belt", bars: true, values: weeks.map((w) => w.belt_time_s / 60) }] },
    ...held];
}

function pulsePlots(pulse, unit) {
  const bySpeed = new Map();
  for (const p of pulse) bySpeed.set(p.speed_kmh, [...(bySpeed.get(p.speed_kmh) ?? []), p]);
  const common = [...bySpeed.entries()].filter(([, points]) => points.length > 1).sort((a, b) => b[1].length - a[1].length).slice(0, 4).sort((a, b) => a[0] - b[0]);
  const days = [...new Set(common.flatMap(([, points]) => points.map((p) => p.day)))].sort();
  return { days, plots: common.map(([kmh, points]) => ({ name: `Pulse at ${speedText(kmh, unit)}`, unit: "/min", format: round, series: [{ name: "pulse", colour: "pulse", symbols: true, values: days.map((d) => points.find((p) => p.day === d)?.bpm ?? null) }] })) };
}

/** The value with its error band: two lines that are not drawn, and what lies between them. */
function formPlots(form) {
  const days = [...new Set(form.flatMap((f) => f.points.map((p) => p.day)))].sort();
  return { days, plots: form.map((f) => {
    const points = days.map((d) => f.points.findLast((p) => p.day === d) ?? null);
    const banded = points.some((p) => p?.band);
    return { name: `${f.words}, ${f.gait} (${[f.tier, f.error].filter(Boolean).join(", ")})`, unit: f.unit, format: round, series: [
      ...(banded ? [{ name: "lower", colour: "form", values: points.map((p) => (p?.band ? p.value - p.band : null)), invisible: true, stack: f.metric + f.gait, silent: true },
        { name: "band", colour: "form", values: points.map((p) => (p?.band ? 2 * p.band : null)), invisible: true, stack: f.metric + f.gait, area: true, silent: true }] : []),
      { name: f.words, colour: "form", symbols: true, values: points.map((p) => p?.value ?? null) }] };
  }) };
}

const category = (days) => ({ kind: "category", values: days, format: (v) => (typeof v === "string" ? short(v) : days[v] ? short(days[v]) : "") });

function chart(title, words, label) {
  const place = el("div", { class: "plots", role: "img", "aria-label": label });
  return { place, card: el("section", {}, el("h2", {}, title), words, place) };
}

page(async (main) => {
  const weeks = Number(new URLSearchParams(location.search).get("weeks")) || 16;
  const [found, settings] = await Promise.all([get(`/api/progress?weeks=${weeks}`), get("/api/settings")]);
  const unit = settings.runner.unit;
  const choice = el("nav", { class: "tabs", "aria-label": "How far back" }, [[8, "8 weeks"], [16, "16 weeks"], [52, "A year"], [156, "3 years"]].map(([n, name]) => el("a", { href: `/progress?weeks=${n}`, "aria-current": n === weeks && "page" }, name)));
  if (!found.weeks.some((w) => w.sessions)) {
    fill(main, el("h1", {}, "Progress"), choice, el("section", {}, el("p", { class: "empty" }, "Nothing was run in these weeks. After a first session its distance, speeds and pulse are here, week by week.")));
    return;
  }
  const load = chart("Week by week", note("The ceiling is 1.15 times the best of the last training week, and at most your own maximum (A2)."), "Distance, time and speeds held by week; the table below has the same values.");
  const table_ = el("details", {}, el("summary", {}, "The same as a table"), table("Weeks", ["Week of", "Sessions", "On the belt", "Distance", "Best 1 min", "Ceiling"],
    found.weeks.map((w) => [day(w.monday), w.sessions, duration(w.belt_time_s), `${round(w.distance_m / 1000 / (unit.includes("m") && (unit === "mph" || unit === "min/mi") ? KM_PER_MILE : 1))}`, speedText(w.held[60], unit), speedText(w.ceiling[60], unit)])));
  load.card.append(table_);
  const pulse = pulsePlots(found.pulse, unit), form = formPlots(found.form);
  const pulseCard = chart("Pulse at a given speed", note("The mean of each day with at least two minutes at that speed. A lower pulse at the same speed is progress; heat, sleep and coffee move it too."), "Pulse at common speeds by day");
  const formCard = chart("Running form", note("Medians of each session, with the error band where one is known. It compares you with yourself; it is no diagnosis."), "Form by session");
  const pains = found.pain.filter((p) => p.pain !== null || p.effort !== null);
  const painCard = chart("Pain and effort, as you said", note("0 is fine."), "Pain and effort by day");
  const screens = Object.entries(found.screens);
  fill(main, el("h1", {}, "Progress"), choice, load.card,
    pulse.plots.length ? pulseCard.card : el("section", {}, el("h2", {}, "Pulse at a given speed"), el("p", { class: "empty" }, "With a pulse sensor and two sessions at the same speed, it is here.")),
    form.plots.length ? formCard.card : el("section", {}, el("h2", {}, "Running form"), el("p", { class: "empty" }, "With a sensor that feels your steps, it is here.")),
    pains.length ? painCard.card : el("section", {}, el("h2", {}, "Pain and effort"), el("p", { class: "empty" }, "What you say in check-ins is here.")),
    el("section", {}, el("h2", {}, "Screens and strength"), screens.length ? el("ul", { class: "notes" }, screens.map(([id, results]) => el("li", {}, `${id.replaceAll("-", " ")}: ${results.map((r) => `${day(r.day)} ${r.passed ? "passed" : "not passed"}`).join(", ")}`))) : note("No screen was written down yet."),
      note(found.strength.length ? `Strength on ${found.strength.map(day).join(", ")}.` : "No strength work was written down in these weeks.")));
  const { onLight, stacked } = await import("/static/charts.js");
  let handles = [];
  const draw = () => {
    handles.forEach((h) => h.dispose());
    handles = [stacked(load.place, { x: category(found.weeks.map((w) => w.monday)), plots: weekPlots(found.weeks, unit), zoomable: false })];
    if (pulse.plots.length) handles.push(stacked(pulseCard.place, { x: category(pulse.days), plots: pulse.plots, zoomable: false }));
    if (form.plots.length) handles.push(stacked(formCard.place, { x: category(form.days), plots: form.plots, zoomable: false, height: 72 }));
    if (pains.length) {
      const days = [...new Set(pains.map((p) => p.day))].sort();
      const last = (name) => days.map((d) => pains.filter((p) => p.day === d && p[name] !== null).at(-1)?.[name] ?? null);
      handles.push(stacked(painCard.place, { x: category(days), zoomable: false, plots: [
        { name: "Pain", unit: "0 to 10", min: 0, max: 10, format: round, series: [{ name: "pain", colour: "pulse", symbols: true, values: last("pain") }] },
        { name: "Effort", unit: "0 to 10", min: 0, max: 10, format: round, series: [{ name: "effort", colour: "other", symbols: true, values: last("effort") }] }] }));
    }
  };
  draw();
  onLight(draw);
});
