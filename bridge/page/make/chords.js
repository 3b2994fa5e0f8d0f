// The chord field: what is written, and under it how the bridge understands each chord.

import { debounced, h, newId } from "../core/dom.js";
import * as socket from "../core/socket.js";
import { setValue, valueAt, watch } from "../core/values.js";
import { parameter } from "../core/vocabulary.js";
import { resetButton } from "../controls/reset.js";

const READ = "/msanii/chords/read";
const WAIT_MS = 150;

/** Ask how a progression is understood: `{problem, chords: [{start, end, name, tones}]}`. */
export async function readChords(text, key = "", meter = "4/4") {
  const [, problem, ...words] = await socket.ask(READ, [text, key, meter], {
    matches: (sent) => sent === text,
  });
  const chords = [];
  for (let at = 0; at + 3 < words.length; at += 4) {
    chords.push({ start: words[at], end: words[at + 1], name: words[at + 2], tones: words[at + 3] });
  }
  return { problem, chords };
}

/** The meter of the session, as in "7/8". */
export function sessionMeter() {
  return `${valueAt("param/numerator") ?? 4}/${valueAt("param/denominator") ?? 4}`;
}

/**
 * A checked chord field with `element`, `input`, `put(text)`; `send(text)` is called with chords that can be read.
 * `beside` is an element beside its label.
 */
export function chordField({ label, help, send, keyOf, meterOf, maxCharacters, beside = null }) {
  const id = newId("chords");
  const list = h("ol", { class: "understood", "aria-label": "Chords as they are understood" });
  const error = h("p", { class: "error", id: `${id}-error`, role: "alert" });
  const input = h("input", {
    type: "text",
    id,
    class: "chords",
    maxLength: maxCharacters,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: false,
    placeholder: "Am F C G",
    "aria-describedby": `${id}-help ${id}-error`,
    on: {
      input: () => {
        isTyping = isTyped = true;
        check();
      },
      blur: () => {
        isTyping = false;
      },
    },
  });
  const element = h(
    "div",
    { class: "field chord-field" },
    h("span", { class: "label" }, h("label", { for: id, text: label, title: help }), beside),
    h("p", { class: "unseen", id: `${id}-help`, text: help }),
    input,
    error,
    list,
  );
  const check = debounced(WAIT_MS, read);
  let asked = 0;
  let isTyped = false; // and not sent yet
  let isTyping = false;

  async function read() {
    asked += 1;
    const mine = asked;
    const text = input.value;
    let found = { problem: "", chords: [] };
    try {
      if (text.trim()) found = await readChords(text, keyOf(), meterOf());
    } catch (problem) {
      if (!problem.code) {
        // No word of the chords: the bridge is slow, or not there, which the page says elsewhere.
        if (socket.isConnected()) check();
        return;
      }
      found.problem = problem.message;
    }
    if (mine !== asked) return;
    show(found);
    if (!isTyped || found.problem) return;
    isTyped = isTyping = false;
    send(text);
  }

  function show({ problem, chords }) {
    error.textContent = problem;
    input.toggleAttribute("aria-invalid", Boolean(problem));
    if (problem) input.setAttribute("aria-invalid", "true");
    const [numerator, denominator] = meterOf().split("/").map(Number);
    const barBeats = (4 * numerator) / denominator;
    list.replaceChildren(...chords.map((chord) => chip(chord, barBeats)));
  }

  return {
    element,
    input,
    put(text) {
      if (text === input.value || isTyping) return;
      isTyped = false;
      input.value = text;
      check();
    },
    again: () => check(),
  };
}

function chip(chord, barBeats) {
  const bar = Math.floor(chord.start / barBeats + 1e-6);
  const isOnLine = Math.abs(chord.start - bar * barBeats) < 1e-6;
  return h(
    "li",
    { class: isOnLine ? "chip on-line" : "chip" },
    h("span", { class: "where", text: isOnLine ? `${bar + 1}` : "", "aria-hidden": "true" }),
    h("b", { text: chord.name }),
    h("span", { class: "tones", text: chord.tones }),
    h("span", { class: "unseen", text: `, bar ${bar + 1}` }),
  );
}

/** The chord field of the session. */
export function sessionChords() {
  const row = parameter("chords");
  const one = chordField({
    label: "Chords",
    help: row.help,
    maxCharacters: row.max_characters,
    beside: resetButton(["chords"], "Chords"),
    send: (text) => text !== valueAt("param/chords") && setValue("param/chords", text),
    keyOf: () => valueAt("param/key") ?? "",
    meterOf: sessionMeter,
  });
  watch("param/chords", (text) => one.put(text ?? ""));
  ["param/key", "param/numerator", "param/denominator"].forEach((path) => watch(path, one.again));
  return one;
}
