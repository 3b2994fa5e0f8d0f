// Scenes: a column of rows over all decks; each is launched, stored and named here.

import { button, h, newId } from "../core/dom.js";
import { ask, on, send } from "../core/socket.js";
import { say, warn } from "../core/notices.js";
import { titleOfFile } from "../takes/naming.js";
import { press } from "./deck.js";

const LEAST_ROWS = 4;
const MOST_ROWS = 64;
const WORDS_A_DECK = 4;

/** The part of the stage for scenes. */
export function scenesBox() {
  const rows = [];
  const list = h("ol", { class: "scene-rows" });
  const element = h(
    "section",
    { class: "scenes", "aria-label": "Scenes" },
    h("h2", { text: "Scenes" }),
    list,
  );
  let listed = new Set();

  function rowOf(number) {
    while (rows.length < Math.min(number, MOST_ROWS)) {
      const row = sceneRow(rows.length + 1);
      rows.push(row);
      list.append(row.element);
    }
    return rows[number - 1];
  }

  // There is always an empty one below the last.
  function show(number, ...scene) {
    rowOf(number).show(...scene);
    if (scene[0] !== "empty") rowOf(Math.min(number + 1, MOST_ROWS));
  }

  rowOf(LEAST_ROWS);
  on("/msanii/scene", (number, activity) => rowOf(number).act(activity));
  on("/msanii/scene/event/changed", show);
  on("/msanii/scene/list.reply", (number, ...scene) => {
    listed.add(number);
    show(number, ...scene);
  });
  on("/msanii/scene/list/end.reply", () => {
    rows.forEach((row, at) => listed.has(at + 1) || row.show("empty", "", 0));
    listed = new Set();
  });
  return { element, read: () => send("/msanii/scene/list") };
}

function sceneRow(number) {
  const at = `/msanii/scene/${number}`;
  const id = newId("scene");
  const launch = press(`Scene ${number}`, `${at}/launch`, "launch");
  const about = h("p", { class: "scene-about", text: "empty" });
  const input = h("input", {
    type: "text",
    id,
    "aria-label": `Name of scene ${number}`,
    placeholder: "name",
    autocomplete: "off",
    on: { change: rename },
  });
  const store = button("Store", stored, {
    "aria-label": `Store scene ${number}`,
    data: { learn: `${at}/store`, learnArguments: "[]" },
  });
  const clear = button("Clear", () => send(`${at}/clear`), { "aria-label": `Clear scene ${number}` });
  const element = h(
    "li",
    { class: "scene", data: { activity: "empty" } },
    launch,
    about,
    input,
    h("div", { class: "launching" }, store, clear),
  );
  act("empty");

  async function stored() {
    try {
      await ask(`${at}/store`);
      say(`Scene ${number} holds what plays now.`);
    } catch (problem) {
      warn(problem.message);
    }
  }

  async function rename() {
    try {
      await ask(`${at}/name`, [input.value]);
    } catch (problem) {
      warn(problem.message);
    }
  }

  function act(activity) {
    element.dataset.activity = activity;
    launch.disabled = activity === "empty";
    clear.disabled = activity === "empty";
  }

  function show(activity, name, bpm, ...decks) {
    act(activity);
    launch.textContent = name || `Scene ${number}`;
    if (document.activeElement !== input) input.value = name;
    const words = [];
    for (let from = 0; from + WORDS_A_DECK <= decks.length; from += WORDS_A_DECK) {
      const [deck, action, take] = decks.slice(from, from + WORDS_A_DECK);
      words.push(`${deck}: ${action === "take" ? titleOfFile(take) : action}`);
    }
    if (bpm) words.push(`${Math.round(100 * bpm) / 100} bpm`);
    about.textContent = words.join(" · ") || "empty";
  }

  return { element, act, show };
}
