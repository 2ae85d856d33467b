// Sessions: the list with filters and totals, one of them with its plots and whys, two side by side.

import { get, remove } from "/static/api.js";
import { at, button, confirmIn, el, fact, facts, fill, note, table } from "/static/dom.js";
import { attempt, page } from "/static/shell.js";
import { clock, distance, distanceText, duration, isPace, KM_PER_MILE, moment, plural, speed, speedText } from "/static/words.js";

// One session is asked for, and the plots' library is on its way, before the page's frame is there.
const asked = new URLSearchParams(location.search).get("id");
const early = asked && get(`/api/sessions/${asked}`);
if (early) {
  early.catch(() => undefined);  // said where it is waited for
  import("/static/charts.js").catch(() => undefined);
}

const STATES = { "": "All", completed: "Completed", stopped: "Stopped", interrupted: "Interrupted", imported: "Imported" };
const HELD = { 60: "1 min", 300: "5 min", 600: "10 min", 1200: "20 min", 2400: "40 min" };
let unit = "km/h";

// -- the list ------------------------------------------------------------------------

function sessionLine(row, picked) {
  const pick = row.has_log && el("input", { type: "checkbox", "aria-label": `Compare session ${row.id}`, value: row.id, on: { change: picked } });
  return el("li", {}, el("a", { href: `/sessions?id=${row.id}` }, el("strong", {}, row.title), el("span", { class: "quiet" }, ` ${moment(row.started_unix_s)}`)),
    el("p", {}, `${duration(row.belt_time_s)}, ${distanceText(row.distance_m, unit)}, top ${speedText(row.top_speed_kmh, unit)}${row.mean_heart_rate_bpm ? `, pulse ${Math.round(row.mean_heart_rate_bpm)}` : ""}`),
    el("p", { class: "row" }, el("span", { class: `tag ${row.state}` }, row.state), pick && el("label", { class: "tick" }, pick, "compare")));
}

async function list(main) {
  const results = el("div", { id: "results" });
  const show = async () => {
    const said = new URLSearchParams(new FormData(form));
    const found = await get(`/api/sessions?limit=200&${said}`);
    const compare = el("p", { hidden: true }, el("a", { class: "button main", href: "#" }, "Compare these two"));
    const picked = () => {
      const chosen = [...results.querySelectorAll("input:checked")].map((box) => box.value);
      compare.hidden = chosen.length !== 2;
      compare.firstChild.href = `/sessions?compare=${chosen.join(",")}`;
    };
    fill(results, facts(fact("Sessions", found.totals.sessions), fact("On the belt", duration(found.totals.belt_time_s)),
      fact("Distance", ...distance(found.totals.distance_m, unit))), compare,
    found.sessions.length ? el("ul", { class: "sessions" }, found.sessions.map((row) => sessionLine(row, picked)))
      : el("p", { class: "empty" }, found.in_all ? "No session fits." : "No session yet. Start one on Today, or see a simulated one: treadcoach demo."));
  };
  const form = el("form", { class: "filters", on: { submit: (event) => event.preventDefault(), input: () => attempt(problem, show) } },
    el("label", {}, "Words", el("input", { name: "words", maxlength: 100, type: "search" })),
    el("label", {}, "State", el("select", { name: "state" }, Object.entries(STATES).map(([value, name]) => el("option", { value }, name)))),
    el("label", {}, "Since", el("input", { name: "since", type: "date" })));
  const problem = el("p", { role: "status" });
  fill(main, el("h1", {}, "Sessions"), el("section", {}, form, problem, results));
  await show();
}

// -- one -----------------------------------------------------------------------------

const axis = (v) => Number(v.toFixed(1)).toString();
const unitFactor = () => (unit === "mph" || unit === "min/mi" ? 1 / KM_PER_MILE : 1);

