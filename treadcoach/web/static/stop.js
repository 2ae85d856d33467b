// STOP, pause and "unwell", on every page. A stop is posted again and again until the server has it.

import { at } from "/static/dom.js";

const TRY_MS = 1500;
const asking = new Set();

async function once(path) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), TRY_MS);
  try {
    const answer = await fetch(path, { method: "POST", signal: limit.signal });
    if (answer.ok) return { heard: true, text: null };
    const said = await answer.json().catch(() => ({}));
    return { heard: answer.status < 429, text: said.detail || `Refused (${answer.status}).` };
  } finally {
    clearTimeout(timer);
  }
}

/** Ask until it was heard: a link that comes and goes does not let down who wants to stop. */
export async function insist(path, word) {
  if (asking.has(path)) return;
  asking.add(path);
  const place = at("stop-answer");
  for (let tries = 1; ; tries += 1) {
    try {
      place.textContent = tries === 1 ? `${word} …` : `${word}: not heard yet. Pull the safety key!`;
      const { heard, text } = await once(path);
      place.textContent = text ?? `${word}: heard.`;
      if (heard) break;
    } catch {
      place.textContent = `${word}: not heard yet. Pull the safety key!`;
    }
    await new Promise((go) => setTimeout(go, 250));
  }
  asking.delete(path);
  setTimeout(() => { if (!asking.size) place.textContent = ""; }, 4000);
}

export function armStop() {
  at("stop").addEventListener("click", () => insist("/api/stop", "STOP"));
  at("pause")?.addEventListener("click", () => insist("/api/pause", "Pause"));
  at("unwell")?.addEventListener("click", () => insist("/api/unwell", "Stop"));
  document.addEventListener("keydown", (event) => {
    // S and the space bar stop, as in the terminal, unless somebody types or is on a control.
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("textarea, input, button, select, a, summary, [tabindex]")) return;
    if (document.body.classList.contains("no-session")) return;
    if (event.key === " " || event.key.toLowerCase() === "s") { event.preventDefault(); insist("/api/stop", "STOP"); }
    if (event.key.toLowerCase() === "p") insist("/api/pause", "Pause");
  });
}
