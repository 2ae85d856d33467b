// What every page but the live one has around it: the way to the others, pairing, and STOP while a session is on.

import { get, post } from "/static/api.js";
import { at, button, el, fill } from "/static/dom.js";
import { armStop } from "/static/stop.js";

const LINKS = [
  ["today", "Today"], ["live", "Live"], ["exercises", "Exercises"], ["sessions", "Sessions"],
  ["progress", "Progress"], ["plan", "Plan"], ["guidance", "Guidance"], ["settings", "Settings"],
];
const LOOK_MS = 2000;
let listeners = [];
export let state = null;

/** Called with every picture of the state. */
export const onState = (listener) => { listeners.push(listener); if (state) listener(state); };

function frame() {
  const here = location.pathname.slice(1) || "today";
  document.body.prepend(
    el("a", { class: "skip", href: "#main" }, "To the content"),
    el("header", {},
      el("p", { class: "brand" }, el("a", { href: "/" }, "treadcoach")),
      el("nav", { "aria-label": "Pages" }, LINKS.map(([path, name]) =>
        el("a", { href: `/${path}`, "aria-current": path === here && "page" }, name)))),
    el("p", { id: "banner", class: "banner", role: "status", hidden: true }));
  document.body.append(el("footer", { id: "stop-bar", hidden: true },
    el("p", { id: "stop-answer", role: "status" }),
    el("a", { class: "plain button", href: "/live" }, "Live"),
    button("Pause", () => undefined, "plain", { id: "pause" }),
    button("STOP", () => undefined, "", { id: "stop" }),
    el("p", { class: "quiet" }, "The safety key is the emergency stop.")));
  armStop();
}

function show(picture) {
  state = picture;
  const live = picture.state === "session";
  document.body.classList.toggle("no-session", picture.state === "idle");
  at("stop-bar").hidden = picture.state === "idle";
  const banner = at("banner");
  const due = picture.due?.is_due && `Due since ${picture.due.at}: ${picture.due.title}.`;
  const words = live ? "A session is on." : [due, picture.simulated && "Simulated air: no real belt moves."].filter(Boolean).join(" ");
  if (banner.textContent !== words) banner.textContent = words;
  banner.hidden = !words;
  if (picture.treadmill) document.querySelector(".brand a").textContent = `treadcoach · ${picture.treadmill}`;
  for (const listener of listeners) listener(picture);
}

async function look() {
  if (document.hidden) return;
  try {
    show(await get("/api/state"));
  } catch {
    at("banner").hidden = false;
    at("banner").textContent = "No connection to treadcoach. If a belt runs: its console, or the safety key.";
    document.body.classList.remove("no-session");
    at("stop-bar").hidden = false;
  }
}

function pairing(main) {
  const answer = el("p", { role: "status" });
  const pin = el("input", { id: "pin", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 12, size: 8, required: true });
  const form = el("form", { class: "row", on: { submit: async (event) => {
    event.preventDefault();
    await pairWith(pin.value.trim(), answer);
  } } }, el("label", { for: "pin" }, "PIN"), pin, el("button", { type: "submit", class: "main" }, "Pair"));
  fill(main, el("section", {}, el("h1", {}, "Pair this device"),
    el("p", {}, "Your sessions and settings are yours: this device needs the PIN that the terminal shows, once."),
    form, answer));
}

async function pairWith(pin, answer) {
  try {
    await post("/api/pair", { pin });
    history.replaceState(null, "", location.pathname);
    location.reload();
  } catch (error) {
    answer.textContent = error.message;
  }
}

/** Make the page: its frame at once, then what it shows. What goes wrong is said in the page. */
export async function page(make) {
  frame();
  const main = at("main");
  const invited = location.hash.match(/^#pin=(\d{4,12})$/);
  if (invited) history.replaceState(null, "", location.pathname);
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
  await look();
  if (state && !state.paired && invited) {
    await pairWith(invited[1], at("banner"));
    return;
  }
  if (state && !state.paired) { pairing(main); return; }
  try {
    await make(main);
  } catch (error) {
    fill(main, el("section", {}, el("h1", {}, "This cannot be shown"), el("p", { class: "problem", role: "alert" }, error.message),
      button("Try again", () => location.reload(), "main")));
  }
  main.setAttribute("aria-busy", "false");
}

/** Do something that may be refused, and say so beside it. True when it was done. */
export async function attempt(place, act) {
  place.textContent = "";
  place.classList.remove("problem");
  try {
    await act();
    return true;
  } catch (error) {
    place.classList.add("problem");
    place.textContent = error.message;
    return false;
  }
}
