// Today: the next session and why, what the body says, what is due, and whether the devices are there.

import { get, post } from "/static/api.js";
import { at, button, el, fact, facts, fill, note } from "/static/dom.js";
import { attempt, onState, page, state } from "/static/shell.js";
import { clock, counted, day, distanceText, duration, plural, speedText } from "/static/words.js";

const SIGNS = [
  ["radiating", "Pain that shoots or radiates, such as down a leg"], ["spreading", "Pain that spreads"],
  ["chronic", "Pain that stays whatever I do"], ["spasm", "An acute spasm"],
  ["unwell", "Dizzy, sick, chest pain or otherwise unwell"], ["not_right", "Something does not feel right"],
];
const FIELDS = { day: "Day", session: "Session", length: "Length", incline: "Incline", speed: "Speed" };
let unit = "km/h";

export function whyList(why) {
  return el("dl", { class: "why" }, Object.entries(why).map(([field, reason]) =>
    el("div", {}, el("dt", {}, FIELDS[field] ?? field), el("dd", {}, reason))));
}

export function segmentBars(segments) {
  const most = Math.max(...segments.map((s) => s.speed_kmh), 1);
  const bars = segments.map((s) => {
    const bar = el("span", { title: `${clock(s.about_s)} at ${speedText(s.speed_kmh, unit)}` });
    bar.style.flexGrow = s.about_s;
    bar.style.height = `${20 + 80 * s.speed_kmh / most}%`;
    return bar;
  });
  const words = segments.slice(0, 12).map((s) => `${clock(s.about_s)} at ${speedText(s.speed_kmh, unit)}`).join(", ");
  return el("div", { class: "bars", role: "img", "aria-label": `Main set: ${words}${segments.length > 12 ? " and so on" : ""}` }, bars);
}

async function begin(body, answer) {
  if (await attempt(answer, () => post("/api/session", body))) location.assign("/live");
}

function sessionCard(today) {
  const answer = el("p", { role: "status", id: "session-answer" });
  const head = el("h1", { id: "today-title" }, day(today.day));
  if (today.refused) {
    return el("section", { class: "verdict stop" }, head, el("p", { class: "lead", role: "alert" }, today.refused),
      note("This compares you with yourself and with the documents; it is no diagnosis."));
  }
  const ceiling = today.ceiling && note(`This week up to ${speedText(today.ceiling.kmh, unit)}: ${today.ceiling.reason}.`);
  const notes = today.notes.length > 0 && el("ul", { class: "notes" }, counted(today.notes).map((text) => el("li", {}, text)));
  const entry = today.session;
  if (!entry) {
    const words = today.plan?.stopped ?? (today.plan ? "Nothing is planned for today." : "No plan is followed yet.");
    return el("section", {}, head, el("p", { class: "lead" }, words),
      today.next && el("p", {}, `Next: ${day(today.next.day)}, ${today.next.title}.`),
      !today.plan && el("p", {}, el("a", { class: "button main", href: "/plan" }, "Choose a plan")),
      notes, ceiling, answer);
  }
  return el("section", {}, head,
    el("h2", {}, entry.title), entry.at && el("p", {}, `At ${entry.at}`),
    el("p", { class: "lead" }, entry.main + (entry.share < 1 ? `, ${Math.round(100 * entry.share)} % of it` : "")),
    entry.segments?.length > 1 && segmentBars(entry.segments),
    entry.about_s && note(`About ${duration(entry.about_s)} on the belt, warm-up and cool-down besides.`),
    entry.problem && el("p", { class: "problem" }, entry.problem),
    el("button", { type: "button", class: "main wide", id: "connect-today", on: { click: () => begin({ today: true }, answer) } }, "Connect and get ready"),
    answer, notes, ceiling,
    el("details", {}, el("summary", {}, "Why this session"), whyList(entry.why)));
}

function scale(name, legend, labels) {
  return el("fieldset", { class: "scale" }, el("legend", {}, legend), Array.from({ length: 11 }, (_, value) =>
    el("label", {}, el("input", { type: "radio", name, value }), String(value))),
  note(labels));
}

function checkInCard(today) {
  const answer = el("div", { role: "status", class: "ruling" });
  const form = el("form", { id: "checkin", on: { submit: async (event) => {
    event.preventDefault();
    const said = new FormData(form);
    const number = (name) => said.get(name) ? Number(said.get(name)) : null;
    const body = {
      moment: said.get("moment"), pain: number("pain"), effort: said.get("moment") === "after" ? number("effort") : null,
      signs: said.getAll("signs"), where: said.get("where") ?? "", sleep_h: number("sleep_h"),
    };
    const place = el("p");
    fill(answer, place);
    if (!await attempt(place, async () => {
      const ruling = await post("/api/checkin", body);
      const words = { go: "Good to go.", lighten: "An easy walk today.", rest: "Rest today.", stop: "The plan stops here." };
      fill(answer, el("p", { class: "lead" }, words[ruling.verdict]), ruling.reasons.map((text) => el("p", {}, text)),
        note("This compares you with yourself and with the documents; it is no diagnosis."));
    })) return;
    fill(at("session-place"), sessionCard(await get("/api/today")));
  } } },
  el("fieldset", { class: "choice" }, el("legend", {}, "When"),
    el("label", {}, el("input", { type: "radio", name: "moment", value: "before", checked: true }), "Before a session"),
    el("label", {}, el("input", { type: "radio", name: "moment", value: "after" }), "After one")),
  scale("pain", "How does your back feel?", "0: fine; 10: as bad as can be"),
  scale("effort", "How hard was it? (after a session)", "0: nothing at all; 10: as hard as can be"),
  el("fieldset", { class: "ticks" }, el("legend", {}, "Anything of this?"), SIGNS.map(([sign, words]) =>
    el("label", {}, el("input", { type: "checkbox", name: "signs", value: sign }), words))),
  el("div", { class: "fields" },
    el("label", {}, "Where, if it hurts", el("input", { name: "where", maxlength: 200 })),
    el("label", {}, "Hours slept", el("input", { name: "sleep_h", type: "number", min: 0, max: 24, step: 0.5, inputmode: "decimal" }))),
  el("button", { type: "submit", class: "main" }, "Write it down"), answer);
  return el("section", {}, el("h2", {}, "How are you?"),
    note(today.checked_in ? "You said how you are today. You may say so again." : "What you say here bounds what today allows."), form);
}

