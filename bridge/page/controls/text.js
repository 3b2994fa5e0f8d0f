// A text, sent when it is left or confirmed.

import { h } from "../core/dom.js";

/** A line of text. */
export function textControl(row, id, send) {
  const input = h("input", {
    type: "text",
    id,
    maxLength: row.max_characters ?? 256,
    autocomplete: "off",
    spellcheck: false,
    on: { change: () => send(input.value), keydown: (event) => event.key === "Enter" && input.blur() },
  });
  return {
    element: h("div", { class: "text" }, input),
    input,
    kind: "written",
    show(value) {
      if (document.activeElement !== input) input.value = value ?? "";
    },
  };
}
