// The live page. It shows pictures that the server sends and posts what a person asks for.
// STOP is posted again and again until the server says that it has it.

import { at, el, fill } from "/static/dom.js";
import { beep, canSpeak, choice, choose, speak, wake } from "/static/sound.js";
import { armStop } from "/static/stop.js";
import { clock as time, distance, speed } from "/static/words.js";

const STALE_MS = 2500;
const LOST_MS = 4000;
const HOLD_MS = 1200;
const COUNT_FROM = 3;
const KEPT_POINTS = 600;
const WARN_S = 5;
const WORDS = {
  connecting: "Connecting", ready: "Ready", armed: "The belt starts", warm_up: "Warm-up",
  stretch_break: "Stretch", main: "Main set", cool_down: "Cool-down", paused: "Paused",
  link_lost: "Link to the treadmill lost", stopping: "Stopping", done: "Done", stopped: "Stopped",
};
const OVER = ["connecting", "done", "stopped"];
const MOVING_KMH = 0.3;
const STARTS = ["ready", "paused", "stretch_break"];
const RUNS = ["warm_up", "main", "cool_down", "link_lost"];
const SHOWN_FORM = [["contact_ms", "contact", "ms", 0], ["vertical_oscillation_mm", "bounce", "mm", 0], ["lean_deg", "tilt", "°", 0]];

let heardAt = performance.now();
let stream = null;
let points = [];

function put(id, [value, unit], stale = false) {
  const place = at(id);
  place.textContent = value;
  if (unit) {
    const small = document.createElement("small");
    small.textContent = unit;
    place.append(small);
  }
  place.classList.toggle("stale", stale);
}

// -- what is shown ------------------------------------------------------------------

function show(picture) {
  const seen = picture.snapshot;
  const live = picture.state === "session" && seen;
  at("idle").hidden = picture.state !== "idle";
  document.body.classList.toggle("no-session", picture.state === "idle");
  at("looking").hidden = picture.state === "idle" || Boolean(live);
  at("session").hidden = !live;
  at("pairing").hidden = picture.paired;
  at("message").textContent = picture.message;
  const other = live && picture.paired && picture.driver && !picture.driver.is_you;
  const asksStands = Boolean(live) && seen.asks === "belt_stands" && picture.paired && !other;
  at("stands-box").hidden = !asksStands;
  at("stands-link").hidden = !asksStands || seen.link_up;
  at("alarm").hidden = !(live && seen.alarm) || asksStands;
  at("alarm").textContent = live && seen.alarm ? seen.alarm : "";
  at("machine").textContent = [picture.treadmill, live ? seen.machine : "", picture.simulated ? "simulated: no real belt moves" : ""].filter(Boolean).join(", ");
  // Also while STOP waits for the link; but the question whether the belt has stopped stays on top.
  at("unlinked").hidden = !(live && !seen.link_up && !OVER.includes(seen.phase)) || asksStands;
  if (!at("unlinked").hidden) at("unlinked-doing").textContent = seen.phase === "stopping" ? "STOP is sent as soon as the link is back." : "";
  at("driver").hidden = !other;
  if (other) at("driver-words").textContent = `${picture.driver.name} drives. You look on; STOP, pause and unwell are yours too.`;
  if (live) showSession(seen, picture.paired && !other);
  else { points = []; callOff(); }
  showAsked(picture.asked, live && !other, seen?.unit);
  if (live) sound(seen);
}

