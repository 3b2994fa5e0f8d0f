// Which values of the session somebody has set, and how to take them back.

import { debounced } from "./dom.js";
import * as socket from "./socket.js";
import { watch } from "./values.js";
import { vocabulary } from "./vocabulary.js";

const LIST = "/msanii/param/list";
const SOON_MS = 100;
const onChange = new Set();
let names = new Set();

/** Whether somebody has set a parameter. */
export function isSet(name) {
  return names.has(name);
}

/** Call `show()` when other parameters are set. */
export function onSet(show) {
  onChange.add(show);
}

/** Take back what was set: the preset or the defaults hold again. `name` may be "all". */
export function reset(name) {
  socket.send("/msanii/param/reset", name);
}

/** Listen to what is set. */
export function followSet() {
  const ask = debounced(SOON_MS, () => socket.send(LIST));
  vocabulary().parameters.forEach((row) => watch(`param/${row.name}`, ask));
  ["preset/load.reply", "param/reset.reply"].forEach((answer) => socket.on(`/msanii/${answer}`, ask));
  socket.on(`${LIST}.reply`, (...set) => {
    names = new Set(set);
    onChange.forEach((show) => show());
  });
}
