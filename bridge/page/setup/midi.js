// The MIDI tab: ports and their maps, learn, what each control does, played chords, clock.

import { button, debounced, h, newId } from "../core/dom.js";
import { warn } from "../core/notices.js";
import { on, onEvery, send } from "../core/socket.js";
import { panelOf, whenShown } from "../core/tabs.js";
import { onLearning, nameOf, setLearning } from "./learn.js";

const EVENTS = "/msanii/midi/event/";
let maps = [];
let ports = [];
let controls = [];

/** Build the tab. */
export function buildMidi() {
  const state = h("p", { class: "midi-state" });
  const portRows = h("tbody");
  const controlRows = h("tbody");
  const learn = button("Learn", () => setLearning(!document.body.classList.contains("is-learning")), {
    class: "primary",
    id: "learn",
    "aria-pressed": "false",
  });
  onLearning((isOn) => {
    learn.textContent = isOn ? "Done" : "Learn";
    learn.setAttribute("aria-pressed", String(isOn));
  });
  panelOf("midi").append(
    h(
      "div",
      { class: "actions" },
      h(
        "div",
        { class: "go" },
        learn,
        h("p", {
          class: "hint",
          text: "Learn, then click a control on any tab and move a knob or hit a pad.",
        }),
      ),
    ),
    state,
    h(
      "div",
      { class: "columns" },
      h(
        "section",
        { "aria-label": "Ports" },
        h("h2", { text: "Ports" }),
        table(["", "Port", "Map"], portRows),
        button("Read the maps again", () => send("/msanii/midi/reload")),
      ),
      h("section", { "aria-label": "Played chords and clock" }, captured(), clock()),
    ),
    h(
      "section",
      { "aria-label": "The map" },
      h("h2", { text: "What each control does" }),
      table(["Port", "Control", "Does", "Map", ""], controlRows),
    ),
  );

  on("/msanii/midi/maps.reply", (...names) => {
    maps = names;
    showPorts();
  });
  on("/msanii/midi/ports.reply", (is, virtual, problem) => {
    ports = [];
    state.textContent =
      problem || (virtual ? `Other programs reach the bridge at msanii-bridge:${virtual}.` : "");
    showPorts();
  });
  on("/msanii/midi/port.reply", (kind, name, map) => {
    ports.push({ kind, name, map });
    showPorts();
  });
  on("/msanii/midi/control.reply", (port, control, does, map) => controls.push({ port, control, does, map }));
  on("/msanii/midi/controls.reply", () => {
    controlRows.replaceChildren(...controls.map(controlRow));
    if (!controls.length)
      controlRows.append(h("tr", {}, h("td", { colSpan: 5, text: "No port, so no controls." })));
    controls = [];
  });
  on("/msanii/midi/map.reply", () => readSoon());
  on(`${EVENTS}problem`, (code, sentence) => warn(sentence));
  ["port", "learned", "forgotten"].forEach((name) => on(EVENTS + name, () => readSoon()));

  const showPorts = debounced(20, () => {
    portRows.replaceChildren(...ports.map(portRow));
    if (!ports.length) portRows.append(h("tr", {}, h("td", { colSpan: 3, text: "No port." })));
  });
  const readSoon = debounced(100, readMidi);
  whenShown("midi", readMidi);
}

/** Read ports, maps and controls, as after a connection. */
export function readMidi() {
  controls = [];
  ["maps", "ports", "controls"].forEach((what) => send(`/msanii/midi/${what}`));
}

function portRow({ kind, name, map }) {
  const select = h(
    "select",
    { "aria-label": `Map of ${name}`, on: { change: () => send("/msanii/midi/map", select.value, name) } },
    [...new Set([map, ...maps])].filter(Boolean).map((one) => h("option", { value: one, text: one })),
  );
  select.value = map;
  return h(
    "tr",
    {},
    h("td", { text: kind }),
    h("td", { text: name }),
    h("td", {}, kind === "in" && map ? h("div", { class: "menu" }, select) : map),
  );
}