function dueCard(today) {
  const lines = [];
  if (today.newcomer) {
    lines.push(el("p", {}, `First session: over ${today.physician_from_age} or with pre-existing problems, see a physician before you begin a programme. Start slow; build up gradually.`));
  }
  if (today.strength_due) lines.push(el("p", {}, "Today is a day for strength. ", el("a", { href: "/exercises?set=strength" }, "Show the exercises")));
  if (today.screens_due.length) {
    lines.push(el("p", {}, `${plural(today.screens_due.length, "screen is", "screens are")} due: ${today.screens_due.map((s) => s.name).join(", ")}. `,
      el("a", { href: "/exercises?set=screens" }, "Show them")));
  }
  return lines.length ? el("section", {}, el("h2", {}, "Due"), lines) : null;
}

function devicesCard() {
  const list = el("ul", { class: "devices", id: "devices" }), answer = el("p", { role: "status" });
  const look = () => attempt(answer, () => post("/api/look"));
  onState((now) => {
    if (now.heard === null) {
      fill(list, el("li", { class: "quiet" }, now.state === "idle" ? "Listening …" : "The radio is in use."));
      return;
    }
    const wanted = now.heard.filter((d) => d.kind !== "machine");
    fill(list, wanted.length ? wanted.map((d) => el("li", {}, el("strong", {}, d.name), ` ${d.kind === "treadmill" ? "treadmill" : d.offers.join(", ")}`,
      el("small", {}, ` ${d.known ? "yours, " : ""}${d.rssi_dbm} dBm`)))
      : el("li", { class: "quiet" }, "None was heard. Switch the treadmill on; its own app must not be connected to it."));
  });
  if (state.state === "idle" && state.heard === null) look();
  return el("section", {}, el("h2", {}, "Devices"), list, el("div", { class: "row" }, button("Look again", look),
    el("a", { class: "button plain", href: "/settings#devices" }, "Choose which are meant")), answer);
}

function shoesCard(today) {
  const worn = today.shoes.filter((pair) => !pair.retired);
  if (!worn.length) return null;
  return el("section", {}, el("h2", {}, "Shoes"), facts(...worn.map((pair) => fact(pair.name, distanceText(pair.distance_m, unit), pair.advice))));
}

function otherCard() {
  const answer = el("p", { role: "status", id: "prepare-answer" });
  const form = el("form", { id: "prepare", on: { submit: (event) => {
    event.preventDefault();
    const said = new FormData(form);
    const text = (name) => said.get(name).trim() || null;
    begin({ workout: text("workout"), incline: text("incline"), warm_up: text("warm_up"), stretch_break: said.has("stretch_break") }, answer);
  } } },
  el("label", { for: "workout" }, "Main set, in words or by name"),
  el("textarea", { id: "workout", name: "workout", rows: 3, maxlength: 4000, spellcheck: "false", placeholder: "5 min @ walk + 4 x (1 min @ jog + 2 min @ walk)" }),
  note("Left empty: a guided walk. Warm-up and cool-down are added, and everything stays inside this week's ceiling."),
  el("details", {}, el("summary", {}, "More"), el("div", { class: "fields" },
    el("label", {}, "Incline", el("input", { name: "incline", placeholder: "2 %", maxlength: 20 })),
    el("label", {}, "Warm-up", el("input", { name: "warm_up", placeholder: "6 min", maxlength: 20 })),
    el("label", { class: "tick" }, el("input", { type: "checkbox", name: "stretch_break" }), "Stop for stretches after the warm-up"))),
  el("button", { type: "submit", class: "main", id: "connect" }, "Connect"), answer);
  return el("section", {}, el("h2", {}, "Something else"), form);
}

page(async (main) => {
  const [today, settings] = await Promise.all([get("/api/today"), get("/api/settings")]);
  unit = settings.runner.unit;
  const live = el("section", { class: "verdict", id: "live-note", hidden: true }, el("p", { class: "lead" }, "A session is on."),
    el("a", { class: "button main", href: "/live" }, "Go to it"));
  const message = el("p", { id: "message", role: "status" });
  onState((now) => {
    live.hidden = now.state === "idle";
    if (message.textContent !== now.message) message.textContent = now.message;
  });
  fill(main, live, message, el("div", { class: "columns" },
    el("div", {}, el("div", { id: "session-place" }, sessionCard(today)), otherCard(), devicesCard()),
    el("div", {}, dueCard(today), checkInCard(today), shoesCard(today))));
});
