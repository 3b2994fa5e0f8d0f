// Level meters, drawn where the bridge sends levels.

import { h } from "../core/dom.js";
import { on } from "../core/socket.js";

const QUIETEST_DB = -60;

/** The meter of a deck, or of the master (0); hidden until the first level comes. */
export function levelMeter(number, label) {
  const meter = h("meter", {
    class: "level",
    min: QUIETEST_DB,
    max: 0,
    low: -50,
    high: -3,
    optimum: -20,
    value: QUIETEST_DB,
    "aria-label": label,
    hidden: true,
  });
  on("/msanii/levels", (...levels) => {
    const level = levels[number];
    if (level === undefined) return;
    meter.hidden = false;
    meter.value = Math.max(QUIETEST_DB, level);
  });
  return meter;
}
