// Numbers, times and dates as the user reads them. Speeds come in km/h, distances in m, times in s.

export const KM_PER_MILE = 1.609344;
const MILES = ["mph", "min/mi"];

export function speed(kmh, unit) {
  if (kmh === null || kmh === undefined) return ["–", ""];
  if (unit === "mph") return [(kmh / KM_PER_MILE).toFixed(1), "mph"];
  if (unit === "km/h") return [kmh.toFixed(1), "km/h"];
  if (kmh < 0.3) return ["–", unit];
  return [clock(Math.round(3600 / kmh * (unit === "min/mi" ? KM_PER_MILE : 1))), unit];
}

export const speedText = (kmh, unit) => speed(kmh, unit).join(" ").trim();

/** A speed on an axis: a pace is drawn as its speed, and only written as a pace. */
export const isPace = (unit) => unit === "min/km" || unit === "min/mi";

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60) % 60, hours = Math.floor(whole / 3600);
  const tail = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

export function duration(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

export function distance(metres, unit) {
  return MILES.includes(unit)
    ? [(metres / 1000 / KM_PER_MILE).toFixed(2), "mi"] : [(metres / 1000).toFixed(2), "km"];
}

export const distanceText = (metres, unit) => distance(metres, unit).join(" ");

/** '2026-11-20' without the hour that a time zone would take from it. */
export const asDate = (iso) => new Date(`${iso}T12:00:00`);

export const day = (iso) => asDate(iso).toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short" });

export const moment = (unix_s) => new Date(1000 * unix_s).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

export const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

/** Each note once, with how often it was said. */
export function counted(notes) {
  return [...new Set(notes)].map((text) => {
    const times = notes.filter((n) => n === text).length;
    return times > 1 ? `${text} (${times} times)` : text;
  });
}
