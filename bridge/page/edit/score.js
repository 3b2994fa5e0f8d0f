// The notes of a take while they are edited: what changes them, and how to undo it. Times are quarter notes.

const SHORTEST = 1 / 16;
const LOWEST = 0;
const HIGHEST = 127;
const MOST_UNDONE = 200;

/** A score from `/takes/NAME/notes`; only the parts that the take plays itself can be edited. */
export class Score {
  constructor(read) {
    this.bars = read.bars;
    this.barBeats = read.bar_beats;
    this.meter = `${read.numerator}/${read.denominator}`;
    this.beats = read.bars * read.bar_beats;
    this.own = read.own;
    this.ids = 0;
    this.notes = this.own.flatMap((part) => (read.parts[part] ?? []).map((note) => this.note(part, ...note)));
    this.others = Object.entries(read.parts)
      .filter(([part]) => !this.own.includes(part))
      .flatMap(([part, notes]) => notes.map((note) => this.note(part, ...note)));
    this.first = this.text();
    this.undone = [];
    this.done = [];
  }

  note(part, start, end, pitch, velocity) {
    this.ids += 1;
    return { id: this.ids, part, start, end, pitch, velocity };
  }

  /** Whether the notes are others than the take's. */
  get isChanged() {
    return this.text() !== this.first;
  }

  /** Whether there is a note with this id. */
  has(id) {
    return this.notes.some((note) => note.id === id);
  }

  /** Remember the notes as they are, before a change that `undo` is to take back. */
  keep() {
    this.done.push(this.copy());
    this.undone = [];
    if (this.done.length > MOST_UNDONE) this.done.shift();
  }

  undo() {
    if (this.done.length) {
      this.undone.push(this.copy());
      this.notes = this.done.pop();
    }
  }

  redo() {
    if (this.undone.length) {
      this.done.push(this.copy());
      this.notes = this.undone.pop();
    }
  }

  add(part, start, length, pitch, velocity) {
    const from = Math.max(0, Math.min(start, this.beats - SHORTEST));
    const note = this.note(part, from, Math.min(this.beats, from + length), pitch, velocity);
    this.notes.push(note);
    return note;
  }

  remove(ids) {
    this.notes = this.notes.filter((note) => !ids.has(note.id));
  }

  /** Move notes by beats and semitones, all together and no further than the edge. */
  move(ids, beats, semitones) {
    const moved = this.chosen(ids);
    if (!moved.length) return;
    const earliest = Math.min(...moved.map((note) => note.start));
    const latest = Math.max(...moved.map((note) => note.end));
    const by = Math.max(-earliest, Math.min(beats, this.beats - latest));
    const up = Math.max(
      LOWEST - Math.min(...moved.map((note) => note.pitch)),
      Math.min(semitones, HIGHEST - Math.max(...moved.map((note) => note.pitch))),
    );
    for (const note of moved) {
      note.start += by;
      note.end += by;
      note.pitch += up;
    }
  }

  /** Lengthen notes, or shorten them, by beats. */
  lengthen(ids, beats) {
    for (const note of this.chosen(ids)) {
      note.end = Math.min(this.beats, Math.max(note.start + SHORTEST, note.end + beats));
    }
  }

  /** Play notes harder, or softer. */
  strengthen(ids, by) {
    for (const note of this.chosen(ids)) note.velocity = Math.min(127, Math.max(1, note.velocity + by));
  }

  chosen(ids) {
    return this.notes.filter((note) => ids.has(note.id));
  }

  /** The bars, from 1, that hold a note which the take does not have, or lack one. */
  changedBars() {
    const now = new Set(this.lines(this.notes));
    const before = new Set(this.first.split("\n"));
    const differing = [...now]
      .filter((line) => !before.has(line))
      .concat([...before].filter((line) => line && !now.has(line)));
    const bars = new Set(
      differing.map((line) => Math.floor(Number(line.split(" ")[1]) / this.barBeats + 1e-6) + 1),
    );
    return [...bars].filter((bar) => bar >= 1 && bar <= this.bars).sort((a, b) => a - b);
  }

  /** The notes as the file that `/msanii/edit ... notes` reads. */
  file(name) {
    const notes = [...this.notes]
      .sort((a, b) => a.start - b.start || a.pitch - b.pitch)
      .map((note) => ({
        pitch: note.pitch,
        start_beats: round(note.start),
        duration_beats: round(note.end - note.start),
        velocity: note.velocity,
        part: note.part,
      }));
    const [numerator, denominator] = this.meter.split("/").map(Number);
    const content = { notes, length_beats: this.beats, numerator, denominator };
    return new File([JSON.stringify(content)], name, { type: "application/json" });
  }

  copy() {
    return this.notes.map((note) => ({ ...note }));
  }

  lines(notes) {
    return notes
      .map((note) => `${note.part} ${round(note.start)} ${round(note.end)} ${note.pitch} ${note.velocity}`)
      .sort();
  }

  text() {
    return this.lines(this.notes).join("\n");
  }
}

function round(beats) {
  return Number(beats.toFixed(6));
}

const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

/** A pitch as musicians write it: 60 is C3, as in Live. */
export function pitchName(pitch) {
  return `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 2}`;
}
