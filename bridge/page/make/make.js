// The Make tab: what to render. Its values are the session's, so every browser and controller sees them.

import { button, debounced, h } from "../core/dom.js";
import { isRunning, cancel, onJobChange, sendJob } from "../core/jobs.js";
import { warn } from "../core/notices.js";
import * as socket from "../core/socket.js";
import { panelOf, showTab } from "../core/tabs.js";
import { valueAt, watch } from "../core/values.js";
import { addressRow, parameter, parametersOf, vocabulary } from "../core/vocabulary.js";
import { field, learnData } from "../controls/field.js";
import { sessionChords } from "./chords.js";
import { chosenFiles, fileSlot, takeStrayFiles } from "./files.js";
import { FILES, GROUPS, labelOf } from "./layout.js";
import { partMenu, partsField, soundMenu } from "./players.js";
import { keyMenu, progressionField } from "./progressions.js";
import { seedField } from "./seed.js";

const COMPLETE = "complete";
const lists = { presets: [], styles: [] };
const fields = new Map(); // parameter -> its element
let verb = "generate";
let generateButton = null;

/** Build the tab. */
export function buildMake() {
  const placed = new Set(["meter", ...FILES, ...GROUPS.flatMap((group) => group.names)]);
  const more = vocabulary()
    .parameters.map((row) => row.name)
    .filter((name) => !placed.has(name));
  panelOf("make").append(
    actions(),
    h(
      "div",
      { class: "files" },
      FILES.map((name) => keep(name, fileSlot(name))),
    ),
    h(
      "div",
      { class: "groups" },
      GROUPS.map((group) => section(group.title, group.names)),
    ),
    h(
      "details",
      { class: "more" },
      h("summary", { text: "More" }),
      h(
        "div",
        { class: "fields" },
        more.map((name) => keep(name, fieldOf(name))),
      ),
    ),
  );
  setVerb(verb);
  takeStrayFiles((name) => {
    if (fields.get(name).hidden) setVerb(parameter(name).verbs[0]);
    showTab("make");
  });
  askLists();
  ["param/numerator", "param/denominator"].forEach((path) => watch(path, askStyles));
  socket.on("/msanii/preset/save.reply", askPresets);
}

/** Choose a verb, as "Use as source" on a take does. */
export function setVerb(name) {
  verb = name;
  const taken = new Set(parametersOf(verb === COMPLETE ? "generate" : verb).map((row) => row.name));
  if (verb === COMPLETE) taken.delete("parts");
  fields.forEach((element, parameterName) => {
    element.hidden = !taken.has(parameterName);
  });
  for (const group of panelOf("make").querySelectorAll(".group")) {
    group.hidden = [...group.querySelectorAll(".fields > *")].every((one) => one.hidden);
  }
  panelOf("make")
    .querySelectorAll("[name=verb]")
    .forEach((radio) => {
      radio.checked = radio.value === verb;
    });
  generateButton.textContent = verb === COMPLETE ? "Complete" : labelOf(verb);
  Object.assign(
    generateButton.dataset,
    learnData([`/msanii/${verb}`, ...(verb === COMPLETE ? [] : ["count", 1])]),
  );
}

/** Read the lists of presets and styles again, as after a connection. */
export function askLists() {
  askPresets();
  askStyles();
}

function actions() {
  const verbs = [...vocabulary().verbs, { ...addressRow(`/msanii/${COMPLETE}`), name: COMPLETE }].filter(
    (one) => one.help,
  );
  generateButton = button("", generate, { class: "primary", id: "generate" });
  const stop = button("Cancel", () => mine().forEach((job) => cancel(job.id)), {
    class: "cancel",
    hidden: true,
  });
  const bar = h("progress", {
    max: 1,
    value: 0,
    "aria-label": "Progress of this page's renders",
    hidden: true,
  });
  const words = h("output", { class: "job-words" });
  let sent = [];
  const mine = () => sent.filter(isRunning);
  onJobChange((job) => {
    if (job?.isMine && !sent.includes(job)) sent = [...mine(), job];
    const now = mine();
    stop.hidden = bar.hidden = now.length === 0;
    if (now.length) bar.value = now.reduce((sum, one) => sum + one.fraction, 0) / now.length;
    const last = sent.at(-1);
    words.textContent = now.length
      ? `${Math.round(100 * bar.value)} %${now.length > 1 ? `, ${now.length} jobs` : ""}`
      : last
        ? ended(last)
        : "";
  });
  return h(
    "div",
    { class: "actions" },
    h(
      "div",
      { class: "segments verbs", role: "radiogroup", "aria-label": "What to render" },
      verbs.map((one) =>
        h(
          "label",
          { class: "segment", title: one.help },
          h("input", {
            type: "radio",
            name: "verb",
            value: one.name,
            on: { change: () => setVerb(one.name) },
          }),
          h("span", { text: labelOf(one.name) }),
        ),
      ),
    ),
    h(
      "div",
      { class: "go" },
      generateButton,
      stop,
      bar,
      words,
      button("See takes", () => showTab("takes"), { class: "quiet" }),
    ),
  );
}

