// What takes are called: the names that musicians give them, or else their files'.

import { h, newId } from "../core/dom.js";
import { ask, on } from "../core/socket.js";

const labels = new Map(); // of the takes that have one and were read, by file name
const onNames = new Set();

/** What a take is called. */
export function titleOf(take) {
  return take.label || take.name;
}

/** What the take of a file is called, as far as it was read. */
export function titleOfFile(name) {
  return labels.get(name) || name;
}

/** Keep what takes are called, from a list that was read. */
export function keepNames(takes) {
  takes.forEach((take) => named(take.name, take.label));
}

/** Call `action(name, label)` when the take of a file turns out to be called otherwise. */
export function onName(action) {
  onNames.add(action);
}

/** Listen to what takes are called. */
export function followNames() {
  on("/msanii/take/named", named);
}

function named(name, label) {
  if ((labels.get(name) ?? "") === label) return;
  labels.set(name, label);
  onNames.forEach((action) => action(name, label));
}

/** A field in which a take is named; `show(label)` shows its name. */
export function nameField(take) {
  const id = newId("take-name");
  const error = h("p", { class: "error", role: "alert" });
  const input = h("input", {
    type: "text",
    id,
    value: take.label,
    placeholder: "none yet",
    autocomplete: "off",
    on: { change: rename },
  });

  async function rename() {
    try {
      await ask("/msanii/take/name", [take.name, input.value], { matches: (name) => name === take.name });
      error.textContent = "";
    } catch (problem) {
      error.textContent = problem.message;
    }
    input.setAttribute("aria-invalid", String(Boolean(error.textContent)));
  }

  return {
    element: h(
      "div",
      { class: "field take-name" },
      h("label", { class: "label", for: id, text: "Name" }),
      input,
      error,
    ),
    show(label) {
      if (document.activeElement !== input) input.value = label;
    },
  };
}
