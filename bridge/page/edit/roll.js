// The piano roll: draws the notes, and moves, lengthens and adds them by mouse; roll_touch.js adds fingers.

import { h } from "../core/dom.js";
import { fitted, partColour } from "../takes/pictures.js";
import { Touch } from "./roll_touch.js";
import { pitchName } from "./score.js";

const ROW_PIXELS = 12;
const FINGER_ROW_PIXELS = 18;
const EDGE_PIXELS = 8;
const ROWS_AROUND = 7;
const FEWEST_ROWS = 24;
const BLACK = new Set([1, 3, 6, 8, 10]);
const CLICK_PIXELS = 3;

/** A roll on a canvas. `changed(isFinal)` is called after each change of notes or of the choice. */
export class Roll {
  constructor(changed) {
    this.changed = changed;
    this.score = null;
    this.chosen = new Set();
    this.grid = 0.25;
    this.isDrawing = false;
    this.beatPixels = 40;
    this.part = "";
    this.rowPixels = matchMedia("(pointer: coarse)").matches ? FINGER_ROW_PIXELS : ROW_PIXELS;
    this.canvas = h("canvas", {
      class: "roll",
      tabIndex: 0,
      role: "application",
      "aria-label": "Piano roll",
      "aria-describedby": "roll-help",
      on: {
        pointerdown: (event) => this.pressed(event),
        pointermove: (event) => this.dragged(event),
        pointerup: (event) => this.released(event),
        pointercancel: (event) => this.released(event),
        dblclick: (event) => this.touch.isLast || this.doubled(event.offsetX, event.offsetY),
      },
    });
    this.touch = new Touch(this);
  }

  /** Show a score. */
  open(score) {
    this.score = score;
    this.chosen.clear();
    [this.part] = score.own;
    const pitches = [...score.notes, ...score.others].map((note) => note.pitch);
    const [low, high] = pitches.length ? [Math.min(...pitches), Math.max(...pitches)] : [48, 72];
    this.low = Math.max(0, low - ROWS_AROUND);
    this.high = Math.min(127, Math.max(high + ROWS_AROUND, this.low + FEWEST_ROWS));
    this.draw();
  }

  /** Beats to pixels for the width there is; the bars above use the same. */
  fit(width) {
    if (!this.score) return;
    const least = width < 600 ? 26 : 18;
    this.beatPixels = Math.min(16000 / this.score.beats, Math.max(least, width / this.score.beats));
    this.canvas.style.width = `${this.score.beats * this.beatPixels}px`;
    this.canvas.style.height = `${(this.high - this.low + 1) * this.rowPixels}px`;
    this.draw();
  }

  draw() {
    if (!this.score || !this.canvas.clientWidth) return;
    const { context, width, height } = fitted(this.canvas);
    for (let pitch = this.low; pitch <= this.high; pitch += 1) {
      context.fillStyle = BLACK.has(pitch % 12) ? "#202225" : "#26282c";
      context.fillRect(0, this.top(pitch), width, this.rowPixels - 1);
    }
    for (let beat = 0; beat <= this.score.beats + 1e-6; beat += 1) {
      const isBar = Math.abs(beat % this.score.barBeats) < 1e-6;
      context.fillStyle = isBar ? "#6a7079" : "#34383d";
      context.fillRect(Math.round(beat * this.beatPixels), 0, 1, height);
    }
    for (let bar = 1; bar < this.score.bars; bar += 1) {
      context.fillStyle = "#6a7079";
      context.fillRect(Math.round(bar * this.score.barBeats * this.beatPixels), 0, 1, height);
    }
    this.score.others.forEach((note) => this.drawNote(context, note, 0.22));
    this.score.notes.forEach((note) => this.drawNote(context, note, 0.55 + (0.45 * note.velocity) / 127));
    context.font = "10px system-ui, sans-serif";
    for (let pitch = this.low; pitch <= this.high; pitch += 1) {
      if (pitch % 12) continue;
      context.fillStyle = "#17181acc";
      context.fillRect(0, this.top(pitch), 22, this.rowPixels - 1);
      context.fillStyle = "#c5cad2";
      context.fillText(pitchName(pitch), 3, this.top(pitch) + this.rowPixels - 3);
    }
    if (this.band) {
      context.strokeStyle = "#ffffff";
      context.strokeRect(this.band.x, this.band.y, this.band.width, this.band.height);
    }
  }

  drawNote(context, note, alpha) {
    const x = note.start * this.beatPixels;
    const width = Math.max(3, (note.end - note.start) * this.beatPixels - 1);
    context.globalAlpha = alpha;
    context.fillStyle = partColour(note.part);
    context.fillRect(x, this.top(note.pitch), width, this.rowPixels - 1);
    context.globalAlpha = 1;
    if (this.chosen.has(note.id)) {
      context.strokeStyle = "#ffffff";
      context.lineWidth = 2;
      context.strokeRect(x + 1, this.top(note.pitch) + 1, width - 2, this.rowPixels - 3);
      context.lineWidth = 1;
    }
  }

