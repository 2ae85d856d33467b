// Settings: the runner, limits, devices, shoes, sound of this device, pairing, data.

import { get, patch, post, put } from "/static/api.js";
import { at, button, confirmIn, el, fill, note } from "/static/dom.js";
import { attempt, onState, page } from "/static/shell.js";
import { beep, canSpeak, choice, choose, speak, wake } from "/static/sound.js";
import { day, distanceText } from "/static/words.js";

const UNITS = ["km/h", "mph", "min/km", "min/mi"];
const EASING = { ask: "ask me first", auto: "ease by itself", off: "leave the belt alone" };
const TEXTS = [["name", "Name", "text"], ["age_years", "Age", "number"], ["comfortable_walk", "Comfortable walk, with its unit", "text"],
  ["comfortable_jog", "Comfortable jog, with its unit", "text"], ["max_speed", "Never faster than", "text"], ["max_incline", "Never steeper than", "text"],
  ["pulse_ceiling_bpm", "Pulse ceiling, beats a minute", "number"]];

function runnerCard(found) {
  const runner = found.runner, answer = el("p", { role: "status", id: "runner-answer" });
  const form = el("form", { id: "runner", on: { submit: async (event) => {
    event.preventDefault();
    const said = new FormData(form), changes = { aching_back: said.has("aching_back"), unit: said.get("unit"), form_easing: said.get("form_easing") };
    for (const [name, , kind] of TEXTS) {
      const text = said.get(name).trim();
      if (text === String(runner[name] ?? "")) continue;
      changes[name] = text === "" ? null : kind === "number" && Number.isInteger(Number(text)) ? Number(text) : text;
    }
    if (await attempt(answer, () => patch("/api/settings/runner", { changes }))) {
      answer.textContent = "Kept. The next session counts with it.";
      Object.assign(runner, (await get("/api/settings")).runner);
      for (const [name] of TEXTS) form.elements[name].value = runner[name] ?? "";
    }
  } } },
  el("div", { class: "fields" }, TEXTS.map(([name, words, kind]) => el("label", {}, words, el("input", { name, value: runner[name] ?? "", inputmode: kind === "number" ? "numeric" : null, maxlength: 60 }))),
    el("label", {}, "Speeds as", el("select", { name: "unit" }, UNITS.map((u) => el("option", { value: u, selected: u === runner.unit }, u)))),
    el("label", {}, "When form fades, the belt may", el("select", { name: "form_easing" }, Object.entries(EASING).map(([value, words]) => el("option", { value, selected: value === runner.form_easing }, words))))),
  el("label", { class: "tick" }, el("input", { type: "checkbox", name: "aching_back", checked: runner.aching_back }), "My back aches: nothing above the default incline, and gentler exercises"),
  el("div", { class: "row" }, el("button", { type: "submit", class: "main" }, "Keep")), answer);
  return el("section", { id: "runner-card" }, el("h2", {}, "Runner and units"), note("Left empty: not stated. Nothing here can loosen a limit of the guidance."), form);
}

function limitsCard(found) {
  const answer = el("p", { role: "status" });
  const line = (limit) => {
    const field = el("input", { value: limit.value, size: 7, inputmode: "decimal", "aria-label": limit.name });
    const keep = (value) => attempt(answer, async () => {
      if (value !== null && !Number.isFinite(value)) throw new Error(`${limit.name}: a number is wanted.`);
      const now = await put("/api/settings/limit", { name: limit.name, value });
      fill(at("limits"), now.limits.map(line));
      answer.textContent = `${limit.name}: kept.`;
    });
    return el("li", {}, el("p", {}, el("strong", {}, limit.name.replaceAll("_", " ")), ` (${limit.rule})`), note(`Documents: ${limit.documented}, ${limit.evidence}. You may ${limit.tighten === "lower" ? "lower" : "raise"} it.`),
      el("div", { class: "row" }, field, button("Keep", () => keep(Number(field.value.replace(",", ".")))), limit.changed && button("As documented", () => keep(null))));
  };
  return el("section", {}, el("h2", {}, "Limits"), note("They can only be tightened."), answer, el("details", {}, el("summary", {}, `${found.limits.length} numbers`), el("ul", { class: "limits", id: "limits" }, found.limits.map(line))));
}

