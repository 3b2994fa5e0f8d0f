// The Presets tab: what each preset sets, and the session saved as one.

import { button, h, newId } from "../core/dom.js";
import { getJson } from "../core/http.js";
import { tell, warn } from "../core/notices.js";
import { reset } from "../core/set_values.js";
import * as socket from "../core/socket.js";
import { panelOf, whenShown } from "../core/tabs.js";
import { valueAt, watch } from "../core/values.js";
import { vocabulary } from "../core/vocabulary.js";
import { labelOf } from "../make/layout.js";

const SAVE = "/msanii/preset/save";
let presets = [];

/** Build the tab. */
export function buildPresets() {
  const list = h("div", { class: "preset-list" });
  const session = h("dl", { class: "differs" });
  const id = newId("preset-name");
  const name = h("input", {
    type: "text",
    id,
    maxLength: 64,
    autocomplete: "off",
    on: { keydown: (event) => event.key === "Enter" && save() },
  });
  const { dialog, asks } = replaceDialog();
  panelOf("presets").append(
    h(
      "section",
      { class: "group", "aria-label": "Save the session" },
      h("h2", { text: "The session, beside the defaults" }),
      session,
      h("div", {}, button("Reset all", () => reset("all"))),
      h(
        "div",
        { class: "save" },
        h("label", { for: id, text: "Save as" }),
        name,
        button("Save", save, { class: "primary" }),
      ),
    ),
    h("h2", { text: "Presets" }),
    list,
    dialog,
  );

  async function save() {
    const wanted = name.value.trim();
    if (!wanted) {
      warn("Give the preset a name first.");
      name.focus();
      return;
    }
    const known = presets.find((one) => one.name.toLowerCase() === wanted.toLowerCase());
    if (known?.factory) {
      warn(`${known.name} comes with the program and stays as it is; choose another name.`);
      return;
    }
    if (known && !(await asks(known.name))) return;
    try {
      await socket.ask(SAVE, [wanted, ...(known ? ["replace", 1] : [])]);
      tell(`Saved as ${wanted}.`);
      name.value = "";
      read();
    } catch (problem) {
      warn(problem.message);
    }
  }

  async function read() {
    try {
      presets = await getJson("/presets");
      show();
    } catch (problem) {
      warn(problem.message);
    }
  }

  function show() {
    list.replaceChildren(...presets.map((preset) => card(preset)));
    const rows = vocabulary().parameters.filter((row) => row.in_presets && differs(row));
    session.replaceChildren(
      ...(rows.length
        ? pairs(rows.map((row) => [row.name, valueAt(`param/${row.name}`)]))
        : [h("dd", { text: "Nothing differs." })]),
    );
  }

  vocabulary().parameters.forEach((row) =>
    watch(`param/${row.name}`, () => panelOf("presets").hidden || show()),
  );
  socket.on(`${SAVE}.reply`, () => read());
  whenShown("presets", read);
}

// A parameter whose default is the model's differs from nothing that the tables know.
function differs(row) {
  const value = valueAt(`param/${row.name}`);
  const isUnset = value === null || value === undefined;
  return !isUnset && !row.of_model && value !== row.default && !(row.default === null && value === "");
}

function card(preset) {
  const isLoaded = valueAt("param/preset") === preset.name;
  const values = Object.entries(preset.values);
  return h(
    "article",
    { class: isLoaded ? "preset loaded" : "preset", "aria-label": preset.name },
    h(
      "header",
      {},
      h("h3", { text: preset.name }),
      h("span", { class: "tag", text: preset.factory ? "factory" : "yours" }),
      button(isLoaded ? "Load again" : "Load", () => socket.send("/msanii/preset/load", preset.name), {
        "aria-label": `Load ${preset.name}`,
        data: { learn: "/msanii/preset/load", learnArguments: JSON.stringify([preset.name]) },
      }),
    ),
    preset.description ? h("p", { text: preset.description }) : "",
    h("dl", { class: "differs" }, values.length ? pairs(values) : h("dd", { text: "the defaults" })),
  );
}

function pairs(values) {
  return values.map(([name, value]) =>
    h("div", {}, h("dt", { text: labelOf(name) }), h("dd", { text: value === "" ? "none" : String(value) })),
  );
}

function replaceDialog() {
  const words = h("p");
  const dialog = h(
    "dialog",
    { "aria-label": "Replace a preset" },
    words,
    h(
      "form",
      { method: "dialog", class: "buttons" },
      h("button", { value: "replace", class: "primary", text: "Replace" }),
      h("button", { value: "", text: "Keep the old one" }),
    ),
  );
  const asks = (name) =>
    new Promise((resolve) => {
      words.textContent = `There is a preset ${name} already. Replace it?`;
      dialog.returnValue = "";
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "replace"), { once: true });
      dialog.showModal();
    });
  return { dialog, asks };
}