  top(pitch) {
    return (this.high - pitch) * this.rowPixels;
  }

  beatAt(x) {
    return x / this.beatPixels;
  }

  pitchAt(y) {
    return this.high - Math.floor(y / this.rowPixels);
  }

  snapped(beat) {
    return this.grid ? Math.round(beat / this.grid) * this.grid : beat;
  }

  noteAt(x, y) {
    const [beat, pitch] = [this.beatAt(x), this.pitchAt(y)];
    return this.score?.notes.findLast(
      (note) =>
        note.pitch === pitch &&
        note.start <= beat &&
        beat < Math.max(note.end, note.start + 4 / this.beatPixels),
    );
  }

  pressed(event) {
    if (!this.score || event.button || !event.isPrimary) return;
    this.canvas.setPointerCapture(event.pointerId);
    const [x, y] = [event.offsetX, event.offsetY];
    const isFinger = event.pointerType === "touch";
    const hit = isFinger ? this.touch.noteNear(x, y) : this.noteAt(x, y);
    this.press = { x, y, beats: 0, semitones: 0, isKept: false, kind: "move" };
    if (hit) {
      this.choose(hit, event.shiftKey);
      if (this.isAtEnd(hit, x)) this.press.kind = "length";
    } else if (this.isDrawing) {
      this.addAt(x, y);
      this.press = { ...this.press, kind: "length", isKept: true };
    } else if (isFinger) {
      this.press.kind = "scroll";
    } else {
      this.press.kind = "band";
      if (!event.shiftKey) this.chosen = new Set();
    }
    this.touch.pressed(isFinger, Boolean(hit));
    this.changed(false);
  }

  choose(note, isWithOthers) {
    const isChosen = this.chosen.has(note.id);
    const others = [...this.chosen].filter((id) => id !== note.id);
    if (isWithOthers) this.chosen = new Set(isChosen ? others : [...others, note.id]);
    else if (!isChosen) this.chosen = new Set([note.id]);
  }

  isAtEnd(note, x) {
    const length = (note.end - note.start) * this.beatPixels;
    return note.end * this.beatPixels - x < Math.min(EDGE_PIXELS, length / 3);
  }

  dragged(event) {
    const { press } = this;
    if (!press) {
      this.point(event);
      return;
    }
    const [dx, dy] = [event.offsetX - press.x, event.offsetY - press.y];
    const pixels = Math.hypot(dx, dy);
    if (this.touch.isStill(pixels) || press.kind === "scroll") return;
    if (press.kind === "band") {
      this.chooseBand(press.x, press.y, event.offsetX, event.offsetY);
    } else if (press.isKept || pixels > CLICK_PIXELS) {
      const beats = this.snapped(dx / this.beatPixels);
      const semitones = press.kind === "move" ? -Math.round(dy / this.rowPixels) : 0;
      if (beats === press.beats && semitones === press.semitones) return;
      if (!press.isKept) this.score.keep();
      press.isKept = true;
      if (press.kind === "move")
        this.score.move(this.chosen, beats - press.beats, semitones - press.semitones);
      else this.score.lengthen(this.chosen, beats - press.beats);
      Object.assign(press, { beats, semitones });
    }
    this.changed(false);
  }

  released(event) {
    if (!this.press) return;
    this.touch.released(event);
    this.press = null;
    this.band = null;
    this.changed(true);
  }

  doubled(x, y, hit = this.noteAt(x, y)) {
    if (hit) {
      this.score.keep();
      this.score.remove(new Set([hit.id]));
      this.chosen = new Set();
    } else if (!this.isDrawing) {
      this.addAt(x, y);
    }
    this.changed(true);
  }

  addAt(x, y) {
    this.score.keep();
    const length = this.grid || 0.25;
    const start = Math.floor(this.beatAt(x) / length + 1e-6) * length;
    const velocity = this.score.notes.at(-1)?.velocity ?? 80;
    this.chosen = new Set([this.score.add(this.part, start, length, this.pitchAt(y), velocity).id]);
  }

  chooseBand(x, y, toX, toY) {
    this.band = {
      x: Math.min(x, toX),
      y: Math.min(y, toY),
      width: Math.abs(toX - x),
      height: Math.abs(toY - y),
    };
    const [from, to] = [this.beatAt(this.band.x), this.beatAt(this.band.x + this.band.width)];
    const [high, low] = [this.pitchAt(this.band.y), this.pitchAt(this.band.y + this.band.height)];
    this.chosen = new Set(
      this.score.notes
        .filter((note) => note.start < to && note.end > from && note.pitch <= high && note.pitch >= low)
        .map((note) => note.id),
    );
  }

  point(event) {
    const hit = this.noteAt(event.offsetX, event.offsetY);
    const isEdge = hit && hit.end * this.beatPixels - event.offsetX < EDGE_PIXELS;
    this.canvas.style.cursor = isEdge ? "ew-resize" : hit ? "grab" : this.isDrawing ? "crosshair" : "default";
  }
}
