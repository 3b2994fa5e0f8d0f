// Pictures of takes on a canvas: the waveform from its peaks, and the notes as a piano roll.

import { getJson, takePath } from "../core/http.js";

const MOST_KEPT = 300;
const AT_ONCE = 4;
const kept = new Map(); // what was read, by path; the oldest first
const waiting = [];
let reading = 0;

export const COLOURS = {
  wave: "#8f959e",
  played: "#ffb05c",
  line: "#3d4147",
  bar: "#565b63",
  parts: {
    keys: "#ffb05c",
    lead: "#ff8d9e",
    pad: "#c3a6ff",
    bass: "#7fb8ff",
    drums: "#9ad48a",
    mix: "#d7d9dc",
  },
};

/** The colour of a part; those of a repeated part (`keys_2`) are one. */
export function partColour(part) {
  return COLOURS.parts[part.split("_")[0]] ?? COLOURS.parts.mix;
}

/** The peaks of a take, `{low, high}`; null if it has none. A finished take never changes, so they are kept. */
export function peaksOf(name, width) {
  return cached(takePath(name, `/peaks?width=${width}`));
}

/** The notes of a take as `/takes/NAME/notes` gives them; null if it has none. */
export function notesOf(name) {
  return cached(takePath(name, "/notes"));
}

function cached(path) {
  if (!kept.has(path)) {
    kept.set(path, new Promise((resolve) => waiting.push({ path, resolve })));
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
    readNext();
  }
  return kept.get(path);
}

// The newest wish first: rows that were scrolled past can wait.
async function readNext() {
  if (reading >= AT_ONCE || !waiting.length) return;
  reading += 1;
  const { path, resolve } = waiting.pop();
  try {
    resolve(await getJson(path));
  } catch {
    kept.delete(path); // perhaps only the connection; the next look asks again
    resolve(null);
  }
  reading -= 1;
  readNext();
}

/** Fit a canvas to its size on the screen; its context, and width and height in CSS pixels. */
export function fitted(canvas) {
  const ratio = Math.min(2, devicePixelRatio || 1);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Draw a waveform; `played` (0 to 1) is what has been heard, `bars` the number of bar lines. */
export function drawWave(canvas, peaks, { played = 0, bars = 0 } = {}) {
  const { context, width, height } = fitted(canvas);
  const middle = height / 2;
  if (bars > 1 && bars <= width / 4) {
    context.fillStyle = COLOURS.line;
    for (let bar = 1; bar < bars; bar += 1) context.fillRect(Math.round((bar * width) / bars), 0, 1, height);
  }
  if (!peaks) return;
  const count = peaks.low.length;
  const step = Math.max(1, count / width);
  for (let x = 0; x < Math.min(width, count); x += 1) {
    const at = Math.floor(x * step);
    const top = middle - peaks.high[at] * middle;
    const bottom = middle - peaks.low[at] * middle;
    context.fillStyle = x / width < played ? COLOURS.played : COLOURS.wave;
    context.fillRect(
      (x * width) / Math.min(width, count),
      top,
      Math.max(1, width / count),
      Math.max(1, bottom - top),
    );
  }
}

/** Draw notes small, for looking at; `score` is as `notesOf` gives it. */
export function drawNotes(canvas, score) {
  const { context, width, height } = fitted(canvas);
  const all = Object.entries(score.parts).flatMap(([part, notes]) => notes.map((note) => [part, ...note]));
  if (!all.length) return;
  const beats = score.bars * score.bar_beats;
  const pitches = all.map((note) => note[3]);
  const low = Math.min(...pitches) - 2;
  const rows = Math.max(12, Math.max(...pitches) + 3 - low);
  context.fillStyle = COLOURS.line;
  for (let bar = 1; bar < score.bars; bar += 1)
    context.fillRect(Math.round((bar * width) / score.bars), 0, 1, height);
  for (const [part, start, end, pitch, velocity] of all) {
    context.globalAlpha =
      (score.own.includes(part) ? 0.5 : 0.2) +
      ((0.5 * velocity) / 127) * (score.own.includes(part) ? 1 : 0.3);
    context.fillStyle = partColour(part);
    const y = height - ((pitch - low + 1) * height) / rows;
    context.fillRect(
      (start * width) / beats,
      y,
      Math.max(2, ((end - start) * width) / beats - 1),
      Math.max(2, height / rows - 1),
    );
  }
  context.globalAlpha = 1;
}
