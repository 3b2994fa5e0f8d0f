// The files of a request: an audio file, a take or a MIDI file, dropped, chosen or picked from the newest takes.

import { button, h, newId } from "../core/dom.js";
import { upload } from "../core/http.js";
import { say, warn } from "../core/notices.js";
import { parameter, vocabulary } from "../core/vocabulary.js";
import { hearing } from "../takes/hearing.js";
import { takeMenu } from "../takes/menu.js";
import { labelOf } from "./layout.js";

const MIDI = /\.midi?$/i;
export const TAKE_TYPE = "application/x-msanii-take";

// The bridge follows a source by itself, from its first downbeat on. With tempo and chords set it would not: the
// chords would count from the file's start. So there is no button here that sets them.
const HEARD_HINTS = {
  source: "New takes follow this, or a take's own score, unless you set tempo or chords.",
  source_b: "New takes follow Source, not this.",
};

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

/**
 * Take a file that is dropped beside all places: notes, or else the source. `prepare(name)` brings its place to
 * the front. Without this the browser would leave the page and open the file.
 */
export function takeStrayFiles(prepare) {
  document.addEventListener("dragover", (event) => {
    if ([...event.dataTransfer.types].includes("Files")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const [file] = event.dataTransfer.files;
    if (event.defaultPrevented || !file) return;
    event.preventDefault();
    const name = MIDI.test(file.name) ? "notes" : "source";
    prepare(name);
    slots.get(name).sendUp(file);
  });
}

/** The place for a file of the parameter `name`. */
export function fileSlot(name) {
  const id = newId(name);
  const row = parameter(name);
  const isNotes = name === "notes";
  const slot = { path: "", words: "", show, sendUp };
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
  const heard = hearing({ hint: vocabulary().hears_sources ? HEARD_HINTS[name] : "" });
  const takes = takeMenu({
    words: "a take",
    label: `${labelOf(name)}: a take`,
    isOffered: (take) => !isNotes || take.has_notes,
    choose: (take) => chooseFile(name, take.name),
  });
  const element = h(
    "div",
    {
      class: "field file-slot",
      data: { name },
      on: { dragover: over, dragleave: () => element.classList.remove("over"), drop: dropped },
    },
    h("span", { class: "label", id: `${id}-label`, text: labelOf(name), title: row.help }),
    words,
    isNotes ? "" : heard.button,
    clear,
    h(
      "div",
      { class: "ways" },
      h("label", { for: id, class: "as-button", text: isNotes ? "A MIDI file" : "A file" }),
      picker,
      takes.element,
      h("span", { class: "hint", text: "or drop it here" }),
    ),
    heard.element,
  );

  function show() {
    words.textContent = slot.words || "none";
    clear.hidden = !slot.path;
    heard.show(slot.path, labelOf(name));
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
