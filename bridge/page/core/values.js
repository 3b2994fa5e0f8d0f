// The values that everybody shares: session parameters, deck values, the master's. Kept by their address's path.

import * as socket from "./socket.js";
import { vocabulary } from "./vocabulary.js";

const ROOT = "/msanii/";
const now = new Map();
const watchers = new Map();
const refusals = new Map();
let paths = new Set();

/** The value at a path such as "param/bpm"; null if it is absent, undefined if it was not read yet. */
export function valueAt(path) {
  return now.get(path);
}

/** Call `show(value)` now and on each change, and `refused(sentence)` if the bridge refused one that we sent. */
export function watch(path, show, refused = null) {
  if (!watchers.has(path)) watchers.set(path, new Set());
  watchers.get(path).add(show);
  if (refused) {
    if (!refusals.has(path)) refusals.set(path, new Set());
    refusals.get(path).add(refused);
  }
  if (now.has(path)) show(now.get(path));
}

/** Set a value: here at once, and at the bridge. */
export function setValue(path, value) {
  keep(path, value);
  socket.send(ROOT + path, value);
}

/** Read every value again, as after a connection. */
export function readAll() {
  const tables = vocabulary();
  const parameters = tables.parameters.map((row) => `param/${row.name}`);
  const decks = tables.stream
    ? Array.from({ length: tables.decks }, (_, at) =>
        tables.deck_values.map((row) => `deck/${at + 1}/${row.name}`),
      ).flat()
    : [];
  const master = tables.stream ? tables.stage_values.map((row) => row.address.slice(ROOT.length)) : [];
  paths = new Set([...parameters, ...decks, ...master]);
  paths.forEach((path) => socket.send(ROOT + path));
}

/** Listen to what changes. */
export function follow() {
  socket.onEvery((address, args) => {
    if (!address.startsWith(ROOT) || !args.length) return;
    const path = address.slice(ROOT.length).replace(/\.reply$/, "");
    if (paths.has(path)) keep(path, args[0]);
  });
  socket.on(`${ROOT}fail`, (about, code, sentence) => {
    const path = String(about).slice(ROOT.length);
    if (!paths.has(path)) return false;
    socket.send(ROOT + path); // what it is still
    refusals.get(path)?.forEach((refused) => refused(sentence));
    return refusals.has(path);
  });
}

function keep(path, value) {
  now.set(path, value);
  watchers.get(path)?.forEach((show) => show(value));
}
