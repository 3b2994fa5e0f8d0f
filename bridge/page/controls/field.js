// A labelled control for a row of the tables: a number, a choice, a switch or a text, bound to its shared value.

import { h, newId } from "../core/dom.js";
import { valueAt, setValue, watch } from "../core/values.js";
import { choiceControl, switchControl } from "./choice.js";
import { numberControl } from "./number.js";
import { resetButton } from "./reset.js";
import { textControl } from "./text.js";

/**
 * The field of a value. `row` is from the vocabulary; `path` that of its value ("param/bpm"); `label` the words
 * before it. `menu` gives a text choices: `{options: () => [[value, words], ...]}`. MIDI learn is told `learn`:
 * a parameter, or a list of an address and its arguments. `send` takes a new value elsewhere. A parameter of
 * the session can be taken back.
 * A field has `element`, `input` and `refresh()`, which shows its value again.
 */
export function field(
  row,
  path,
  label,
  { menu = null, learn = null, className = "", send = (value) => setValue(path, value) } = {},
) {
  const id = newId(row.name ?? "value");
  const helpId = `${id}-help`;
  const control = makeControl(row, id, send, menu);
  const error = h("p", { class: "error", id: `${id}-error`, role: "alert" });
  const element = h(
    "div",
    { class: `field ${control.kind} ${className}`, data: { path, ...learnData(learn) } },
    h(
      "span",
      { class: "label" },
      h(control.isGroup ? "span" : "label", {
        for: control.isGroup ? null : id,
        id: `${id}-label`,
        text: label,
        title: row.help,
      }),
      path === `param/${row.name}` ? resetButton([row.name], label) : null,
    ),
    control.element,
    h("p", { class: "unseen", id: helpId, text: row.help ?? "" }),
    error,
  );
  control.input.setAttribute("aria-describedby", `${helpId} ${error.id}`);
  watch(
    path,
    (value) => {
      control.show(value);
      error.textContent = "";
      control.input.removeAttribute("aria-invalid");
    },
    (sentence) => {
      error.textContent = sentence;
      control.input.setAttribute("aria-invalid", "true");
    },
  );
  return { element, input: control.input, refresh: () => control.show(valueAt(path)) };
}

/** What MIDI learn reads off a control: its name, and the arguments of an address. */
export function learnData(learn) {
  if (!learn) return {};
  const [name, ...args] = [learn].flat();
  return { learn: name, learnArguments: JSON.stringify(args) };
}

function makeControl(row, id, send, menu) {
  if (menu) return choiceControl(row, id, send, menu);
  if (row.kind === "switch" || isSwitch(row)) return switchControl(row, id, send);
  if (row.kind === "choice")
    return choiceControl(row, id, send, {
      options: () => row.choices.map((one) => [one, choiceWords(row, one)]),
    });
  if (["int", "float", "number"].includes(row.kind)) return numberControl(row, id, send);
  return textControl(row, id, send);
}

// Launch quantisation is in bars where it is a number.
function choiceWords(row, value) {
  if (row.name !== "quantise" || Number.isNaN(Number(value))) return String(value);
  return `${value} ${value === "1" ? "bar" : "bars"}`;
}

function isSwitch(row) {
  return (
    row.kind === "choice" && row.choices.length === 2 && row.choices.every((one) => one === 0 || one === 1)
  );
}
