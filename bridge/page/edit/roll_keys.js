// The piano roll by keyboard: every change that the mouse can make, said aloud.

import { say } from "../core/notices.js";
import { pitchName } from "./score.js";

const HARDER = 8;

export const HELP =
  "Brackets [ and ] choose a note, Ctrl+A all of them. Arrows move it by the grid or a semitone, with " +
  "Shift by an octave; Shift with left and right shortens and lengthens it. Alt with up and down makes it louder and " +
  "softer. Insert or N adds a note, Delete removes, Ctrl+Z undoes, Ctrl+Y redoes.";

/** Handle a key pressed on the roll. */
export function rollKey(event, roll) {
  const { score } = roll;
  if (!score) return;
  const action = (event.ctrlKey || event.metaKey ? withControl : plain)(event, roll);
  if (!action) return;
  event.preventDefault();
  action();
  roll.chosen = new Set([...roll.chosen].filter((id) => score.has(id)));
  roll.changed(true);
  say(described(roll));
}

function withControl(event, roll) {
  const { score } = roll;
  const isRedo = event.key === "y" || (event.key.toLowerCase() === "z" && event.shiftKey);
  if (isRedo) return () => score.redo();
  if (event.key === "z") return () => score.undo();
  if (event.key === "a")
    return () => {
      roll.chosen = new Set(score.notes.map((note) => note.id));
    };
  return null;
}

function plain(event, roll) {
  const { score, chosen } = roll;
  const grid = roll.grid || 1 / 16;
  const kept = (action) =>
    chosen.size &&
    (() => {
      score.keep();
      action();
    });
  const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  const right = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (up && event.altKey) return kept(() => score.strengthen(chosen, up * HARDER));
  if (up) return kept(() => score.move(chosen, 0, up * (event.shiftKey ? 12 : 1)));
  if (right && event.shiftKey) return kept(() => score.lengthen(chosen, right * grid));
  if (right) return kept(() => score.move(chosen, right * grid, 0));
  if (event.key === "Delete" || event.key === "Backspace") return kept(() => score.remove(chosen));
  if (event.key === "Insert" || event.key === "n") return () => addAfter(roll, grid);
  if (event.key === "]") return () => step(roll, 1);
  if (event.key === "[") return () => step(roll, -1);
  return null;
}

function inOrder(score) {
  return [...score.notes].sort((a, b) => a.start - b.start || a.pitch - b.pitch);
}

function step(roll, by) {
  const notes = inOrder(roll.score);
  if (!notes.length) return;
  const at = notes.findIndex((note) => roll.chosen.has(note.id));
  const next = at < 0 ? (by > 0 ? 0 : notes.length - 1) : (at + by + notes.length) % notes.length;
  roll.chosen = new Set([notes[next].id]);
}

function addAfter(roll, grid) {
  const { score } = roll;
  const last = score.chosen(roll.chosen).at(-1);
  score.keep();
  const note = score.add(
    last?.part ?? roll.part,
    last?.end ?? 0,
    last ? last.end - last.start : grid,
    last?.pitch ?? 60,
    last?.velocity ?? 80,
  );
  roll.chosen = new Set([note.id]);
}

function described(roll) {
  const notes = roll.score.chosen(roll.chosen);
  if (!notes.length) return "No note is chosen.";
  if (notes.length > 1) return `${notes.length} notes are chosen.`;
  const [{ pitch, start, end, velocity }] = notes;
  const bar = Math.floor(start / roll.score.barBeats + 1e-6);
  const beat = Number((start - bar * roll.score.barBeats + 1).toFixed(3));
  return `${pitchName(pitch)}, bar ${bar + 1}, beat ${beat}, ${Number((end - start).toFixed(3))} beats long, velocity ${velocity}.`;
}
