// Who plays: one part with its sound, or several parts with a sound each.

import { h, newId } from "../core/dom.js";
import { setValue, valueAt, watch } from "../core/values.js";
import { parameter, vocabulary } from "../core/vocabulary.js";
import { resetButton } from "../controls/reset.js";
import { labelOf } from "./layout.js";

const MIX = "mix";

/** The sounds that a part learned; all of them for no part. */
function soundsOf(part) {
  return vocabulary().sounds_of_part[part] ?? vocabulary().sounds;
}

/** A menu of the parts, and any. */
export function partMenu() {
  return { options: () => [["", "any"], ...vocabulary().parts.map((part) => [part, part])], isMenu: true };
}

/** A menu of the sounds that suit the chosen part, then the others. */
export function soundMenu() {
  return {
    isMenu: true,
    options: () => {
      const own = soundsOf(valueAt("param/part"));
      return [
        ["", "any"],
        ...own.map((one) => [one, one]),
        ...vocabulary()
          .sounds.filter((one) => !own.includes(one))
          .map((one) => [one, `${one} (unusual)`]),
      ];
    },
  };
}

/** Buttons for the parts of an arrangement, and a sound menu for each that is on. */
export function partsField(onArranged) {
  const id = newId("parts");
  const row = parameter("parts");
  const names = vocabulary().parts.filter((part) => part !== MIX);
  const boxes = new Map(
    names.map((part) => [
      part,
      h("input", { type: "checkbox", id: `${id}-${part}`, on: { change: chosen } }),
    ]),
  );
  const sounds = h("div", { class: "sounds" });
  const element = h(
    "div",
    { class: "field parts" },
    h(
      "span",
      { class: "label" },
      h("span", { id: `${id}-label`, text: labelOf("parts"), title: row.help }),
      resetButton(["parts", "sound"], labelOf("parts")),
    ),
    h(
      "div",
      { class: "segments many", role: "group", "aria-labelledby": `${id}-label` },
      names.map((part) => h("label", { class: "segment" }, boxes.get(part), h("span", { text: part }))),
    ),
    sounds,
  );

  function chosen() {
    const parts = names.filter((part) => boxes.get(part).checked);
    setValue("param/parts", parts.join(","));
    setValue("param/sound", parts.map((part) => soundsOf(part)[0]).join(", "));
    show();
  }

  function show() {
    const parts = split(valueAt("param/parts"));
    const given = split(valueAt("param/sound"));
    boxes.forEach((box, part) => {
      box.checked = parts.includes(part);
    });
    onArranged(parts.length > 0);
    sounds.replaceChildren(...parts.map((part, at) => soundOf(part, at, given, parts)));
  }

  function soundOf(part, at, given, parts) {
    const options = soundsOf(part.split("_")[0]);
    const value = given.length === parts.length ? given[at] : "";
    const select = h(
      "select",
      {
        id: `${id}-sound-${at}`,
        on: {
          change: () => {
            const all = parts.map(
              (one, place) => (given.length === parts.length && given[place]) || soundsOf(one)[0],
            );
            all[at] = select.value;
            setValue("param/sound", all.join(", "));
          },
        },
      },
      [...new Set([value, ...options])].map((one) => h("option", { value: one, text: one || "any" })),
    );
    select.value = value;
    return h(
      "div",
      { class: "field chosen" },
      h("label", { class: "label", for: select.id, text: `${part} sound` }),
      h("div", { class: "menu" }, select),
    );
  }

  watch("param/parts", show);
  watch("param/sound", show);
  return element;
}

function split(text) {
  return String(text ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
}