/** Speeds are drawn in km/h or mph, also for who reads paces: a pace of a standing belt has no place on an axis. */
function plotsOf(found) {
  const curves = found.curves, k = unitFactor(), out = [];
  const has = (name) => curves[name] !== undefined;
  const scaled = (values) => values.map((v) => (v === null ? null : v * k));
  out.push({ name: "Speed", unit: k === 1 ? "km/h" : "mph", fromZero: true, format: axis, series: [
    has("ordered_kmh") && { name: "ordered", colour: "target", values: scaled(curves.ordered_kmh), dashed: true, step: true },
    has("speed_kmh") && { name: "belt", colour: "belt", values: scaled(curves.speed_kmh) }].filter(Boolean) });
  if (has("incline_percent") || has("ordered_percent")) out.push({ name: "Incline", unit: "%", format: axis, min: 0, series: [
    has("ordered_percent") && { name: "ordered", colour: "target", values: curves.ordered_percent, dashed: true, step: true },
    has("incline_percent") && { name: "belt", colour: "belt", values: curves.incline_percent, step: true }].filter(Boolean) });
  if (has("heart_rate_bpm")) out.push({ name: "Pulse", unit: "/min", format: axis, series: [{ name: "pulse", colour: "pulse", values: curves.heart_rate_bpm }] });
  if (has("cadence_spm")) out.push({ name: "Cadence", unit: "steps/min", format: axis, series: [{ name: "cadence", colour: "other", values: curves.cadence_spm }] });
  for (const sensor of found.form_curves) {
    for (const [name, [words, metricUnit]] of Object.entries(sensor.labels)) {
      out.push({ name: `${words[0].toUpperCase()}${words.slice(1)} (${sensor.sensor})`, unit: metricUnit, format: axis,
        series: [{ name, colour: "form", values: onAxis(curves.t_s, sensor.curves.t_s, sensor.curves[name]) }] });
    }
  }
  if (found.issues.length) out.push(issuePlot(found));
  return out;
}

/** Each issue is a line of its own while it is up. */
function issuePlot(found) {
  const names = [...new Map(found.issues.map((i) => [i.id, i.name])).entries()].sort();
  return { name: `Form issues: ${names.map(([id, name]) => `${id} ${name.toLowerCase()}`).join(", ")}`, unit: "", min: 0, max: names.length + 1, minInterval: 1,
    format: (v) => names[v - 1]?.[0] ?? "", words: (v) => names[v - 1]?.[1] ?? "",
    series: names.map(([id, name], k) => ({ name, colour: "target", values: found.curves.t_s.map((t) => (found.issues.some((i) => i.id === id && t >= i.start_s && t <= i.end_s) ? k + 1 : null)) })) };
}

/** Values of another time axis, each at the nearest point of ours within 3 s of it (or of a step of ours). */
function onAxis(ours, theirs, values) {
  const out = new Array(ours.length).fill(null);
  const reach = Math.max(3, ours.length > 1 ? ours[1] - ours[0] : 3);
  let k = 0;
  for (let i = 0; i < ours.length; i += 1) {
    while (k + 1 < theirs.length && Math.abs(theirs[k + 1] - ours[i]) <= Math.abs(theirs[k] - ours[i])) k += 1;
    if (theirs.length && Math.abs(theirs[k] - ours[i]) <= reach) out[i] = values[k];
  }
  return out;
}

function readout(found, plots) {
  const place = el("p", { class: "readout", "aria-live": "off" }, "Point at the plots, or choose a line below.");
  const ours = found.curves.t_s;
  return { place, show: (t_s) => {
    let i = ours.findIndex((t) => t >= t_s);
    if (i < 0) i = ours.length - 1;
    const phase = found.phases.find((p) => t_s >= p.start_s && t_s <= p.end_s);
    const values = plots.flatMap((plot) => plot.series.map((line) => {
      const v = line.values[i];
      if (v === null || v === undefined) return null;
      if (plot.words) return plot.words(v).toLowerCase();
      if (plot.name === "Speed" && isPace(unit)) return `${line.name} ${speedText(v / unitFactor(), unit)}`;
      return `${plot.series.length > 1 ? line.name : plot.name.toLowerCase()} ${axis(v)} ${plot.unit}`;
    })).filter(Boolean);
    place.textContent = `${clock(ours[i])}${phase ? ` ${phase.words}` : ""}: ${values.join(" · ")}`;
  } };
}

