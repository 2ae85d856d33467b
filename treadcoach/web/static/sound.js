// Beeps and spoken cues, as this device's user chose. Sound can start only after the first tap: browsers ask for it.

const KEY = "treadcoach-sound";
const TONES = { step: [[660, 0.12]], warn: [[880, 0.12], [880, 0.12]], start: [[520, 0.12], [780, 0.2]], end: [[780, 0.12], [520, 0.25]], alarm: [[990, 0.25], [700, 0.25], [990, 0.25]] };
let context = null;

export function choice() {
  try {
    return { beeps: true, speech: false, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { beeps: true, speech: false };  // storage is off or was changed by hand
  }
}

export function choose(changes) {
  const chosen = { ...choice(), ...changes };
  try { localStorage.setItem(KEY, JSON.stringify(chosen)); } catch { /* private window: for this page alone */ }
  return chosen;
}

export const canSpeak = () => "speechSynthesis" in window;

export function wake() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
}

export function beep(kind) {
  if (!choice().beeps || !context || context.state !== "running") return false;
  let at = context.currentTime;
  for (const [hertz, seconds] of TONES[kind]) {
    const tone = context.createOscillator(), volume = context.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.25, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + 0.06;
  }
  return true;
}

export function speak(words) {
  if (!choice().speech || !canSpeak() || !words) return false;
  speechSynthesis.cancel();  // an old cue is worth less than the new one
  speechSynthesis.speak(new SpeechSynthesisUtterance(words));
  return true;
}

document.addEventListener("pointerdown", wake, { once: true });
document.addEventListener("keydown", wake, { once: true });
