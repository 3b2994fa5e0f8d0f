// The small button that takes a value back which somebody has set.

import { button } from "../core/dom.js";
import { isSet, onSet, reset } from "../core/set_values.js";

/** A button that is there while the first of these parameters is set, and takes all of them back. */
export function resetButton(names, label) {
  const words = `Reset ${label}`;
  const element = button("↺", () => names.forEach(reset), { class: "reset", "aria-label": words, title: words });
  const show = () => {
    element.hidden = !isSet(names[0]);
  };
  onSet(show);
  show();
  return element;
}
