// A number: a slider and a box for its digits.

import { h, throttled } from "../core/dom.js";
import { scaleOf, shownNumber } from "./scale.js";

const POSITIONS = 1000;
const SEND_EVERY_MS = 33;

/** A slider with a box. `send(value)` is called at most thirty times a second while the slider moves. */
export function numberControl(row, id, send) {
  const scale = scaleOf(row);
  const later = throttled(SEND_EVERY_MS, send);
  let isHeld = false;
  let isTyping = false;
  const unit = row.unit ? ` ${row.unit}` : "";
  const slider = h("input", {
    type: "range",
    id: `${id}-slider`,
    min: 0,
    max: POSITIONS,
    step: "any",
    "aria-labelledby": `${id}-label`,
    on: {
      input: slid,
      keydown: stepped,
      change: () => {
        isHeld = false;
      },
      pointerdown: () => {
        isHeld = true;
      },
      pointerup: () => {
        isHeld = false;
      },
      pointercancel: () => {
        isHeld = false;
      },
    },
  });
  const box = h("input", {
    type: "number",
    id,
    min: row.low,
    max: row.high,
    step: row.kind === "int" ? 1 : "any",
    inputMode: "decimal",
    on: {
      input: () => {
        isTyping = true;
      },
      change: typed,
      blur: () => {
        isTyping = false;
      },
    },
  });
  const words = row.unit ? h("span", { class: "unit", text: row.unit, "aria-hidden": "true" }) : null;
  const element = h("div", { class: "number" }, h("div", { class: "digits" }, box, words), slider);

  function slid() {
    put(scale.toValue(slider.value / POSITIONS));
  }

  // A key moves by one step of the value, not of the slider's length.
  function stepped(event) {
    const by = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[
      event.key
    ];
    if (!by) return;
    event.preventDefault();
    const from = box.value === "" ? scale.toValue(slider.value / POSITIONS) : Number(box.value);
    put(Math.min(row.high, Math.max(row.low, from + by * keyStep())), true);
  }

  function keyStep() {
    return row.kind === "int" ? 1 : Math.max(scale.step, (row.high - row.low) / 200 > 0.5 ? 1 : scale.step);
  }

  function put(value, moveSlider = false) {
    box.value = shownNumber(value);
    if (moveSlider) slider.value = scale.toPosition(value) * POSITIONS;
    describe(value);
    later(value);
  }

  function typed() {
    isTyping = false;
    if (box.value === "" || !box.checkValidity()) {
      box.reportValidity();
      return;
    }
    send(Number(box.value));
  }

  function describe(value) {
    slider.setAttribute("aria-valuetext", `${shownNumber(value)}${unit}`);
  }

  return {
    element,
    input: box,
    kind: "numeric",
    show(value) {
      const isSet = typeof value === "number";
      element.classList.toggle("unset", !isSet);
      box.placeholder = value === undefined ? "" : "not set";
      if (isHeld) return;
      if (!isTyping) box.value = isSet ? shownNumber(value) : "";
      slider.value = isSet ? scale.toPosition(value) * POSITIONS : 0;
      if (isSet) describe(value);
      else slider.setAttribute("aria-valuetext", "not set");
    },
  };
}