function devicesCard(found) {
  const answer = el("p", { role: "status" }), heard = el("ul", { class: "devices" });
  const known = found.devices;
  const field = el("input", { id: "treadmill", value: known.treadmill ?? "", maxlength: 100 }), straps = el("input", { id: "straps", value: known.straps.join(", "), maxlength: 300 });
  const mph = el("input", { type: "checkbox", checked: known.takes_mph });
  const keep = () => attempt(answer, async () => {
    await put("/api/settings/devices", { treadmill: field.value.trim() || null, straps: straps.value.split(",").map((s) => s.trim()).filter(Boolean), takes_mph: mph.checked });
    answer.textContent = "Kept: from now on these are meant.";
  });
  const use = (d) => {
    if (d.kind === "treadmill") field.value = d.address;
    else straps.value = [...straps.value.split(",").map((s) => s.trim()).filter(Boolean), d.address].join(", ");
  };
  onState((now) => {
    const listed = (now.heard ?? []).filter((d) => d.kind !== "machine").map((d) => `${d.address}${d.known}`).join();
    if (heard.dataset.listed === listed) return;  // a button under somebody's finger stays where it is
    heard.dataset.listed = listed;
    fill(heard, (now.heard ?? []).filter((d) => d.kind !== "machine").map((d) => el("li", {}, el("strong", {}, d.name), ` ${d.kind === "treadmill" ? "treadmill" : d.offers.join(", ")} `, el("small", {}, `${d.address}, ${d.rssi_dbm} dBm`), " ", button("Use it", () => use(d)))));
  });
  const calibrate = button("Learn my standing", () => attempt(answer, async () => { await post("/api/intent", { kind: "calibrate" }); answer.textContent = "Stand still for a few seconds, with the belt standing."; }));
  return el("section", { id: "devices" }, el("h2", {}, "Devices"), note("Left empty: whatever is heard. A sensor may carry where it is worn: NAME@chest or NAME@hip."),
    button("Listen", () => attempt(answer, () => post("/api/look"))), heard,
    el("div", { class: "fields" }, el("label", {}, "Treadmill", field), el("label", {}, "Sensors, with commas", straps)),
    el("label", { class: "tick" }, mph, "It reads speeds as miles an hour (some machines do; docs/hazards.md)"),
    el("div", { class: "row" }, el("button", { type: "button", class: "main", on: { click: keep } }, "Keep"), calibrate), answer);
}

function shoesCard(pairs, unit) {
  const answer = el("p", { role: "status" }), list = el("ul", { class: "devices", id: "shoes" });
  const show = (now) => fill(list, now.length ? now.map((p) => el("li", {}, el("strong", {}, p.name), ` since ${day(p.since)}: ${distanceText(p.distance_m, unit)}, ${p.advice} `, !p.retired && button("Retire", () => attempt(answer, async () => show(await post("/api/shoes/retire", { name: p.name }))))))
    : el("li", { class: "quiet" }, "No shoes yet."));
  const form = el("form", { class: "fields", id: "add-shoes", on: { submit: async (event) => {
    event.preventDefault();
    const said = new FormData(form);
    if (await attempt(answer, async () => show(await post("/api/shoes", { name: said.get("name"), ran: said.get("ran").trim() || null })))) form.reset();
  } } }, el("label", {}, "A new pair", el("input", { name: "name", maxlength: 60, required: true })), el("label", {}, "It has run before", el("input", { name: "ran", maxlength: 20, placeholder: "120 km" })),
  el("button", { type: "submit", class: "plain" }, "Add"));
  show(pairs);
  return el("section", {}, el("h2", {}, "Shoes"), note("Replace shoes after 300 to 500 miles, 480 to 800 km (treadmill-injury)."), list, form, answer);
}

function soundCard() {
  const now = choice();
  const beeps = el("input", { type: "checkbox", id: "beeps", checked: now.beeps, on: { change: (e) => { choose({ beeps: e.target.checked }); wake(); } } });
  const speech = el("input", { type: "checkbox", id: "speech", checked: now.speech, disabled: !canSpeak(), on: { change: (e) => choose({ speech: e.target.checked }) } });
  return el("section", {}, el("h2", {}, "Sound of this device"), el("label", { class: "tick" }, beeps, "Beeps: before a change, at a cue, at the end"),
    el("label", { class: "tick" }, speech, canSpeak() ? "Speak the cues" : "This browser cannot speak"),
    button("Try", () => { wake(); setTimeout(() => { beep("start"); speak("Quick, light steps."); }, 50); }), note("Browsers allow sound after the first tap on a page."));
}

function networkCard(invitation) {
  return el("section", {}, el("h2", {}, "Network"), invitation.address
    ? [el("p", {}, "Another phone or tablet: scan this, or open ", el("code", {}, invitation.address), " and type the PIN ", el("strong", {}, invitation.pin), "."),
      el("img", { src: "/api/invitation.svg", width: 220, height: 220, alt: "QR code that pairs a device", class: "qr" }),
      note("Everybody in this network can stop the belt. To start it or make it faster a device has to be paired.")]
    : note("Only this computer is served. For phones and tablets of your network: treadcoach serve --host 0.0.0.0"));
}

// Name, words, kind, and what an empty field means or a full one looks like.
const TOPICS = [["node", "This treadmill's name in topics", "text", "this computer's name"], ["base_topic", "Topics begin with", "text", "treadcoach"],
  ["discovery_prefix", "Home Assistant's prefix", "text", "homeassistant"]];
const ACCESS = [["host", "Broker's name or address", "text", "homeassistant.local"], ["port", "Port", "number", "1883; with TLS 8883"], ["username", "User name", "text", ""]];
const BROKER = [...ACCESS, ...TOPICS];
const brokerField = ([name, words, kind, empty]) => el("label", {}, words, el("input", { name, maxlength: 200, placeholder: empty, inputmode: kind === "number" ? "numeric" : null }));