function whyList(found, chosen) {
  const lines = [
    ...found.why.map((w) => ({ t_s: w.t_s, end_s: w.end_s, kind: w.kind, text: `${w.to}${w.steps > 1 ? ` in ${w.steps} steps` : ""}`, more: w.reason + (w.odd.length ? ` [${w.odd.join(", ")}]` : "") })),
    ...found.events.map((e) => ({ t_s: e.t_s, end_s: e.t_s, kind: e.kind === "form" ? "form" : e.level, text: "", more: e.text })),
  ].sort((a, b) => a.t_s - b.t_s);
  const wanted = el("select", { "aria-label": "Show", on: { change: () => show() } },
    [["", "Everything"], ["belt", "What the belt did"], ["said", "What was said"]].map(([value, name]) => el("option", { value }, name)));
  const place = el("ol", { class: "whys", id: "whys" });
  const isBelt = (line) => ["speed", "incline", "start", "stop"].includes(line.kind);
  const show = () => fill(place, lines.filter((l) => !wanted.value || (wanted.value === "belt") === isBelt(l)).map((line) =>
    el("li", { class: line.kind }, el("button", { type: "button", on: { click: () => chosen(line) } },
      el("time", {}, clock(Math.max(0, line.t_s))), line.text && el("strong", {}, line.text), el("span", {}, line.more)))));
  show();
  return el("section", {}, el("h2", {}, "Why the belt did what it did"), el("div", { class: "row" }, wanted, note("A line shows its moment in the plots.")), place);
}

function formCard(form) {
  if (!form || !form.sensors?.length) return null;
  const rows = form.sensors.flatMap((s) => Object.entries(s.medians).flatMap(([gait, medians]) => Object.entries(medians).map(([name, value]) => {
    const trust = s.trust[name] ?? {};
    return [s.name, gait, name.replaceAll("_", " "), Number(value.toFixed(2)).toString(), [trust.tier, trust.error].filter(Boolean).join(", ")];
  })));
  return el("section", {}, el("h2", {}, "Running form"),
    form.issues.length ? el("ul", { class: "notes" }, form.issues.map((i) => el("li", {}, el("a", { href: `/guidance#${i.id}` }, i.name), `: ${plural(i.times, "time", "times")}, ${clock(i.seconds)}; cued ${plural(i.cues, "time", "times")}`))) : el("p", {}, "No issue was seen."),
    form.exercises.length > 0 && el("p", {}, `Exercises for it: ${form.exercises.map((e) => e.name).join(", ")}. `, el("a", { href: "/exercises" }, "Show them")),
    el("details", {}, el("summary", {}, "Medians, with how far each can be trusted"), table("Medians", ["Sensor", "Gait", "What", "Value", "Trust"], rows)),
    note("Form compares you with yourself; it is no diagnosis."));
}

function minutes(found) {
  const rows = [];
  const c = found.curves;
  for (let i = 0; i < c.t_s.length; i += 1) {
    const minute = Math.floor(c.t_s[i] / 60);
    if (rows.length && rows[rows.length - 1].minute === minute) continue;
    rows.push({ minute, cells: [`${minute} min`, speedText(c.speed_kmh?.[i] ?? null, unit), c.incline_percent?.[i] === undefined || c.incline_percent[i] === null ? "–" : `${axis(c.incline_percent[i])} %`, c.heart_rate_bpm?.[i] ? Math.round(c.heart_rate_bpm[i]).toString() : "–", c.cadence_spm?.[i] ? Math.round(c.cadence_spm[i]).toString() : "–"] });
  }
  return el("details", {}, el("summary", {}, "The same as a table"), table("Minute by minute", ["At", "Speed", "Incline", "Pulse", "Cadence"], rows.map((r) => r.cells)));
}