function showSession(seen, drives) {
  const unit = seen.unit;
  const old = seen.speed_kmh === null && seen.speed_age_s !== null;
  const step = seen.steps > 1 && RUNS.includes(seen.phase) ? ` · ${seen.step} of ${seen.steps}` : "";
  at("phase").textContent = (WORDS[seen.phase] || seen.phase) + step
    + (seen.phase === "main" && seen.step_label ? ` · ${seen.step_label}` : "");
  put("speed", [old ? "–" : speed(seen.speed_kmh, unit)[0], ""], old);
  at("speed").classList.toggle("long", at("speed").textContent.length > 3);
  at("belt-label").textContent = old ? `Belt, last heard ${Math.round(seen.speed_age_s)} s ago` : `Belt, ${unit}`;
  put("left", [time(seen.left_s), ""]);
  put("target", speed(seen.target_kmh, unit));
  put("next", seen.next_kmh === null ? ["–", ""] : speed(seen.next_kmh, unit));
  put("incline", seen.incline_percent === null ? ["–", ""] : [seen.incline_percent.toFixed(1), "%"]);
  put("pulse", seen.heart_rate_bpm === null ? ["–", ""] : [String(seen.heart_rate_bpm), "/min"]);
  put("cadence", seen.cadence_spm === null ? ["–", ""] : [seen.cadence_spm.toFixed(0), "/min"]);
  put("distance", distance(seen.distance_m, unit));
  at("done").style.width = `${100 * seen.belt_time_s / (seen.belt_time_s + seen.left_s || 1)}%`;
  at("why").textContent = OVER.includes(seen.phase) ? "" : seen.gate_open ? seen.why : seen.gate_reason;
  const last = seen.last_says[seen.last_says.length - 1];
  const words = last && last[0] !== "alarm" ? last[1] : "";
  if (at("cue").textContent !== words) at("cue").textContent = words;
  at("incline-box").hidden = !(seen.asks === "incline_is" && drives);
  const startable = STARTS.includes(seen.phase) || (seen.hands_off && RUNS.includes(seen.phase));
  const moves = seen.hands_off || (seen.speed_kmh ?? 0) >= MOVING_KMH;
  const stops = moves && seen.is_stopping, unknown = !moves && seen.speed_kmh === null;
  at("start-box").hidden = !(startable && drives);
  at("start").hidden = stops;
  at("start-words").textContent = stops ? "The belt is stopping."
    : moves ? "The belt is moving, and treadcoach is not in control of it."
    : unknown ? "Nobody knows whether the belt moves. Look at it."
    : "Stand on the side rails, safety key clipped on.";
  at("start-name").textContent = moves ? "Hold: let treadcoach drive" : "Hold to start the belt";
  at("countdown-words").textContent = moves ? "treadcoach takes the belt over in" : "The belt starts in";
  at("calibrate-box").hidden = !seen.form?.sensors?.length || moves || unknown;
  if (!startable) callOff();
  at("controls").hidden = !(RUNS.includes(seen.phase) && drives && !seen.hands_off);
  showForm(seen.form, drives);
  if (RUNS.includes(seen.phase)) draw(seen);
  at("chart").toggleAttribute("hidden", points.length < 2);
}

// Somebody who is not here asks. What moves the belt is done by a tap here; a start by holding the button.
const ASKED = { start: () => "to start the belt: hold the button below", faster: (a, u) => `to go ${speed(a, u).join(" ")} faster`, steeper: (a) => `for ${a} % more incline` };
const inSpeed = (unit) => (unit.startsWith("min/") ? (unit === "min/mi" ? "mph" : "km/h") : unit);
let asked = null;
function showAsked(now, drives, unit) {
  asked = drives ? now : null;
  at("asked").hidden = !asked;
  if (!asked) return;
  const words = `${asked.source[0].toUpperCase()}${asked.source.slice(1)} asks ${(ASKED[asked.kind] ?? (() => asked.kind))(asked.amount, inSpeed(unit))}.`;
  if (at("asked-words").textContent !== words) at("asked-words").textContent = words;
  at("asked-yes").hidden = asked.kind === "start";
}