function brokerCard(found) {
  const answer = el("p", { role: "status", id: "mqtt-answer" }), status = el("p", { id: "mqtt-status" });
  const form = el("form", { id: "mqtt", on: { submit: async (event) => {
    event.preventDefault();
    const said = new FormData(form), changes = { tls: said.has("tls") };
    for (const [name, , kind] of BROKER) {
      const text = said.get(name).trim();
      if (text !== String(found[name] ?? "")) changes[name] = text === "" ? null : kind === "number" ? Number(text) : text;
    }
    if (changes.tls === Boolean(found.tls)) delete changes.tls;
    const password = said.get("password");
    if (await attempt(answer, async () => Object.assign(found, await put("/api/settings/mqtt", { changes, password: password === "" ? null : password })))) {
      answer.textContent = "Kept.";
      form.elements.password.value = "";
      show();
    }
  } } },
  el("div", { class: "fields" }, ACCESS.map(brokerField), el("label", {}, "Password", el("input", { name: "password", type: "password", maxlength: 500, autocomplete: "off" }))),
  el("label", { class: "tick" }, el("input", { type: "checkbox", name: "tls" }), "Encrypted (TLS)"),
  el("details", {}, el("summary", {}, "Topics"), el("div", { class: "fields" }, TOPICS.map(brokerField))),
  el("div", { class: "row" }, el("button", { type: "submit", class: "main" }, "Keep")), answer);
  function show() {
    for (const [name] of BROKER) form.elements[name].value = found[name] ?? "";
    form.elements.tls.checked = Boolean(found.tls);
    form.elements.password.placeholder = found.password_set ? "kept, not shown" : "";
    status.textContent = `Now: ${found.status}.`;
  }
  async function look() {
    if (document.hidden) return;
    try {
      found.status = (await get("/api/settings/mqtt")).status;
    } catch (error) {
      found.status = error.message;
    }
    status.textContent = `Now: ${found.status}.`;
  }
  show();
  setInterval(look, 3000);
  return el("section", { id: "mqtt-card" }, el("h2", {}, "Home Assistant and MQTT"), note("Speed, phase, pulse, cues and every why, for your home. Whoever may publish on the broker can stop and slow the belt, and ask for more; a person here does it. An empty host: no broker."), status, form);
}

function filesCard(files) {
  const how = (f) => f.done ? "done" : f.given_up ? `given up: ${f.error}` : `not yet, tried ${f.tries} times: ${f.error}`;
  const on = files.folder || files.has_command;
  return el("section", { id: "files-card" }, el("h2", {}, "Files for other programs"),
    on ? el("p", {}, [files.folder && `After each session a ${files.formats.join(", ").toUpperCase()} file is put into ${files.folder}.`, files.has_command && "Your command gets each file, again until it takes it."].filter(Boolean).join(" "))
      : note("None yet. config.toml names a folder or a command under [export] (docs/files.md); each session's page has its files too."),
    el("ul", { class: "devices" }, files.latest.map((f) => el("li", {}, `Session ${f.session}, ${f.target}: ${how(f)}`))));
}

function dataCard(found) {
  const answer = el("p", { role: "status", id: "data-answer" }), dangers = el("div"), file = el("input", { type: "file", id: "copy", accept: ".db" });
  const word = el("input", { maxlength: 40, "aria-label": "Type: delete everything", placeholder: "delete everything" });
  return el("section", {}, el("h2", {}, "Data"), note(`Sessions and what you said: ${found.places.data}. Settings: ${found.places.config}. Nothing leaves this computer but what you send to a broker or a folder of your own.`),
    el("div", { class: "row" }, el("a", { class: "button plain", href: "/api/backup", download: "" }, "Back up")),
    el("div", { class: "row" }, el("label", { for: "copy" }, "Restore"), file, button("Restore it", () => {
      if (!file.files.length) { answer.textContent = "Choose a copy first."; return; }
      confirmIn(dangers, "Put this copy in the place of everything that is here?", () => attempt(answer, async () => { await put("/api/backup", file.files[0]); answer.textContent = "Restored."; }));
    }, "plain", { id: "restore" })),
    el("div", { class: "row" }, word, button("Delete everything", () => attempt(answer, async () => { await post("/api/delete", { confirm: word.value }); answer.textContent = "Deleted."; }), "plain", { id: "delete-all" })), dangers, answer);
}

page(async (main) => {
  const [found, shoes, invitation, broker, files] = await Promise.all([get("/api/settings"), get("/api/shoes"), get("/api/invitation"), get("/api/settings/mqtt"), get("/api/files")]);
  fill(main, el("h1", {}, "Settings"), el("div", { class: "columns" },
    el("div", {}, runnerCard(found), devicesCard(found), brokerCard(broker)),
    el("div", {}, soundCard(), shoesCard(shoes, found.runner.unit), networkCard(invitation), filesCard(files), limitsCard(found), dataCard(found),
      el("section", {}, el("h2", {}, "For your own programs"), el("p", {}, "Everything here is a REST and SSE interface: ", el("a", { href: "/api/openapi.json" }, "its description (OpenAPI)"), ".")))));
  if (location.hash === "#devices") at("devices").scrollIntoView();
});
