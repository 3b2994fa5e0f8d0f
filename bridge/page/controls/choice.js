// A choice: buttons side by side for a few short words, else a menu; and a switch.

import { h } from "../core/dom.js";

const MOST_BUTTONS = 4;
const MOST_CHARACTERS = 22;

/**
 * A choice of `menu.options()`: a list of `[value, words]`. `menu.isMenu` asks for a menu however few they are.
 * A value that is none of them is shown as it is, until another is chosen.
 */
export function choiceControl(row, id, send, menu) {
  const options = menu.options();
  const isShort =
    options.length > 0 &&
    options.length <= MOST_BUTTONS &&
    options.map(([, words]) => words).join("").length <= MOST_CHARACTERS;
  return isShort && !menu.isMenu ? segments(options, id, send) : dropDown(id, send, menu);
}

function dropDown(id, send, menu) {
  const select = h("select", { id, on: { change: () => send(typed(select.value)) } });
  let current = "";
  const typed = (text) => menu.options().find(([value]) => String(value) === text)?.[0] ?? text;
  const fill = () => {
    const options = menu.options();
    const isKnown = options.some(([value]) => String(value) === String(current));
    const all = isKnown
      ? options
      : [[current, current === "" || current === null ? "not set" : `${current}`], ...options];
    select.replaceChildren(...all.map(([value, words]) => h("option", { value: value ?? "", text: words })));
    select.value = String(current ?? "");
  };
  return {
    element: h("div", { class: "menu" }, select),
    input: select,
    kind: "chosen",
    show(value) {
      current = value ?? "";
      fill();
    },
  };
}

function segments(options, id, send) {
  const radios = options.map(([value, words], at) => {
    const radio = h("input", {
      type: "radio",
      name: id,
      id: `${id}-${at}`,
      value: String(value),
      on: { change: () => send(value) },
    });
    return { value, radio, element: h("label", { class: "segment" }, radio, h("span", { text: words })) };
  });
  const element = h(
    "div",
    { class: "segments", role: "radiogroup", id, "aria-labelledby": `${id}-label` },
    radios.map((one) => one.element),
  );
  return {
    element,
    input: element,
    isGroup: true,
    kind: "chosen",
    show(value) {
      radios.forEach((one) => {
        one.radio.checked = String(one.value) === String(value);
      });
    },
  };
}

/** On or off. */
export function switchControl(row, id, send) {
  const box = h("input", {
    type: "checkbox",
    id,
    role: "switch",
    on: { change: () => send(box.checked ? 1 : 0) },
  });
  return {
    element: h("span", { class: "switch" }, box, h("span", { class: "knob", "aria-hidden": "true" })),
    input: box,
    kind: "switched",
    show(value) {
      box.checked = Boolean(value);
    },
  };
}
