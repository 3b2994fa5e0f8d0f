// MIDI learn: while it is on, a click on a control chooses it for the next knob or pad that moves.

import { button, h } from "../core/dom.js";
import { say, tell, warn } from "../core/notices.js";
import { on, send } from "../core/socket.js";

let isOn = false;
let chosen = null;
const listeners = new Set();

/** Call `action(isOn)` when learning begins or ends. */
export function onLearning(action) {
  listeners.add(action);
}

/** Turn learning on or off. */
export function setLearning(wanted) {
  isOn = wanted;
  document.body.classList.toggle("is-learning", isOn);
  if (!isOn && chosen) send("/msanii/midi/learn/cancel");
  choose(null);
  show(isOn ? "Click a control on any tab, then move a knob or hit a pad." : "");
  listeners.forEach((action) => action(isOn));
}

/** Listen for clicks while learning, and for what was learned. */
export function followLearning() {
  for (const event of ["pointerdown", "mousedown", "click", "keydown"])
    document.addEventListener(event, caught, true);
  on("/msanii/midi/event/learning", (name) => {
    if (isOn) show(`Move a knob or hit a pad for ${nameOf(name)}; turn an endless encoder both ways.`);
  });
  on("/msanii/midi/event/learned", (name, kind, channel, number, port) => {
    tell(`${nameOf(name)} is ${kind} ${number}, channel ${channel}, of ${port}.`);
    if (isOn) {
      choose(null);
      show("Learned. Click the next control, or press Done.");
    }
  });
  on("/msanii/midi/event/unarmed", (name, reason) => {
    if (!isOn || !chosen || reason === "something else is armed") return;
    choose(null);
    show(`${nameOf(name)}: ${reason}. Click a control.`);
  });
  on("/msanii/fail", (about, code, sentence) => {
    if (about !== "/msanii/midi/learn") return false;
    warn(sentence);
    setLearning(false);
    return true;
  });
}

/** A learned name in words. */
export function nameOf(name) {
  return String(name).replace("/msanii/", "").replace("fader/", "").replaceAll("_", " ");
}

function caught(event) {
  if (!isOn) return;
  if (event.type === "keydown" && event.key === "Escape") {
    setLearning(false);
    return;
  }
  const target = event.target.closest?.("[data-learn]");
  if (!target || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.type === "pointerdown" || event.type === "mousedown") return;
  choose(target);
  send("/msanii/midi/learn", target.dataset.learn, ...JSON.parse(target.dataset.learnArguments ?? "[]"));
}

function choose(element) {
  chosen?.classList.remove("armed");
  chosen = element;
  chosen?.classList.add("armed");
}

function show(words) {
  const bar = document.getElementById("learning");
  bar.hidden = !isOn;
  bar.replaceChildren(
    h("span", { text: words }),
    button("Done", () => setLearning(false)),
  );
  if (words) say(words);
}
