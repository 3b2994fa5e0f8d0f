// Catch: the level of the input, and the button that makes its last bars a file; only seen with an input.

import { button, h, newId } from "../core/dom.js";
import { say, warn } from "../core/notices.js";
import { ask, on, send } from "../core/socket.js";
import { isShown } from "../core/tabs.js";
import { vocabulary } from "../core/vocabulary.js";
import { learnData } from "../controls/field.js";
import { QUIETEST_DB, emptyMeter } from "./levels.js";

const CATCH = "/msanii/catch";
const LEVEL = "/msanii/input/level";
const BARS = [1, 2, 4, 8, 16];
const READ_EVERY_MS = 100;
const LATE_MS = 1000;
// The bars may have to come in, be cut and be written.
const LIMIT_MS = 30_000;

/** The part of the stage for the input. */
export function catchBox() {
  const id = newId("catch");
  const meter = emptyMeter("Input level");
  const bars = h(
    "select",
    { id: `${id}-bars`, on: { change: learnable } },
    BARS.map((count) =>
      h("option", {
        value: String(count),
        text: count === 1 ? "1 bar" : `${count} bars`,
        selected: count === 4,
      }),
    ),
  );
  const deck = h(
    "select",
    { id: `${id}-deck`, on: { change: learnable } },
    h("option", { value: "", text: "no deck" }),
    Array.from({ length: vocabulary().decks }, (_, at) =>
      h("option", { value: String(at + 1), text: `deck ${at + 1}` }),
    ),
  );
  const state = h("p", { class: "hint", role: "status" });
  const press = button("Catch", take, { class: "launch" });
  const element = h(
    "section",
    { class: "endless catch", "aria-label": "Catch", hidden: true },
    h("h2", { text: "Catch" }),
    meter,
    h(
      "div",
      { class: "launching" },
      press,
      h("label", { for: bars.id, text: "the last" }),
      bars,
      h("label", { for: deck.id, text: "and play on" }),
      deck,
    ),
    state,
  );
  let isOpen = false;
  let askedAt = -Infinity;

  on("/msanii/stream/status.reply", (...words) => {
    const pairs = Object.fromEntries(
      words.flatMap((word, at) => (at % 2 === 0 ? [[String(word), words[at + 1]]] : [])),
    );
    if ("input_state" in pairs) show(pairs.input_state, pairs.input ?? "", pairs.input_note ?? "");
  });
  on("/msanii/input/event", show);
  on(`${LEVEL}.reply`, (level) => {
    askedAt = -Infinity;
    meter.value = Math.max(QUIETEST_DB, level);
  });
  setInterval(() => {
    const now = performance.now();
    if (!isOpen || document.hidden || !isShown("stage") || now - askedAt < LATE_MS) return;
    if (send(LEVEL)) askedAt = now;
  }, READ_EVERY_MS);
  learnable();

  function words() {
    return [Number(bars.value), ...(deck.value ? [Number(deck.value)] : [])];
  }

  function learnable() {
    Object.assign(press.dataset, learnData([CATCH, ...words()]));
  }

  function show(word, device, reason) {
    isOpen = word === "open";
    element.hidden = word === "off";
    press.disabled = !isOpen;
    meter.value = QUIETEST_DB;
    state.textContent = isOpen ? device : reason || `the input is ${word}`;
  }

  async function take() {
    press.disabled = true;
    try {
      const [path, count, bpm, note] = await ask(CATCH, words(), { limitMs: LIMIT_MS });
      const name = String(path).split(/[\\/]/).pop();
      say(`Caught ${count} bars at ${Number(bpm.toFixed(2))} bpm: ${name}`);
      state.textContent = note ? `${name}: ${note}` : name;
    } catch (problem) {
      warn(problem.message);
    }
    press.disabled = !isOpen;
  }

  return { element };
}
