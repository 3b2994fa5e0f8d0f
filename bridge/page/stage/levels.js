// Level meters of the master and the decks, read while the Stage tab is seen.

import { h } from "../core/dom.js";
import { on, send } from "../core/socket.js";
import { isShown } from "../core/tabs.js";

const LEVELS = "/msanii/stream/levels";
const READ_EVERY_MS = 70;
const LATE_MS = 1000;
export const QUIETEST_DB = -60;

/** A meter that shows nothing yet. */
export function emptyMeter(label) {
  return h("meter", {
    class: "level",
    min: QUIETEST_DB,
    max: 0,
    low: -50,
    high: -3,
    optimum: -20,
    value: QUIETEST_DB,
    "aria-label": label,
  });
}

/** The meter of a deck, or of the master (0). */
export function levelMeter(number, label) {
  const meter = emptyMeter(label);
  on(`${LEVELS}.reply`, (...levels) => {
    meter.value = Math.max(QUIETEST_DB, levels[number] ?? QUIETEST_DB);
  });
  return meter;
}

/** Begin to read levels. The next is asked for once the last has come, or is late: a slow network is not flooded. */
export function readLevels() {
  let askedAt = -Infinity;
  on(`${LEVELS}.reply`, () => {
    askedAt = -Infinity;
  });
  setInterval(() => {
    const now = performance.now();
    if (document.hidden || !isShown("stage") || now - askedAt < LATE_MS) return;
    if (send(LEVELS)) askedAt = now;
  }, READ_EVERY_MS);
}
