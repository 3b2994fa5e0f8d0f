// One deck: what is on it, start and stop, its values, its recording.

import { button, h } from "../core/dom.js";
import { on, send } from "../core/socket.js";
import { addressRow, vocabulary } from "../core/vocabulary.js";
import { field, learnData } from "../controls/field.js";
import { TAKE_TYPE } from "../make/files.js";
import { labelOf } from "../make/layout.js";
import { takeMenu } from "../takes/menu.js";
import { onName, titleOfFile } from "../takes/naming.js";
import { levelMeter } from "./levels.js";

const WIDE_PIXELS = 700;

/** A deck's card. */
export function deckCard(number) {
  const at = `/msanii/deck/${number}`;
  const state = h("span", { class: "activity", text: "empty" });
  const take = h("p", { class: "on-deck", text: "nothing loaded" });
  const line = h("p", { class: "line" });
  let onDeck = "";
  const launch = press("Launch", `${at}/launch`, "launch");
  const stop = press("Stop", `${at}/stop`, "stop");
  const record = h("input", {
    type: "checkbox",
    id: `record-${number}`,
    on: { change: () => send(`${at}/record`, record.checked ? 1 : 0) },
  });
  const load = takeMenu({
    words: "Load a take",
    label: `Load a take on deck ${number}`,
    choose: (chosen) => send(`${at}/load`, chosen.name),
  });
  const element = h(
    "article",
    {
      class: "deck",
      "aria-label": `Deck ${number}`,
      on: { dragover: over, drop: dropped, dragleave: () => element.classList.remove("over") },
    },
    h(
      "header",
      {},
      h("h2", { text: `Deck ${number}` }),
      state,
      levelMeter(number, `Level of deck ${number}`),
    ),
    take,
    line,
    h("div", { class: "launching" }, launch, stop),
    load.element,
    h("div", { class: "fields" }, valueField("gain")),
    h(
      "details",
      { open: innerWidth >= WIDE_PIXELS },
      h("summary", { text: "More of this deck" }),
      h(
        "div",
        { class: "fields" },
        vocabulary()
          .deck_values.filter((row) => row.name !== "gain")
          .map((row) => valueField(row.name)),
      ),
      h("label", { class: "check", for: record.id }, record, h("span", { text: "Record this deck" })),
    ),
  );

  on("/msanii/deck", (deck, activity, name, beat) => deck === number && show(activity, name, beat));
  on(`${at}/state.reply`, (activity, name, ...words) => show(activity, name, words.at(-1)));
  onName((name, label) => {
    if (name === onDeck) take.textContent = label || name;
  });
  on("/msanii/recording", (deck) => {
    if (deck === number) record.checked = true;
  });
  on("/msanii/recorded", (deck) => {
    if (deck === number) record.checked = false;
  });

  function show(activity, name, beat) {
    element.dataset.activity = activity;
    state.textContent = activity;
    onDeck = name;
    take.textContent = titleOfFile(name) || "nothing loaded";
    line.textContent = beat >= 0 ? `${activity === "stopping" ? "stops" : "starts"} at beat ${beat}` : "";
  }

  function valueField(name) {
    const row = vocabulary().deck_values.find((one) => one.name === name);
    return field(row, `deck/${number}/${name}`, labelOf(name), {
      learn: [`/msanii/fader/deck/${number}/${name}`, "$value"],
    }).element;
  }

  function over(event) {
    if (![...event.dataTransfer.types].includes(TAKE_TYPE)) return;
    event.preventDefault();
    element.classList.add("over");
  }

  function dropped(event) {
    event.preventDefault();
    element.classList.remove("over");
    const name = event.dataTransfer.getData(TAKE_TYPE);
    if (name) send(`${at}/load`, name);
  }

  return { element, read: () => send(`${at}/state`) };
}

/** A button that sends an address, and that MIDI learn knows by it. */
export function press(words, address, className = "") {
  const row = addressRow(address.replace(/\/(deck|scene)\/\d+\//, "/$1/<n>/"));
  return button(words, () => send(address), { class: className, data: learnData(address), title: row?.help });
}
