// Every rule and threshold with its source and its evidence, and what the sensor cannot see.

import { get } from "/static/api.js";
import { el, fill, note, table } from "/static/dom.js";
import { page } from "/static/shell.js";

const TIGHTEN = { lower: "you may lower it", higher: "you may raise it", session: "may be changed for a session", fixed: "fixed" };

const sources = (list) => note(`Source: ${list.map((s) => `${s.title} (${s.kind})`).join("; ")}`);

function rule(entry) {
  return el("li", { id: entry.id }, el("h3", {}, `${entry.id}  ${entry.rule}`), el("p", {}, entry.enforced), sources(entry.sources),
    entry.numbers.length > 0 && el("details", {}, el("summary", {}, "Numbers"), table(`Numbers of ${entry.id}`, ["Number", "Value", "Evidence", "Yours"],
      entry.numbers.map((n) => [n.name, n.value, n.evidence + (n.why ? `. ${n.why}` : ""), TIGHTEN[n.tighten] + (n.changed ? "; you tightened it" : "")]))));
}

function issue(entry) {
  return el("li", { id: entry.id }, el("h3", {}, `${entry.id}  ${entry.name}`), el("p", {}, entry.rule), sources(entry.sources),
    el("p", {}, `Cue: ${entry.cue}`),
    entry.signs.length > 0 ? el("p", {}, `Seen ${entry.gaits.join(" and ")}, for ${entry.persist_s} s${entry.needed > 1 ? `, ${entry.needed} of them together` : ""}:`) : null,
    entry.signs.length > 0 && el("ul", {}, entry.signs.map((s) => el("li", {}, s.words, note(`${s.evidence}. ${s.why}`)))),
    Object.entries(entry.cannot_see).map(([sensor, why]) => el("p", { class: "caution" }, `Not seen, ${sensor}: ${why}`)),
    note(entry.eases ? "The belt may go a little slower or flatter, if you let it." : "Never moves the belt."),
    entry.exercises.length > 0 && note(`Exercises: ${entry.exercises.join(", ")}`));
}

page(async (main) => {
  const found = await get("/api/guidance");
  fill(main, el("h1", {}, "Guidance"),
    el("p", { class: "lead" }, "What the documents say, what the program does with it, and how sure each number is."),
    note("Nothing here is a diagnosis. The safety key is the emergency stop."),
    el("nav", { class: "tabs", "aria-label": "Parts" }, [["belt", "Belt"], ["form", "Running form"], ["exercises", "Exercises"]].map(([id, name]) => el("a", { href: `#${id}` }, name))),
    el("section", { id: "belt" }, el("h2", {}, "Belt"), el("ul", { class: "cards" }, found.belt.map(rule))),
    el("section", { id: "form" }, el("h2", {}, "Running form"), el("ul", { class: "cards" }, found.form.map(issue))),
    el("section", { id: "exercises" }, el("h2", {}, "Exercises"), el("ul", { class: "cards" }, found.exercises.map((item) =>
      el("li", { id: item.id }, el("h3", {}, `${item.id}  ${item.item}`), el("p", {}, item.entries.join("; ")), sources(item.sources)))),
    el("h3", {}, "Around the belt"), el("ul", { class: "notes" }, found.notes.map((n) => el("li", {}, n.text, sources(n.sources))))));
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
});