function ended(job) {
  if (job.state === "done") return `ready: ${job.takes.map((take) => take.name).join(", ")}`;
  return job.state === "cancelled" ? "cancelled" : job.message;
}

function section(title, names) {
  const parts = names.filter((name) => parameter(name)).map((name) => keep(name, fieldOf(name)));
  const group = h(
    "section",
    { class: `group ${title.toLowerCase()}`, "aria-label": title },
    h("h2", { text: title }),
    h("div", { class: "fields" }, parts),
  );
  if (title === "Players")
    group.querySelector("h2").after(
      h("p", {
        class: "hint",
        id: "arranged",
        hidden: true,
        text: "Several parts give a take each and their mix: part, sound and number of takes are theirs.",
      }),
    );
  return group;
}

function keep(name, element) {
  fields.set(name, element);
  return element;
}

function fieldOf(name) {
  if (name === "seed") return seedField();
  if (name === "chords") {
    const chords = sessionChords();
    return h("div", { class: "harmony-fields" }, progressionField(chords), chords.element);
  }
  if (name === "parts") return partsField(showArranged);
  const row = parameter(name);
  const menus = {
    key: keyMenu(),
    part: partMenu(),
    sound: soundMenu(),
    preset: { options: () => lists.presets.map((one) => [one, one]), isMenu: true },
    style: {
      options: () => [["", "any"], ...lists.styles.map((one) => [one, one.replaceAll("_", " ")])],
      isMenu: true,
    },
  };
  const canLearn = ["int", "float", "choice"].includes(row.kind);
  const made = field(row, `param/${name}`, labelOf(name), {
    menu: menus[name],
    learn: canLearn ? name : null,
    ...(name === "preset" ? { send: loadPreset } : {}),
  });
  refreshers.push(made.refresh);
  return made.element;
}

const refreshers = [];

function loadPreset(name) {
  socket.send("/msanii/preset/load", name);
}

function showArranged(isArranged) {
  for (const name of ["part", "sound", "count"]) {
    const element = fields.get(name);
    if (!element) continue;
    element.classList.toggle("off", isArranged);
    element.querySelectorAll("input, select").forEach((control) => {
      control.disabled = isArranged;
    });
  }
  fields.get("level_db")?.classList.toggle("unneeded", !isArranged);
  const hint = document.getElementById("arranged");
  if (hint) hint.hidden = !isArranged;
}

const askPresets = debounced(50, async () => {
  lists.presets = await socket.ask("/msanii/preset/list").catch(() => lists.presets);
  refreshers.forEach((refresh) => refresh());
});

const askStyles = debounced(50, async () => {
  const meter = [valueAt("param/numerator"), valueAt("param/denominator")];
  const words = meter.every((one) => typeof one === "number") ? meter : [];
  lists.styles = await socket.ask("/msanii/style/list", words).catch(() => lists.styles);
  refreshers.forEach((refresh) => refresh());
});

function generate() {
  const taken = parametersOf(verb === COMPLETE ? "generate" : verb).map((row) => row.name);
  const files = chosenFiles(FILES.filter((name) => taken.includes(name)));
  const missing = ["source", "source_b"].find((name) => taken.includes(name) && !files.includes(name));
  if (missing || (verb === COMPLETE && !files.includes("notes"))) {
    warn(
      `${labelOf(verb)} needs ${missing ? labelOf(missing) : "Notes"}: drop a file there, or choose a take.`,
    );
    return;
  }
  const pairs = [...files, "seed", valueAt("param/seed") ?? -1];
  if (verb === COMPLETE) {
    const part = valueAt("param/part");
    if (!part) {
      warn("Complete needs the part to write; choose one under Players.");
      return;
    }
    pairs.push("part", part);
  }
  sendJob(`/msanii/${verb}`, labelOf(verb), pairs);
}
