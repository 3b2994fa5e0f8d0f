// The bars above the roll: the chord of each, which can be changed, and whether it is chosen.

import { h } from "../core/dom.js";
import { readChords } from "../make/chords.js";

/** The row of bars. `changed()` is called when a chord or the choice of bars changes. */
export class BarRow {
  constructor(changed) {
    this.changed = changed;
    this.element = h("ol", { class: "bars", "aria-label": "Bars" });
    this.problem = h("p", { class: "error", role: "alert" });
    this.cells = [];
  }

  /** Show the bars of a score with the chords that they have. */
  async open(score, chords, key) {
    this.key = key;
    this.meter = score.meter;
    this.cells = [];
    this.problem.textContent = "";
    const spans = chords
      ? (await readChords(chords, key, score.meter).catch(() => ({ chords: [] }))).chords
      : [];
    this.cells = Array.from({ length: score.bars }, (_, bar) =>
      this.cell(bar + 1, textOf(spans, bar, score)),
    );
    this.element.replaceChildren(...this.cells.map((one) => one.element));
  }

  cell(bar, chord) {
    const box = h("input", {
      type: "checkbox",
      "aria-label": `Choose bar ${bar}`,
      on: {
        change: () => {
          element.classList.toggle("chosen", box.checked);
          this.changed();
        },
      },
    });
    const input = h("input", {
      type: "text",
      value: chord,
      "aria-label": `Chord of bar ${bar}`,
      autocomplete: "off",
      spellcheck: false,
      placeholder: "–",
      on: { change: () => this.check(one) },
    });
    const element = h("li", {}, h("label", { class: "bar" }, box, h("span", { text: String(bar) })), input);
    const one = { bar, was: chord, input, box, element, isWrong: false };
    return one;
  }

  async check(cell) {
    const { problem } = cell.input.value.trim()
      ? await readChords(cell.input.value, this.key, this.meter).catch((error) => ({
          problem: error.message,
        }))
      : { problem: "" };
    if (!cell.input.value.trim()) cell.input.value = cell.was;
    cell.isWrong = Boolean(problem);
    cell.input.setAttribute("aria-invalid", String(cell.isWrong));
    cell.element.classList.toggle("changed", cell.input.value.trim() !== cell.was);
    this.problem.textContent = problem ? `Bar ${cell.bar}: ${problem}` : "";
    this.changed();
  }

  /** Give each bar its width in pixels. */
  fit(pixels) {
    this.cells.forEach((one) => {
      one.element.style.width = `${pixels}px`;
    });
  }

  /** The bars that are chosen, from 1. */
  chosen() {
    return this.cells.filter((one) => one.box.checked).map((one) => one.bar);
  }

  /** The chords that were changed, as `/msanii/edit` takes them: `3 Dm, 4 G:2 C:2`; null if one cannot be read. */
  chords() {
    const changed = this.cells.filter((one) => one.input.value.trim() !== one.was);
    if (changed.some((one) => one.isWrong)) return null;
    return changed.map((one) => `${one.bar} ${one.input.value.trim()}`).join(", ");
  }
}

// The chords of a bar as people write them: one name if it fills the bar, else names with lengths.
function textOf(spans, bar, score) {
  const [from, to] = [bar * score.barBeats, (bar + 1) * score.barBeats];
  const length = spans.at(-1)?.end ?? 0;
  if (!length) return "";
  const turns = Math.floor(from / length + 1e-9);
  const parts = [turns, turns + 1]
    .flatMap((turn) =>
      spans.map((span) => ({
        name: span.name,
        start: Math.max(from, span.start + turn * length),
        end: Math.min(to, span.end + turn * length),
      })),
    )
    .filter((part) => part.end - part.start > 1e-6);
  if (parts.length === 1) return parts[0].name;
  return parts.map((part) => `${part.name}:${Number((part.end - part.start).toFixed(3))}`).join(" ");
}
