// The live page. It shows pictures that the server sends and posts what a person asks for.
// STOP is posted again and again until the server says that it has it.

const KM_PER_MILE = 1.609344;
const STALE_MS = 2500;
const LOST_MS = 4000;
const STOP_TRY_MS = 1500;
const HOLD_MS = 1200;
const KEPT_POINTS = 600;
const WORDS = {
  connecting: "Connecting", ready: "Ready", armed: "The belt starts", warm_up: "Warm-up",
  stretch_break: "Stretch", main: "Main set", cool_down: "Cool-down", paused: "Paused",
  link_lost: "Link to the treadmill lost", stopping: "Stopping", done: "Done", stopped: "Stopped",
};
const STARTS = ["ready", "paused", "stretch_break"];
const RUNS = ["warm_up", "main", "cool_down", "link_lost"];

const at = (id) => document.getElementById(id);
let latest = null;
let heardAt = performance.now();
let total_s = 0;
let points = [];

// -- words --------------------------------------------------------------------------

function speed(kmh, unit) {
  if (kmh === null || kmh === undefined) return ["–", ""];
  if (unit === "mph") return [(kmh / KM_PER_MILE).toFixed(1), "mph"];
  if (unit === "km/h") return [kmh.toFixed(1), "km/h"];
  if (kmh < 0.3) return ["–", unit];
  const seconds = Math.round(3600 / kmh * (unit === "min/mi" ? KM_PER_MILE : 1));
  return [`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`, unit];
}

function time(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60) % 60, hours = Math.floor(whole / 3600);
  const tail = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

function distance(metres, unit) {
  return unit === "mph" || unit === "min/mi"
    ? [(metres / 1000 / KM_PER_MILE).toFixed(2), "mi"] : [(metres / 1000).toFixed(2), "km"];
}

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
  latest = picture;
  const seen = picture.snapshot;
  const live = picture.state === "session" && seen;
  at("idle").hidden = picture.state !== "idle" || !picture.paired;
  at("looking").hidden = picture.state === "idle" || Boolean(live);
  at("session").hidden = !live;
  at("pairing").hidden = picture.paired;
  at("message").textContent = picture.message;
  at("alarm").hidden = !(live && seen.alarm);
  at("alarm").textContent = live && seen.alarm ? seen.alarm : "";
  at("machine").textContent = live ? seen.machine : "";
  if (live) showSession(seen, picture.paired);
  else points = [];
}

function showSession(seen, paired) {
  const unit = seen.unit;
  const old = seen.speed_kmh === null && seen.speed_age_s !== null;
  const step = seen.steps > 1 && RUNS.includes(seen.phase) ? ` · ${seen.step} of ${seen.steps}` : "";
  at("phase").textContent = (WORDS[seen.phase] || seen.phase) + step
    + (seen.phase === "main" && seen.step_label ? ` · ${seen.step_label}` : "");
  if (old) put("speed", [`${Math.round(seen.speed_age_s)} s old`, ""], true);
  else put("speed", [speed(seen.speed_kmh, unit)[0], ""]);
  at("belt-label").textContent = `Belt, ${unit}`;
  put("left", [time(seen.left_s), ""]);
  put("target", speed(seen.target_kmh, unit));
  put("next", seen.next_kmh === null ? ["–", ""] : speed(seen.next_kmh, unit));
  put("incline", seen.incline_percent === null ? ["–", ""] : [seen.incline_percent.toFixed(1), "%"]);
  put("pulse", seen.heart_rate_bpm === null ? ["–", ""] : [String(seen.heart_rate_bpm), "/min"]);
  put("cadence", seen.cadence_spm === null ? ["–", ""] : [seen.cadence_spm.toFixed(0), "/min"]);
  put("distance", distance(seen.distance_m, unit));
  total_s = Math.max(total_s, seen.belt_time_s + seen.left_s);
  at("done").style.width = `${total_s ? 100 * seen.belt_time_s / (seen.belt_time_s + seen.left_s || 1) : 0}%`;
  at("why").textContent = seen.gate_open ? seen.why : seen.gate_reason;
  const last = seen.last_says[seen.last_says.length - 1];
  const words = last ? last[1] : "";
  if (at("cue").textContent !== words) at("cue").textContent = words;
  at("start-box").hidden = !(STARTS.includes(seen.phase) && paired);
  at("controls").hidden = !(RUNS.includes(seen.phase) && paired);
  if (RUNS.includes(seen.phase)) draw(seen);
  at("chart").toggleAttribute("hidden", points.length < 2);
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
  const stream = new EventSource("/api/live");
  stream.onmessage = (event) => {
    heardAt = performance.now();
    show(JSON.parse(event.data));
  };
  stream.onerror = () => {
    // The browser tries again by itself unless it was refused; then we do.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 500);
  };
}