function showForm(form, drives) {
  const issues = form?.issues ?? [], sensor = form?.sensors?.find((s) => Object.keys(s.metrics).length);
  at("form").hidden = !issues.length && !sensor;
  if (!at("form").hidden) {
    fill(at("form"), issues.map((i) => el("li", { class: "issue" }, i.name)), sensor && SHOWN_FORM.map(([name, words, unit, digits]) => {
      const metric = sensor.metrics[name];
      return metric && metric.value !== null && el("li", {}, el("small", { class: "quiet" }, `${words}, ${metric.tier}`), `${metric.value.toFixed(digits)} ${unit}`);
    }));
  }
  at("offer").hidden = !form?.offer || !drives;
  if (at("offer-words").textContent !== (form?.offer ?? "")) at("offer-words").textContent = form?.offer ?? "";
}

// Beeps before and at a change, words for cues: each once.
const told = { step: null, warned: null, phase: null, says: null, alarm: null };
function sound(seen) {
  const step = `${seen.phase} ${seen.step}`, last = seen.last_says[seen.last_says.length - 1];
  if (seen.alarm && seen.alarm !== told.alarm) { beep("alarm"); speak(seen.alarm); }
  told.alarm = seen.alarm;
  if (told.phase !== null && seen.phase !== told.phase && ["done", "stopped"].includes(seen.phase)) beep("end");
  else if (told.step !== null && step !== told.step && RUNS.includes(seen.phase)) beep("step");
  if (RUNS.includes(seen.phase) && seen.next_kmh !== null && seen.step_left_s <= WARN_S && seen.step_left_s > 0 && told.warned !== step) {
    beep("warn");
    told.warned = step;
  }
  const words = last ? `${last[0]} ${last[1]}` : "";
  if (told.says !== null && words !== told.says && last) {
    if (last[0] === "cue") beep("step");
    speak(last[0] === "cue" && seen.form?.cue?.spoken ? seen.form.cue.spoken : last[1]);
  }
  Object.assign(told, { step, phase: seen.phase, says: words });
}

function draw(seen) {
  if (points.length && points[points.length - 1].t === seen.t_s) return;
  points.push({ t: seen.t_s, belt: seen.speed_kmh, target: seen.target_kmh });
  if (points.length > KEPT_POINTS) points = points.slice(-KEPT_POINTS);
  const first = points[0].t, span = Math.max(points[points.length - 1].t - first, 60);
  const top = Math.max(6, ...points.map((p) => Math.max(p.belt || 0, p.target || 0))) * 1.1;
  for (const name of ["belt", "target"]) {
    let path = "", pen = "M";
    for (const point of points) {
      if (point[name] === null) { pen = "M"; continue; }
      path += `${pen}${(600 * (point.t - first) / span).toFixed(1)} ${(118 - 114 * point[name] / top).toFixed(1)}`;
      pen = "L";
    }
    at(`chart-${name}`).setAttribute("d", path);
  }
}

function listen() {
  stream?.close();
  stream = new EventSource("/api/live");
  const mine = stream;
  mine.onmessage = (event) => {
    heardAt = performance.now();
    show(JSON.parse(event.data));
  };
  mine.onerror = () => {
    // The browser tries again by itself unless it was refused; then we do.
    if (mine.readyState === EventSource.CLOSED && stream === mine) setTimeout(listen, 500);
  };
}

// A page that nobody sees holds no connection: browsers have six for a server, and STOP wants one of them.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) { stream?.close(); stream = null; return; }
  heardAt = performance.now();
  listen();
});

setInterval(() => {
  if (document.hidden) return;
  const quiet = performance.now() - heardAt;
  document.body.classList.toggle("stale", quiet > STALE_MS);
  if (quiet > STALE_MS) callOff();
  for (const place of document.querySelectorAll("#session dd")) {
    if (quiet > STALE_MS) place.classList.add("stale");
  }
  at("lost").hidden = quiet < LOST_MS;
  if (quiet >= LOST_MS) at("lost-for").textContent = `Trying again; last heard ${Math.round(quiet / 1000)} s ago.`;
}, 250);

// -- what is asked for --------------------------------------------------------------

