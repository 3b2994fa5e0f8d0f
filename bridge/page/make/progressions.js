// Key and progression: menus that write chords.

import { h, newId } from "../core/dom.js";
import { say } from "../core/notices.js";
import { setValue, valueAt } from "../core/values.js";
import { vocabulary } from "../core/vocabulary.js";

/** The menu of a key: those of the tables, and none. */
export function keyMenu() {
  return { options: () => [["", "none"], ...vocabulary().keys.map((key) => [key, key])], isMenu: true };
}

/** A menu of progressions; choosing one writes its chords, in the session's key or in the first of the tables. */
export function progressionField(chords) {
  const id = newId("progression");
  const rows = vocabulary().progressions;
  const select = h(
    "select",
    { id, on: { change: write } },
    h("option", { value: "", text: "choose" }),
    rows.map((row, at) => h("option", { value: String(at), text: row.name })),
  );

  function write() {
    const row = rows[Number(select.value)];
    select.value = "";
    if (!row) return;
    let key = valueAt("param/key");
    if (!key) {
      [key] = vocabulary().keys;
      setValue("param/key", key);
    }
    const text = isMinor(key) ? row.minor : row.major;
    setValue("param/chords", text);
    chords.put(text);
    say(`${row.name} in ${key}`);
  }

  return h(
    "div",
    { class: "field chosen" },
    h("label", { for: id, class: "label", text: "Progression" }),
    h("div", { class: "menu" }, select),
  );
}

// "A minor" and "Am" are minor, and so are the modes with a minor third.
function isMinor(key) {
  return /\b(min|minor|dorian|phrygian|locrian|aeolian)|^[A-G][#b]?m\b/i.test(key);
}
