// Elements made from data. Text is always text: nothing that was typed or sent can become markup.

export const at = (id) => document.getElementById(id);

export function el(name, props = {}, ...children) {
  const place = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") for (const [event, act] of Object.entries(value)) place.addEventListener(event, act);
    else if (key === "class") place.className = value;
    else if (value === true) place.setAttribute(key, "");
    else place.setAttribute(key, value);
  }
  place.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return place;
}

export const fill = (place, ...children) => place.replaceChildren(...children.flat().filter(Boolean));

export const note = (text) => el("p", { class: "quiet" }, text);

export function button(text, act, kind = "plain", more = {}) {
  return el("button", { type: "button", class: kind, on: { click: act }, ...more }, text);
}

/** A figure with its name. */
export const fact = (name, value, unit = "") =>
  el("div", {}, el("dt", {}, name), el("dd", {}, value, unit && el("small", {}, unit)));

export const facts = (...entries) => el("dl", { class: "facts" }, entries);

/** A table that scrolls by itself where it is wider than the screen. */
export function table(caption, titles, rows) {
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    el("table", {}, el("caption", { class: "unseen" }, caption),
      el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell) => el("td", {}, cell)))))));
}

let dialogs = 0;
/** Ask before something that cannot be taken back. STOP stays above it: this is no modal dialog. */
export function confirmIn(place, words, act) {
  const id = `confirm-${dialogs += 1}`;
  const box = el("div", { class: "confirm", role: "group", "aria-labelledby": id }, el("p", { id }, words),
    el("div", { class: "row" }, button("Yes", async () => { box.remove(); await act(); }, "main"),
      button("No", () => box.remove())));
  place.querySelector(".confirm")?.remove();
  place.append(box);
  box.querySelector("button").focus();
}
