// The Settings tab: what runs, audio device and Link, and the doctor's findings.

import { button, h, newId } from "../core/dom.js";
import { getJson } from "../core/http.js";
import { warn } from "../core/notices.js";
import { on, send } from "../core/socket.js";
import { panelOf, whenShown } from "../core/tabs.js";
import { vocabulary } from "../core/vocabulary.js";
import { shownNumber } from "../controls/scale.js";
import { stageField } from "../stage/transport.js";
import { machines } from "./machines.js";

const HELLO = "page";
const READ_AGAIN_MS = 3000;

/** Build the tab. */
export function buildSettings() {
  const bridge = h("dl", { class: "facts-list" });
  const stream = h("dl", { class: "facts-list" });
  const pool = machines();
  const checks = h("ul", { class: "checks", "aria-live": "polite" });
  const doctor = button("Examine this computer", examine, { class: "primary" });
  panelOf("settings").append(
    h(
      "div",
      { class: "columns" },
      h(
        "section",
        { class: "group", "aria-label": "Bridge" },
        h("h2", { text: "Bridge" }),
        bridge,
        h("p", {
          class: "hint",
          text: "Settings are in settings.yaml and in the flags of msanii-bridge serve; the README lists them.",
        }),
      ),
      h(
        "section",
        { class: "group", "aria-label": "Sound" },
        h("h2", { text: "Sound" }),
        vocabulary().stream ? sound() : "",
        stream,
      ),
      pool.element,
      h("section", { class: "group", "aria-label": "Doctor" }, h("h2", { text: "Doctor" }), doctor, checks),
    ),
  );

  let folders = {};
  on("/msanii/welcome", (nonce, version, takes, exchange) => {
    if (nonce !== HELLO) return;
    folders = { "takes folder": takes, "exchange folder": exchange };
  });
  on("/msanii/status.reply", (...words) => {
    const { nodes, ...others } = named(words);
    pool.show(nodes);
    facts(bridge, { ...folders, ...others });
  });
  on("/msanii/stream/status.reply", (...words) => facts(stream, named(words)));
  on("/msanii/stream", () => panelOf("settings").hidden || readSettings());
  whenShown("settings", readSettings);
  // Machines of a pool come and go.
  setInterval(() => panelOf("settings").hidden || send("/msanii/status"), READ_AGAIN_MS);

  async function examine() {
    doctor.disabled = true;
    checks.replaceChildren(h("li", { text: "Examining: this takes up to a minute." }));
    try {
      const rows = await getJson("/doctor");
      checks.replaceChildren(
        ...rows.map((row) =>
          h(
            "li",
            { class: row.works ? "good" : row.needed ? "bad" : "missing" },
            h("b", { text: `${row.works ? "✓" : "✗"} ${row.purpose}: ${row.name}` }),
            ` ${row.detail}`,
            row.works || !row.remedy ? "" : h("p", { text: row.remedy }),
          ),
        ),
      );
    } catch (problem) {
      checks.replaceChildren();
      warn(problem.message);
    }
    doctor.disabled = false;
  }
}

/** Ask for the state of everything, as after a connection. */
export function readSettings() {
  send("/msanii/hello", HELLO);
  send("/msanii/status");
  send("/msanii/stream/status");
}

function sound() {
  const id = newId("device");
  const found = [];
  const heard = [];
  const input = h(
    "select",
    {
      id: `${id}-input`,
      on: {
        focus: ask,
        pointerdown: ask,
        change: () =>
          input.value && send("/msanii/stream/input", input.value === "none" ? "" : Number(input.value)),
      },
    },
    h("option", { value: "", text: "choose" }),
  );
  const device = h(
    "select",
    {
      id,
      on: {
        focus: ask,
        pointerdown: ask,
        change: () => device.value && send("/msanii/stream/device", Number(device.value)),
      },
    },
    h("option", { value: "", text: "choose" }),
  );
  let isAsked = false;

  function ask() {
    if (isAsked) return;
    isAsked = true;
    found.length = heard.length = 0;
    send("/msanii/stream/devices");
  }

  on("/msanii/stream/devices.reply", (index, name, host, outputs, rate, isDefault, inputs) => {
    if (outputs > 0) found.push([index, `${name} (${host})`]);
    if (inputs > 0) heard.push([index, `${name} (${host})`]);
  });
  on("/msanii/stream/devices/end.reply", () => {
    isAsked = false;
    input.replaceChildren(
      h("option", { value: "", text: "choose" }),
      h("option", { value: "none", text: "none" }),
      ...heard.map(([index, words]) => h("option", { value: String(index), text: words })),
    );
    device.replaceChildren(
      h("option", { value: "", text: "choose" }),
      ...found.map(([index, words]) => h("option", { value: String(index), text: words })),
    );
  });
  const link = h("input", {
    type: "checkbox",
    id: `${id}-link`,
    on: { change: () => send("/msanii/link", link.checked ? 1 : 0) },
  });
  const peers = h("output", {});
  on("/msanii/link/event", (count, bpm, problem) => {
    link.checked = count >= 0;
    peers.textContent = problem || (count >= 0 ? `${count} peers, ${Number(bpm.toFixed(2))} bpm` : "");
  });
  const nudge = vocabulary().stage_values.find((row) => row.address.endsWith("nudge_ms"));
  return h(
    "div",
    { class: "fields" },
    h(
      "div",
      { class: "field chosen" },
      h("label", { class: "label", for: id, text: "Audio device" }),
      h("div", { class: "menu" }, device),
    ),
    h(
      "div",
      { class: "field chosen" },
      h("label", { class: "label", for: input.id, text: "Audio input" }),
      h("div", { class: "menu" }, input),
    ),
    nudge ? stageField(nudge) : "",
    h("label", { class: "check", for: link.id }, link, h("span", { text: "Ableton Link" })),
    peers,
  );
}

function named(words) {
  const pairs = {};
  for (let at = 0; at + 1 < words.length; at += 2)
    pairs[String(words[at]).replaceAll("_", " ")] = words[at + 1];
  return pairs;
}

function shown(value) {
  return typeof value === "number" ? shownNumber(value) : String(value).replaceAll(/,(?=\S)/g, ", ");
}

function facts(list, pairs) {
  list.replaceChildren(
    ...Object.entries(pairs)
      .filter(([, value]) => value !== "" && value !== null)
      .map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: shown(value) }))),
  );
}
