// The plan: the weeks ahead with reasons, move, skip, what-if; choose one, or write one of one's own.

import { get, post, put, remove } from "/static/api.js";
import { at, button, confirmIn, el, fill, note } from "/static/dom.js";
import { attempt, page } from "/static/shell.js";
import { asDate, clock, counted, day, duration, speedText } from "/static/words.js";

const ROLES = { walk: "walk", easy: "easy run", long: "long run", hard: "hard run" };
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const FIELDS = { day: "Day", session: "Session", length: "Length", incline: "Incline", speed: "Speed" };
let unit = "km/h";
const iso = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;

function calendar(found, changed) {
  const first = new Date();
  first.setHours(12, 0, 0, 0);
  const monday = new Date(first);
  monday.setDate(first.getDate() - (first.getDay() + 6) % 7);
  const days = Array.from({ length: 28 }, (_, k) => { const d = new Date(monday); d.setDate(monday.getDate() + k); return iso(d); });
  const today = iso(first);
  const weekdays = days.slice(0, 7).map((date) => el("li", { class: "weekday", "aria-hidden": "true" }, asDate(date).toLocaleDateString(undefined, { weekday: "short" })));
  return el("ol", { class: "calendar", "aria-label": "The weeks ahead" }, weekdays, days.map((date) => {
    const entry = found.sessions.find((s) => s.day === date), done = (found.done ?? []).find((d) => d.day === date);
    const strength = found.strength.includes(date);
    const words = [day(date), done && "run", entry && entry.title, strength && "strength"].filter(Boolean).join(", ");
    const cell = el("li", { class: [date === today && "today", date < today && "past", entry && entry.role, done && "done", !entry && !done && !strength && "empty-day"].filter(Boolean).join(" ") },
      el("span", { class: "date" }, el("span", { class: "weekday-of" }, `${asDate(date).toLocaleDateString(undefined, { weekday: "short" })} `), asDate(date).toLocaleDateString(undefined, { day: "numeric", month: "numeric" })),
      done && el("span", { class: "tag completed" }, "run"),
      entry && el("button", { type: "button", "aria-label": words, on: { click: () => changed(entry) } }, el("strong", {}, entry.title), entry.about_s && el("small", {}, duration(entry.about_s))),
      strength && el("small", {}, "strength"));
    return cell;
  }));
}

function entryCard(entry, refresh) {
  const answer = el("p", { role: "status" }), dangers = el("div");
  const to = el("input", { type: "date", id: "move-to", value: entry.day, min: iso(new Date()) });
  const act = (path, body) => attempt(answer, async () => refresh(await post(path, body)));
  return el("section", { class: "entry", id: "entry" }, el("h2", {}, `${day(entry.day)}: ${entry.title}`),
    el("p", { class: "lead" }, entry.main + (entry.share < 1 ? `, ${Math.round(100 * entry.share)} % of it` : "") + (entry.flat ? ", flat" : "")),
    note([entry.key && `Session ${entry.key} of the plan`, ROLES[entry.role], entry.at && `at ${entry.at}`, entry.about_s && `about ${duration(entry.about_s)}`].filter(Boolean).join(", ")),
    entry.problem && el("p", { class: "problem" }, entry.problem),
    entry.segments && entry.segments.length <= 6 && el("ul", { class: "notes" }, entry.segments.map((s) => el("li", {}, `${clock(s.about_s)} at ${speedText(s.speed_kmh, unit)}${s.incline_percent === null ? "" : `, ${s.incline_percent} %`}`))),
    el("h3", {}, "Why"), el("dl", { class: "why" }, Object.entries(entry.why).map(([field, reason]) => el("div", {}, el("dt", {}, FIELDS[field] ?? field), el("dd", {}, reason)))),
    entry.key && el("div", { class: "row" }, el("label", { for: "move-to" }, "Move to"), to, button("Move", () => act("/api/plan/move", { session: entry.key, to: to.value }), "main", { id: "move" }),
      button("Skip it", () => confirmIn(dangers, `Leave session ${entry.key} out? It will not come again.`, () => act("/api/plan/skip", { session: entry.key })), "plain", { id: "skip" })),
    dangers, answer);
}

function daysFields(name) {
  return el("fieldset", { class: "ticks inline" }, el("legend", {}, "Days with time"), WEEKDAYS.map((d) =>
    el("label", {}, el("input", { type: "checkbox", name, value: d, checked: true }), d[0].toUpperCase() + d.slice(1))),
  el("label", {}, "at (if you like)", el("input", { type: "time", name: `${name}_at` })));
}

function saidDays(form, name) {
  const said = new FormData(form), time = said.get(`${name}_at`);
  return said.getAll(name).map((d) => (time ? `${d} ${time}` : d)).join(", ") || "daily";
}

