// The files of a request: an audio file, a take or a MIDI file, dropped, chosen or picked from the newest takes.

import { button, h, newId } from "../core/dom.js";
import { getJson, upload } from "../core/http.js";
import { say, warn } from "../core/notices.js";
import { parameter } from "../core/vocabulary.js";
import { labelOf } from "./layout.js";

const NEWEST = 50;
export const TAKE_TYPE = "application/x-msanii-take";

const slots = new Map();

/** The `name, path` pairs of the files that are chosen, among these parameters. */
export function chosenFiles(names) {
  return names.flatMap((name) => (slots.get(name)?.path ? [name, slots.get(name).path] : []));
}

/** Choose a file or a take by its path or name, as "Use as source" does. */
export function chooseFile(name, path, words = path) {
  const slot = slots.get(name);
  slot.path = path;
  slot.words = words;
  slot.show();
}

/** The place for a file of the parameter `name`. */
export function fileSlot(name) {
  const id = newId(name);
  const row = parameter(name);
  const isNotes = name === "notes";
  const slot = { path: "", words: "", show };
  slots.set(name, slot);
  const words = h("output", { class: "chosen-file", id: `${id}-words` });
  const clear = button("Clear", () => chooseFile(name, "", ""), {
    class: "quiet",
    "aria-label": `Clear ${labelOf(name)}`,
  });
  const picker = h("input", {
    type: "file",
    id,
    class: "unseen",
    accept: isNotes ? ".mid,.midi,.json" : "audio/*,.wav,.aif,.aiff,.flac,.ogg,.mp3",
    on: { change: () => picker.files[0] && sendUp(picker.files[0]) },
  });
  const takes = h(
    "select",
    {
      id: `${id}-takes`,
      "aria-label": `${labelOf(name)}: a take`,
      on: {
        focus: fillTakes,
        pointerdown: fillTakes,
        change: () => {
          if (takes.value) chooseFile(name, takes.value);
          takes.value = "";
        },
      },
    },
    h("option", { value: "", text: "a take" }),
  );
  const element = h(
    "div",
    {
      class: "field file-slot",
      data: { name },
      on: { dragover: over, dragleave: () => element.classList.remove("over"), drop: dropped },
    },
    h("span", { class: "label", id: `${id}-label`, text: labelOf(name), title: row.help }),
    words,
    clear,
    h(
      "div",
      { class: "ways" },
      h("label", { for: id, class: "as-button", text: isNotes ? "A MIDI file" : "A file" }),
      picker,
      h("div", { class: "menu" }, takes),
      h("span", { class: "hint", text: "or drop it here" }),
    ),
  );

  function show() {
    words.textContent = slot.words || "none";
    clear.hidden = !slot.path;
    element.classList.toggle("filled", Boolean(slot.path));
  }

  async function sendUp(file) {
    words.textContent = `${file.name} goes up`;
    try {
      chooseFile(name, await upload(file), file.name);
      say(`${labelOf(name)}: ${file.name}`);
    } catch (problem) {
      show();
      warn(problem.message);
    }
    picker.value = "";
  }

  async function fillTakes() {
    const found = (await getJson(`/takes?from=0&count=${NEWEST}`)).filter(
      (take) => !isNotes || take.has_notes,
    );
    takes.replaceChildren(
      h("option", { value: "", text: found.length ? "a take" : "no takes yet" }),
      ...found.map((take) => h("option", { value: take.name, text: take.name })),
    );
  }

  function over(event) {
    if (![...event.dataTransfer.types].some((type) => type === "Files" || type === TAKE_TYPE)) return;
    event.preventDefault();
    element.classList.add("over");
  }

  function dropped(event) {
    event.preventDefault();
    element.classList.remove("over");
    const take = event.dataTransfer.getData(TAKE_TYPE);
    if (take) chooseFile(name, take);
    else if (event.dataTransfer.files.length) sendUp(event.dataTransfer.files[0]);
  }

  show();
  return element;
}
