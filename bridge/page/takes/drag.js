// Dragging a take, or its MIDI file, out of the page: onto a DAW, the desktop, or a place of this page.

import { takePath } from "../core/http.js";
import { TAKE_TYPE } from "../make/files.js";

const TYPES = { wav: "audio/wav", aiff: "audio/aiff", flac: "audio/flac", mid: "audio/midi" };

/** The name of a take's MIDI file. */
export function midiName(name) {
  return name.replace(/\.[^.]+$/, ".mid");
}

/** Let an element be dragged as the file that `fileOf()` names, of the take that `takeOf()` names. */
export function makeDraggable(element, fileOf, takeOf) {
  element.draggable = true;
  element.addEventListener("dragstart", (event) => {
    const file = fileOf();
    if (!file) return;
    event.stopPropagation();
    const address = new URL(takePath(file), location.href).href;
    const type = TYPES[file.split(".").pop().toLowerCase()] ?? "application/octet-stream";
    // Chromium makes a file of this when it is dropped outside the browser.
    event.dataTransfer.setData("DownloadURL", `${type}:${file}:${address}`);
    event.dataTransfer.setData("text/uri-list", address);
    event.dataTransfer.setData("text/plain", address);
    event.dataTransfer.setData(TAKE_TYPE, takeOf());
    event.dataTransfer.effectAllowed = "copy";
  });
}