function headOf(found) {
  const head = found.head;
  return [facts(fact("On the belt", clock(head.belt_time_s)), fact("Distance", ...distance(head.distance_m, unit)),
    fact("Top", ...speed(head.top_speed_kmh, unit)), fact("Mean pulse", head.mean_heart_rate_bpm ? Math.round(head.mean_heart_rate_bpm) : "–", head.mean_heart_rate_bpm ? "/min" : ""),
    ...Object.entries(HELD).filter(([s]) => head.held[s]).map(([s, words]) => fact(`Best ${words}`, ...speed(head.held[s], unit))))];
}

async function plotInto(place, found, plots, read) {
  const { onLight, stacked } = await import("/static/charts.js");
  let handle = null;
  const draw = () => {
    handle?.dispose();
    handle = stacked(place, { x: { kind: "value", values: found.curves.t_s, format: (v) => clock(v) }, plots, marks: found.phases.map((p) => ({ from: p.start_s, to: p.end_s, words: p.words })), onPoint: read.show });
  };
  draw();
  onLight(draw);
  return { at: (v) => handle.at(v), zoom: (a, b) => handle.zoom(a, b) };
}

async function one(main, number) {
  const found = await (early && String(number) === asked ? early : get(`/api/sessions/${number}`));
  const head = found.head, answer = el("p", { role: "status" });
  const dangers = el("div");
  const tail = el("section", {}, el("h2", {}, "This session's data"),
    el("div", { class: "row" }, head.has_log && [["fit", "FIT, for Garmin and Strava"], ["tcx", "TCX"], ["csv", "CSV, a line a second"]].map(([kind, words]) =>
      el("a", { class: "button plain", href: `/api/sessions/${number}/file.${kind}`, download: "" }, words)),
      button("Delete this session", () => confirmIn(dangers, `Delete session ${number} for good? It will no longer count for the weekly ceiling.`, async () => {
        if (await attempt(answer, () => remove(`/api/sessions/${number}`))) location.assign("/sessions");
      }))), dangers, answer);
  const title = [el("p", {}, el("a", { href: "/sessions" }, "All sessions")), el("h1", {}, head.title),
    note(`Session ${number}, ${moment(head.started_unix_s)}, ${head.machine || "no machine"}: ${head.state}`)];
  if (!head.has_log) {
    fill(main, title, el("section", {}, headOf(found), el("p", {}, head.state === "imported" ? "Imported: its totals and what was held count for the weekly ceiling; it has no log." : "It is running: see Live.")), tail);
    return;
  }
  const plots = plotsOf(found), read = readout(found, plots), place = el("div", { id: "plots", class: "plots", role: "img", "aria-label": `Plots over time: ${plots.map((p) => p.name).join(", ")}. The table below has the same values.` });
  let hand = null;
  const chosen = (line) => {
    const end = found.curves.t_s.at(-1);
    hand?.zoom(Math.max(0, line.t_s - 90), Math.min(end, line.end_s + 90));
    hand?.at(line.t_s);
    read.show(line.t_s);
    place.scrollIntoView({ block: "nearest" });
  };
  fill(main, title,
    el("section", {}, headOf(found),
      el("p", {}, `Ceiling: ${speedText(found.ceiling.kmh, unit)} (${found.ceiling.reason})`),
      found.ended && head.state !== "completed" && el("p", {}, `Ended: ${found.ended}`), found.advice && el("p", { class: "alarm" }, found.advice),
      found.notes.length > 0 && el("ul", { class: "notes" }, found.notes.map((text) => el("li", {}, text))),
      found.check_ins.map((c) => note(`Said ${c.moment} it: ${[c.pain !== null && `pain ${c.pain}`, c.effort !== null && `effort ${c.effort}`, ...c.signs.map((s) => s.replace("_", " ")), c.sleep_h !== null && `${c.sleep_h} h slept`, c.where].filter(Boolean).join(", ")}.`))),
    found.curves.t_s.length > 1 ? el("section", {}, el("div", { class: "row between" }, el("h2", {}, "Over time"), button("All of it", () => hand?.zoom(0, found.curves.t_s.at(-1)), "plain", { id: "zoom-out" })),
      legend(), read.place, place, minutes(found)) : el("p", { class: "empty" }, "Nothing was recorded."),
    whyList(found, chosen), formCard(found.form), tail);
  if (found.curves.t_s.length > 1) hand = await plotInto(place, found, plots, read);
}