function planCard(plan, followed, refresh) {
  const answer = el("p", { role: "status" }), preview = el("div");
  const form = el("form", { class: "start-plan", on: { submit: async (event) => {
    event.preventDefault();
    await attempt(answer, async () => refresh(await post("/api/plan/start", { plan: plan.id, days: saidDays(form, "days"), start: new FormData(form).get("start") || "today" })));
  } } }, daysFields("days"), el("label", {}, "From", el("input", { type: "date", name: "start", min: iso(new Date()) })),
  el("div", { class: "row" }, el("button", { type: "submit", class: "main" }, "Follow this plan"),
    button("What if?", () => attempt(answer, async () => {
      const found = await get(`/api/plan/what-if?plan=${encodeURIComponent(plan.id)}&days=${encodeURIComponent(saidDays(form, "days"))}`);
      fill(preview, note("The next four weeks of it; nothing was changed."), calendar(found, () => undefined), counted(found.notes).map((text) => note(text)));
    }))), answer, preview);
  return el("details", { class: "plan", id: `plan-${plan.id}` }, el("summary", {}, el("strong", {}, plan.name), el("span", { class: "quiet" }, ` ${plan.weeks.length} weeks${plan.own ? ", your own" : ""}${followed === plan.id ? ", followed" : ""}`)),
    el("p", {}, plan.for_whom), note(`Sources: ${plan.sources.join("; ")}`), form,
    el("ol", { class: "weeks" }, plan.weeks.map((week) => el("li", {}, el("strong", {}, week.theme), el("ul", {}, week.sessions.map((s) => el("li", {}, `${s.title}: ${s.main} `, el("small", { class: "quiet" }, `${ROLES[s.role]}, ${duration(s.about_s)}`))))))),
    el("p", {}, button("Write one of my own from it", () => edit(plan))));
}

async function edit(plan) {
  const place = at("editor"), answer = el("p", { role: "status" }), dangers = el("div");
  const text = (await get(`/api/plans/${encodeURIComponent(plan.id)}`)).text;
  const name = el("input", { id: "plan-name", value: plan.own ? plan.id : `my-${plan.id}`, maxlength: 40, spellcheck: "false" });
  const area = el("textarea", { id: "plan-text", rows: 18, maxlength: 60000, spellcheck: "false", class: "code" });
  area.value = text;
  fill(place, el("section", {}, el("h2", {}, "A plan of my own"), note("It is read whole before it is kept; what is wrong is said with its line. No plan can loosen a limit."),
    el("label", { for: "plan-name" }, "Name"), name, el("label", { for: "plan-text" }, "Plan"), area,
    el("div", { class: "row" }, button("Keep it", () => attempt(answer, async () => { await put(`/api/plans/${encodeURIComponent(name.value.trim())}`, { text: area.value }); location.assign(`/plan#plan-${name.value.trim()}`); location.reload(); }), "main", { id: "keep-plan" }),
      plan.own && button("Delete it", () => confirmIn(dangers, `Delete the plan ${plan.id}?`, () => attempt(answer, async () => { await remove(`/api/plans/${encodeURIComponent(plan.id)}`); location.reload(); }))),
      button("Close", () => fill(place))), dangers, answer));
  place.scrollIntoView({ block: "start" });
}

page(async (main) => {
  const [found, plans, settings] = await Promise.all([get("/api/plan"), get("/api/plans"), get("/api/settings")]);
  unit = settings.runner.unit;
  const mine = el("div", { id: "mine" }), chosen = el("div", { id: "chosen" }), choose = el("div", { id: "choose" }), dangers = el("div");
  const refresh = (now) => {
    fill(chosen);
    if (!now.plan) {
      fill(mine, el("section", {}, el("p", { class: "lead" }, "No plan is followed."), el("p", {}, "Choose one below. Sessions come by what you really run and by how you feel; each has its reasons.")));
    } else {
      const answer = el("p", { role: "status" });
      fill(mine, el("section", {}, el("h2", {}, now.plan.name), now.stopped && el("p", { class: "alarm" }, now.stopped), calendar(now, (entry) => { fill(chosen, entryCard(entry, refresh)); at("entry").scrollIntoView({ block: "nearest" }); }),
        el("ul", { class: "notes" }, counted(now.notes).map((text) => el("li", {}, text))),
        note(`Strength of legs and core ${now.strength_a_week[0]} to ${now.strength_a_week[1]} days a week (ngo, millar).`),
        el("div", { class: "row" }, el("a", { class: "button plain", href: "/api/plan.ics", download: "" }, "As a calendar file"),
          button("Stop following it", () => confirmIn(dangers, "Follow this plan no more? What you ran stays.", () => attempt(answer, async () => { await post("/api/plan/stop"); refresh({ plan: null }); })))), dangers, answer));
    }
    fill(choose, plans.map((plan) => planCard(plan, now.plan?.id, refresh)));
  };
  fill(main, el("h1", {}, "Plan"), mine, chosen, el("div", { id: "editor" }), el("section", {}, el("h2", {}, "Plans"), choose));
  refresh(found);
  const wanted = location.hash.startsWith("#plan-") && at(location.hash.slice(1));
  if (wanted) { wanted.open = true; wanted.scrollIntoView(); }
});