setInterval(() => {
  const quiet = performance.now() - heardAt;
  document.body.classList.toggle("stale", quiet > STALE_MS);
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

// One that asks for a stop is not let down by a link that comes and goes: it is asked until it was heard.
const asking = new Set();
async function insist(path, word) {
  if (asking.has(path)) return;
  asking.add(path);
  const place = at("stop-answer");
  for (let tries = 1; ; tries += 1) {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), STOP_TRY_MS);
    try {
      place.textContent = tries === 1 ? `${word} …` : `${word}: not heard yet. Pull the safety key!`;
      const refusal = await post(path, undefined, limit.signal);
      if (refusal === null) { place.textContent = `${word}: heard.`; break; }
      place.textContent = refusal.text;
      if (refusal.heard) break;  // there is nothing to pause
    } catch {
      place.textContent = `${word}: not heard yet. Pull the safety key!`;
    } finally {
      clearTimeout(timer);
    }
    await new Promise((go) => setTimeout(go, 250));
  }
  asking.delete(path);
  setTimeout(() => { if (!asking.size) place.textContent = ""; }, 4000);
}

at("stop").addEventListener("click", () => insist("/api/stop", "STOP"));
at("pause").addEventListener("click", () => insist("/api/pause", "Pause"));
at("unwell").addEventListener("click", () => insist("/api/unwell", "Stop"));

for (const button of document.querySelectorAll("[data-intent]")) {
  button.addEventListener("click", () => ask(
    "/api/intent", { kind: button.dataset.intent, amount: Number(button.dataset.amount || 0) }, at("answer")));
}

at("prepare").addEventListener("submit", (event) => {
  event.preventDefault();
  const workout = at("workout").value.trim();
  ask("/api/session", workout ? { workout } : {}, at("prepare-answer"));
});
at("today").addEventListener("click", () => ask("/api/session", { today: true }, at("prepare-answer")));
at("pair").addEventListener("submit", async (event) => {
  event.preventDefault();
  await ask("/api/pair", { pin: at("pin").value.trim() }, at("pair-answer"));
  if (!at("pair-answer").textContent) location.reload();
});

// The belt starts only by a button that is held: a tap in passing is none.
const start = at("start");
let holding = null;
function hold(event) {
  if (event.type === "keydown" && ![" ", "Enter"].includes(event.key)) return;
  if (event.type === "keydown") event.preventDefault();
  if (holding !== null) return;
  start.classList.add("held");
  holding = setTimeout(() => { release(); ask("/api/intent", { kind: "start" }, at("answer")); }, HOLD_MS);
}
function release() {
  clearTimeout(holding);
  holding = null;
  start.classList.remove("held");
}
start.addEventListener("pointerdown", hold);
start.addEventListener("keydown", hold);
for (const name of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) start.addEventListener(name, release);
start.addEventListener("contextmenu", (event) => event.preventDefault());

document.addEventListener("keydown", (event) => {
  // S and the space bar stop, as in the terminal, unless somebody types or is on a button.
  if (event.repeat || event.target.closest("textarea, input, button")) return;
  if (event.key === " " || event.key.toLowerCase() === "s") { event.preventDefault(); insist("/api/stop", "STOP"); }
  if (event.key.toLowerCase() === "p") insist("/api/pause", "Pause");
});

listen();
