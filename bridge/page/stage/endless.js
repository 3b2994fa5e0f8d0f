// Endless music on a deck: start it on chords, change them while it plays, keep the last bars, stop.

import { button, debounced, h, newId } from "../core/dom.js";
import { say, tell, warn } from "../core/notices.js";
import * as socket from "../core/socket.js";
import { parameter, vocabulary } from "../core/vocabulary.js";
import { chordField, sessionMeter } from "../make/chords.js";
import { valueAt } from "../core/values.js";

const WORDS_A_DECK = 6;

/** The part of the stage for endless music. */
export function endlessBox() {
  const id = newId("endless");
  const deck = h(
    "select",
    { id },
    Array.from({ length: vocabulary().decks }, (_, at) =>
      h("option", { value: String(at + 1), text: `Deck ${at + 1}` }),
    ),
  );
  const kept = h("input", {
    type: "number",
    id: `${id}-bars`,
    class: "short",
    min: 1,
    max: 64,
    value: 8,
    step: 1,
  });
  const state = h("ul", { class: "endless-state", "aria-label": "Endless decks" });
  const line = chordField({
    label: "Endless chords",
    help: parameter("chords").help,
    maxCharacters: parameter("chords").max_characters,
    send: () => {},
    keyOf: () => valueAt("param/key") ?? "",
    meterOf: sessionMeter,
  });
  const number = () => Number(deck.value);
  const chords = () => (line.input.value.trim() ? ["chords", line.input.value.trim()] : []);
  const element = h(
    "section",
    { class: "endless", "aria-label": "Endless" },
    h("h2", { text: "Endless" }),
    h(
      "div",
      { class: "field chosen" },
      h("label", { class: "label", for: id, text: "On" }),
      h("div", { class: "menu" }, deck),
    ),
    line.element,
    h(
      "div",
      { class: "launching" },
      button(
        "Start",
        () =>
          order(
            "/msanii/endless/start",
            [number(), ...chords()],
            `Endless music begins on deck ${number()}.`,
          ),
        { class: "launch" },
      ),
      button("Change chords", change),
      button(
        "Stop",
        () => order("/msanii/endless/stop", [number()], `Endless music ends on deck ${number()}.`),
        { class: "stop" },
      ),
    ),
    h("div", { class: "keep" }, h("label", { for: kept.id, text: "Bars" }), kept, button("Keep them", keep)),
    state,
  );

  async function order(address, args, words) {
    try {
      await socket.ask(address, args);
      say(words);
    } catch (problem) {
      warn(problem.message);
    }
    read();
  }

  async function change() {
    if (!chords().length) {
      warn("Write the chords first.");
      return;
    }
    try {
      const [, bar] = await socket.ask("/msanii/endless/set", [number(), ...chords()]);
      tell(`The new chords begin in bar ${bar}.`);
    } catch (problem) {
      warn(problem.message);
    }
  }

  async function keep() {
    try {
      const [, path] = await socket.ask("/msanii/endless/keep", [number(), Number(kept.value)]);
      tell(`Kept as ${String(path).split(/[\\/]/).pop()}.`);
    } catch (problem) {
      warn(problem.message);
    }
  }

  const read = () => socket.send("/msanii/endless/status");
  const readSoon = debounced(300, read);
  socket.on("/msanii/endless/event/bar", readSoon);
  socket.on("/msanii/endless/event/stopped", readSoon);
  socket.on("/msanii/behind", (which, bar) =>
    warn(`Deck ${which}: bar ${bar} is not ready, so its last two bars repeat.`),
  );
  socket.on("/msanii/endless/status.reply", (...words) => {
    const rows = [];
    for (let at = 0; at + WORDS_A_DECK <= words.length; at += WORDS_A_DECK)
      rows.push(words.slice(at, at + WORDS_A_DECK));
    state.replaceChildren(
      ...rows.map(([on, bar, , margin, , seconds]) =>
        h("li", {
          text: `Deck ${on}: ${bar < 0 ? "not begun" : `bar ${bar}`}, ${margin} bars ready, a bar takes ${seconds} s`,
        }),
      ),
    );
  });
  return { element, read };
}