function controlRow({ port, control, does, map }) {
  const forget =
    map === "learned"
      ? button("Forget", () => send("/msanii/midi/forget", learnedName(does)), { class: "quiet" })
      : "";
  return h(
    "tr",
    {},
    h("td", { text: port }),
    h("td", { text: control }),
    h("td", { text: nameOf(does) }),
    h("td", { text: map }),
    h("td", {}, forget),
  );
}

function learnedName(does) {
  const [first] = does.split(" ");
  return first.includes("/") && !first.startsWith("/") ? `/msanii/${first}` : first;
}

function captured() {
  const words = h("output", { class: "played", text: "Nothing played yet." });
  const id = newId("capture");
  const mode = h(
    "select",
    { id, on: { change: () => send("/msanii/midi/capture", mode.value) } },
    ["chords", "notes", "off"].map((one) => h("option", { value: one, text: one })),
  );
  const timing = h(
    "select",
    { id: `${id}-timing`, on: { change: () => send("/msanii/midi/capture/timing", timing.value) } },
    [
      ["free", "one bar each"],
      ["bar", "as played"],
    ].map(([value, text]) => h("option", { value, text })),
  );
  on(`${EVENTS}capturing`, (is, lasts) => {
    mode.value = is;
    timing.value = lasts;
  });
  onEvery((address, args) => {
    if (address === `${EVENTS}progression`) words.textContent = args.join(" ") || "Nothing played yet.";
    if (address === `${EVENTS}notes`) words.textContent = `${args[0]} notes, ${args[1]} bars`;
  });
  return h(
    "div",
    {},
    h("h2", { text: "Play the chords" }),
    h("div", { class: "fields" }, choice("Keys play", mode), choice("Each chord lasts", timing)),
    words,
    h(
      "div",
      { class: "buttons" },
      button("Take back the last", () => send("/msanii/midi/capture/undo")),
      button("Clear", () => send("/msanii/midi/capture/clear")),
      button("Release all notes", () => send("/msanii/midi/panic")),
    ),
  );
}

function clock() {
  const state = h("output", { class: "clock" });
  const follow = toggle("Follow MIDI clock", (isOn) => send("/msanii/midi/clock/in", isOn));
  const lead = toggle("Send MIDI clock", (isOn) => send("/msanii/midi/clock/out", isOn));
  on(`${EVENTS}clock`, (is, bpm, beat, port) => {
    state.textContent = [is, bpm > 0 && is !== "sending" ? `${Number(bpm.toFixed(2))} bpm` : "", port]
      .filter(Boolean)
      .join(" · ");
    if (is === "ignored") follow.box.checked = false;
    if (is === "following") follow.box.checked = true;
    if (is === "sending" || is === "silent") lead.box.checked = is === "sending";
  });
  on("/msanii/fail", (about) => {
    if (String(about).startsWith("/msanii/midi/clock")) follow.box.checked = lead.box.checked = false;
  });
  return h("div", {}, h("h2", { text: "Clock" }), follow.element, lead.element, state);
}

function toggle(words, action) {
  const id = newId("toggle");
  const box = h("input", { type: "checkbox", id, on: { change: () => action(box.checked ? 1 : 0) } });
  return { box, element: h("label", { class: "check", for: id }, box, h("span", { text: words })) };
}

function choice(words, select) {
  return h(
    "div",
    { class: "field chosen" },
    h("label", { class: "label", for: select.id, text: words }),
    h("div", { class: "menu" }, select),
  );
}

function table(heads, body) {
  return h(
    "div",
    { class: "table", role: "region", "aria-label": heads.filter(Boolean).join(", "), tabIndex: 0 },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          heads.map((text) => (text ? h("th", { scope: "col", text }) : h("td", {}))),
        ),
      ),
      body,
    ),
  );
}
