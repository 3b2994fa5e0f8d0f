// The transport and the master: play, stop, tempo, meter, the beat that is heard, master values.

import { h, newId } from "../core/dom.js";
import { on, send } from "../core/socket.js";
import { vocabulary } from "../core/vocabulary.js";
import { field } from "../controls/field.js";
import { labelOf } from "../make/layout.js";
import { press } from "./deck.js";
import { levelMeter } from "./levels.js";

const ROOT = "/msanii/";
const MORE = ["stream/nudge_ms"];

/** The transport's bar of controls. */
export function transportBar() {
  const beat = h("output", { class: "beat", text: "– . –", "aria-label": "Bar and beat" });
  const state = h("span", { class: "activity", text: "stopped" });
  const record = h("input", {
    type: "checkbox",
    id: "record-master",
    on: { change: () => send("/msanii/record/master", record.checked ? 1 : 0) },
  });
  const meter = meterField();
  const element = h(
    "section",
    { class: "transport", "aria-label": "Transport and master" },
    h(
      "div",
      { class: "launching" },
      press("Play", "/msanii/transport/play", "launch"),
      press("Stop all", "/msanii/transport/stop", "stop"),
      press("Undo", "/msanii/undo"),
      beat,
      state,
    ),
    levelMeter(0, "Master level"),
    h(
      "div",
      { class: "fields" },
      meter.element,
      vocabulary()
        .stage_values.filter((row) => !MORE.includes(pathOf(row)))
        .map(stageField),
    ),
    h("label", { class: "check", for: record.id }, record, h("span", { text: "Record the master" })),
  );

  on("/msanii/transport", showPlaying);
  on("/msanii/transport/event/beat", (bar, inBar) => {
    beat.textContent = `${bar} . ${inBar}`;
  });
  on("/msanii/recording", (deck) => {
    if (deck === 0) record.checked = true;
  });
  on("/msanii/recorded", (deck) => {
    if (deck === 0) record.checked = false;
  });
  on("/msanii/stream/status.reply", (...words) => {
    const at = words.findIndex((word, place) => place % 2 === 0 && word === "playing");
    if (at >= 0) showPlaying(words[at + 1]);
  });

  function showPlaying(playing) {
    state.textContent = playing ? "playing" : "stopped";
    element.dataset.playing = playing ? "1" : "";
    if (!playing) beat.textContent = "– . –";
  }

  function read() {
    send("/msanii/stream/status");
    send("/msanii/transport/meter");
  }

  return { element, read };
}

/** The field of a value of the master or of all decks. */
export function stageField(row) {
  const path = pathOf(row);
  const label = path === row.name ? `All decks: ${row.name}` : labelOf(row.name);
  return field(row, path, label, { learn: [`/msanii/fader/${path}`, "$value"] }).element;
}

function pathOf(row) {
  return row.address.slice(ROOT.length);
}

function meterField() {
  const id = newId("meter");
  const input = h("input", {
    type: "text",
    id,
    class: "short",
    inputMode: "text",
    autocomplete: "off",
    on: { change: () => send("/msanii/transport/meter", input.value.trim()) },
  });
  const show = (value) => {
    if (document.activeElement !== input) input.value = value;
  };
  on("/msanii/transport/meter", show);
  on("/msanii/transport/meter.reply", show);
  return {
    element: h(
      "div",
      { class: "field written" },
      h("label", { class: "label", for: id, text: "Meter" }),
      input,
    ),
  };
}