const legend = () => el("p", { class: "legend" }, el("span", { class: "key belt" }), "belt ", el("span", { class: "key target" }), "ordered");

// -- two -----------------------------------------------------------------------------

async function compare(main, numbers) {
  const [a, b] = await Promise.all(numbers.map((n) => get(`/api/sessions/${n}`)));
  if (!a.curves || !b.curves) throw new Error("One of these sessions has no log to compare.");
  const names = [a, b].map((f) => `${f.head.id}: ${f.head.title}`);
  const row = (name, of) => [name, of(a), of(b)];
  const shared = [...new Set([...a.curves.t_s, ...b.curves.t_s])].sort((x, y) => x - y).filter((_, i, all) => i % Math.ceil(all.length / 1000) === 0);
  const k = unitFactor();
  const plots = [["speed_kmh", "Speed", k === 1 ? "km/h" : "mph", k], ["heart_rate_bpm", "Pulse", "/min", 1], ["cadence_spm", "Cadence", "steps/min", 1], ["incline_percent", "Incline", "%", 1]]
    .filter(([name]) => a.curves[name] || b.curves[name]).map(([name, words, plotUnit, factor]) => ({ name: words, unit: plotUnit, format: axis, series: [[a, "belt"], [b, "target"]].map(([f, colour], i) => ({
      name: names[i], colour, dashed: i === 1, values: onAxis(shared, f.curves.t_s, f.curves[name] ?? []).map((v) => (v === null || v === undefined ? null : v * factor)) })) }));
  const place = el("div", { id: "plots", class: "plots", role: "img", "aria-label": `Both sessions over time: ${plots.map((p) => p.name).join(", ")}` });
  fill(main, el("p", {}, el("a", { href: "/sessions" }, "All sessions")), el("h1", {}, "Two sessions"),
    el("p", { class: "legend" }, el("span", { class: "key belt" }), `${names[0]} `, el("span", { class: "key target" }), names[1]),
    el("section", {}, table("Figures of both", ["Figure", ...names], [
      row("Started", (f) => moment(f.head.started_unix_s)), row("State", (f) => f.head.state), row("On the belt", (f) => clock(f.head.belt_time_s)),
      row("Distance", (f) => distanceText(f.head.distance_m, unit)), row("Top speed", (f) => speedText(f.head.top_speed_kmh, unit)),
      row("Mean pulse", (f) => (f.head.mean_heart_rate_bpm ? `${Math.round(f.head.mean_heart_rate_bpm)} /min` : "–")),
      ...Object.entries(HELD).filter(([s]) => a.head.held[s] || b.head.held[s]).map(([s, words]) => row(`Best ${words}`, (f) => speedText(f.head.held[s] ?? null, unit))),
      row("Form issues", (f) => f.form?.issues.map((i) => i.name).join(", ") || "none seen")])),
    el("section", {}, el("h2", {}, "Over time"), place));
  const { stacked } = await import("/static/charts.js");
  stacked(place, { x: { kind: "value", values: shared, format: (v) => clock(v) }, plots });
}

page(async (main) => {
  unit = (await get("/api/settings")).runner.unit;
  const asked = new URLSearchParams(location.search);
  const pair = (asked.get("compare") ?? "").split(",").map(Number).filter((n) => n > 0);
  if (pair.length === 2) await compare(main, pair);
  else if (Number(asked.get("id")) > 0) await one(main, Number(asked.get("id")));
  else await list(main);
});
