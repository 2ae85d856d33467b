// Stretches, strength and screens, with a guide that counts the time.

import { get, post } from "/static/api.js";
import { at, button, el, fill, note } from "/static/dom.js";
import { beep, speak } from "/static/sound.js";
import { attempt, page } from "/static/shell.js";
import { clock, day } from "/static/words.js";

const SETS = { last: "After the last session", before: "Before the belt", after: "After the belt", strength: "Strength", screens: "Screens" };
const READY_S = 5, COUNT_S = 3;
let guide = null;

/** Everything the guide says, one after the other, each with its time. */
export function steps(exercises) {
  const out = [];
  for (const exercise of exercises.filter((e) => e.kind !== "habit")) {
    out.push({ exercise, words: "Get ready", seconds: READY_S });
    for (let set = 1; set <= exercise.sets; set += 1) {
      for (const side of exercise.sides ? ["left", "right"] : [""]) {
        for (let count = 1; count <= exercise.times; count += 1) {
          const of = exercise.times > 1 ? `${count} of ${exercise.times}` : "";
          const words = exercise.hold_s === null ? `Count ${count}` : `Hold ${of}`.trim();
          const more = [side && `${side} side`, exercise.sets > 1 && `set ${set} of ${exercise.sets}`].filter(Boolean).join(", ");
          out.push({ exercise, words, more, seconds: exercise.hold_s ?? COUNT_S });
        }
        out.push({ exercise, words: "Rest", seconds: exercise.rest_s });
      }
    }
  }
  return out;
}

function run(exercises, place) {
  const all = steps(exercises);
  let index = 0, left = all[0]?.seconds ?? 0, paused = false;
  const name = el("h2"), words = el("p", { class: "phase", "aria-live": "polite" }), time = el("p", { class: "count" });
  const dose = el("p"), care = el("p", { class: "quiet" });
  const stop = () => { clearInterval(guide); guide = null; fill(place); };
  const show = () => {
    const step = all[index];
    name.textContent = step.exercise.name;
    dose.textContent = step.exercise.dose;
    care.textContent = step.exercise.cautions ?? "";
    const text = [step.words, step.more].filter(Boolean).join(", ");
    if (words.textContent !== text) words.textContent = text;
    time.textContent = clock(Math.ceil(left));
  };
  const go = (to) => {
    if (to >= all.length) {
      clearInterval(guide);
      guide = null;
      beep("end");
      fill(place, el("section", { class: "verdict" }, el("p", { class: "lead" }, "Done."), note("Stop what hurts. This is no treatment and no diagnosis.")));
      return;
    }
    index = Math.max(0, to);
    left = all[index].seconds;
    beep("step");
    speak(index === 0 || all[index].exercise !== all[index - 1]?.exercise ? `${all[index].exercise.name}.` : all[index].words);
    show();
  };
  const next = () => { const now = all[index].exercise; let to = index; while (to < all.length && all[to].exercise === now) to += 1; go(to); };
  const hold = button("Pause", () => { paused = !paused; hold.textContent = paused ? "Go on" : "Pause"; });
  fill(place, el("section", { class: "guide", "aria-label": "Guide" }, name, dose, words, time, care,
    el("div", { class: "row" }, hold, button("Next exercise", next), button("End", stop))));
  let last = performance.now();
  clearInterval(guide);
  guide = setInterval(() => {
    const now = performance.now();
    if (!paused) left -= (now - last) / 1000;
    last = now;
    if (left <= 0) go(index + 1);
    else time.textContent = clock(Math.ceil(left));
  }, 200);
  go(0);
  place.scrollIntoView({ block: "start" });
}

function screenResult(exercise) {
  const answer = el("p", { role: "status" }), noteField = el("input", { maxlength: 200, "aria-label": `Note on ${exercise.name}`, placeholder: "a note, if you like" });
  const say = (passed) => attempt(answer, async () => {
    await post("/api/screen", { id: exercise.id, passed, note: noteField.value });
    answer.textContent = "Written down.";
  });
  return el("div", {}, el("p", {}, `Passed: ${exercise.passed}`),
    el("div", { class: "row" }, button("Passed", () => say(true)), button("Not passed", () => say(false)), noteField), answer,
    exercise.results.slice(0, 4).map((r) => note(`${day(r.day)}: ${r.passed ? "passed" : "not passed"}${r.note ? `, ${r.note}` : ""}`)));
}

function card(exercise, which) {
  return el("li", {}, el("h3", {}, exercise.name), el("p", {}, exercise.dose), note(`${exercise.aims} (${exercise.source})`),
    exercise.cautions && el("p", { class: "caution" }, exercise.cautions),
    which === "screens" && screenResult(exercise));
}

page(async (main) => {
  const asked = new URLSearchParams(location.search).get("set");
  const which = asked in SETS ? asked : "last";
  const found = await get(`/api/exercises?set=${which}`);
  const place = el("div", { id: "guide" }), answer = el("p", { role: "status" });
  fill(main, el("h1", {}, "Exercises"),
    el("nav", { class: "tabs", "aria-label": "Sets" }, Object.entries(SETS).map(([key, name]) =>
      el("a", { href: `/exercises?set=${key}`, "aria-current": key === which && "page" }, name))),
    place,
    el("section", {}, el("h2", {}, SETS[which]),
      found.after && note(`After session ${found.after.id}, ${found.after.title}.`),
      found.core_minutes > 0 && el("p", {}, `Core work for this distance: ${clock(60 * found.core_minutes)} min (a minute a mile, ngo).`),
      which === "strength" && el("p", {}, `Legs and core, ${found.strength_a_week[0]} to ${found.strength_a_week[1]} days a week (ngo, millar).`),
      el("div", { class: "row" }, which !== "screens" && found.exercises.length > 0 && el("button", { type: "button", class: "main", id: "start-guide", on: { click: () => run(found.exercises, place) } }, "Lead me through"),
        which === "strength" && button("I did it today", () => attempt(answer, async () => {
          const done = await post("/api/strength");
          answer.textContent = `Written down: ${done.this_week} this week.`;
        }))), answer,
      found.exercises.length ? el("ul", { class: "cards" }, found.exercises.map((e) => card(e, which))) : note("Nothing in this set."),
      found.aching_back && note(`With an aching back, leave out: ${found.left_out.join(", ")} (${found.left_out_source}).`),
      note("Stop what hurts. This is no treatment and no diagnosis.")),
    el("section", {}, el("h2", {}, "Around the belt"), el("ul", { class: "notes" }, found.notes.map((n) => el("li", {}, `${n.text} (${n.source})`)))));
});