async function post(path, body, signal) {
  const answer = await fetch(path, {
    method: "POST", signal,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.ok) return null;
  const refusal = { heard: answer.status < 429, text: `Refused (${answer.status}).` };
  try {
    const said = await answer.json();
    refusal.text = typeof said.detail === "string" ? said.detail : "This cannot be read.";
  } catch { /* the status says it */ }
  return refusal;
}

async function ask(path, body, place) {
  place.textContent = "";
  try {
    const refusal = await post(path, body);
    place.textContent = refusal ? refusal.text : "";
  } catch {
    place.textContent = "Not sent: no connection.";
  }
}

armStop();

for (const button of document.querySelectorAll("[data-intent]")) {
  button.addEventListener("click", () => ask(
    "/api/intent", { kind: button.dataset.intent, amount: Number(button.dataset.amount || 0) }, at("answer")));
}

for (const [id, confirmed] of [["asked-yes", true], ["asked-no", false]]) {
  at(id).addEventListener("click", () => asked && ask("/api/asked", { id: asked.id, confirmed }, at("answer")));
}
at("take-over").addEventListener("click", () => ask("/api/drive", undefined, at("answer")));
at("pair").addEventListener("submit", async (event) => {
  event.preventDefault();
  await ask("/api/pair", { pin: at("pin").value.trim() }, at("pair-answer"));
  if (!at("pair-answer").textContent) location.reload();
});

// The belt starts only by a button that is held, and after a countdown that a tap calls off. That the belt
// stands is said by holding one too: a tap in passing says nothing.
const start = at("start"), stands = at("stands");
let holding = null;
let counting = null;
function held(button, then) {
  const hold = (event) => {
    if (event.type === "keydown" && ![" ", "Enter"].includes(event.key)) return;
    if (event.type === "keydown") event.preventDefault();
    if (holding !== null || counting !== null) return;
    wake();
    button.classList.add("held");
    holding = setTimeout(() => { release(); then(); }, HOLD_MS);
  };
  const release = () => {
    clearTimeout(holding);
    holding = null;
    button.classList.remove("held");
  };
  button.addEventListener("pointerdown", hold);
  button.addEventListener("keydown", hold);
  for (const name of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) button.addEventListener(name, release);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
}
held(stands, () => ask("/api/intent", { kind: "belt_stands" }, at("answer")));
at("incline-box").addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = at("incline-is").value.trim().replace(",", "."), percent = Number(typed);
  if (!typed || !(percent >= -5 && percent <= 25)) {
    at("incline-answer").textContent = "A number from -5 to 25, such as 2 or 1.5.";
    return;
  }
  ask("/api/intent", { kind: "incline_is", amount: percent }, at("incline-answer"));
});
function countDown(left) {
  if (left === 0) {
    callOff();
    beep("start");
    ask("/api/intent", { kind: "start" }, at("answer"));
    return;
  }
  at("countdown").hidden = false;
  at("count").textContent = String(left);
  beep("step");
  speak(String(left));
  counting = setTimeout(() => countDown(left - 1), 1000);
}
function callOff() {
  clearTimeout(counting);
  counting = null;
  at("countdown").hidden = true;
}
for (const id of ["call-off", "countdown", "stop", "pause", "unwell"]) at(id).addEventListener("click", callOff);
held(start, () => countDown(COUNT_FROM));
document.addEventListener("visibilitychange", callOff);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") callOff(); });

// One button for the sound of this device: off, beeps, beeps and words.
function showSound() {
  const { beeps, speech } = choice();
  at("sound").textContent = speech ? "Words" : beeps ? "Beeps" : "No sound";
  at("sound").setAttribute("aria-label", `Sound of this device: ${at("sound").textContent}`);
  at("sound").setAttribute("aria-pressed", String(beeps || speech));
}
at("sound").addEventListener("click", () => {
  wake();
  const { beeps, speech } = choice();
  if (speech) choose({ beeps: false, speech: false });
  else if (beeps && canSpeak()) choose({ speech: true });
  else choose({ beeps: !beeps, speech: false });
  showSound();
  beep("step");
  speak("Cues are spoken.");
});
showSound();

listen();
