// A row of the list of takes.

import { button, h } from "../core/dom.js";
import { send } from "../core/socket.js";
import { makeDraggable, midiName } from "./drag.js";
import { titleOf } from "./naming.js";
import { drawWave, peaksOf } from "./pictures.js";
import { playingName, toggle } from "./player.js";

const PEAKS = 160;

/** An empty row; `choose(place, take)` opens a take's details. */
export function makeRow(choose, chosenName) {
  let take = null;
  let at = 0;
  let drawn = ""; // the take whose waveform is on the canvas
  const play = button("▶", () => take && toggle(take), { class: "play" });
  const name = h("span", { class: "name" });
  const facts = h("span", { class: "facts" });
  const main = h(
    "button",
    { type: "button", class: "about", on: { click: () => take && choose(at, take) } },
    name,
    facts,
  );
  const wave = h("canvas", { class: "wave", "aria-hidden": "true" });
  const midi = h("span", { class: "midi-file", text: "MIDI", title: "Drag the MIDI file out" });
  const star = button("★", () => take && setStar(take), { class: "star" });
  const element = h("li", { class: "row" }, play, main, wave, midi, star);
  makeDraggable(
    element,
    () => take?.name,
    () => take?.name,
  );
  makeDraggable(
    midi,
    () => take && midiName(take.name),
    () => take?.name,
  );

  async function draw() {
    const mine = take;
    const peaks = await peaksOf(mine.name, PEAKS);
    if (take?.name !== mine.name || drawn === mine.name || !wave.clientWidth) return;
    drawWave(wave, peaks);
    drawn = mine.name;
  }

  return {
    element,
    show(item, place) {
      take = item ?? null;
      at = place;
      element.classList.toggle("reading", !take);
      if (!take) {
        name.textContent = facts.textContent = "";
        return;
      }
      name.textContent = titleOf(take);
      facts.textContent = factsOf(take);
      const isPlaying = playingName() === take.name;
      play.textContent = isPlaying ? "■" : "▶";
      play.setAttribute("aria-label", `${isPlaying ? "Stop" : "Play"} ${titleOf(take)}`);
      star.setAttribute("aria-pressed", String(Boolean(take.star)));
      star.setAttribute("aria-label", `Star ${titleOf(take)}`);
      midi.hidden = !take.has_notes;
      element.classList.toggle("chosen", chosenName() === take.name);
      if (chosenName() === take.name) main.setAttribute("aria-current", "true");
      else main.removeAttribute("aria-current");
      if (drawn === take.name) return;
      wave.getContext("2d").clearRect(0, 0, wave.width, wave.height);
      drawn = "";
      draw();
    },
  };
}

/** Star a take, or take its star away. */
export function setStar(take) {
  send("/msanii/take/star", take.name, take.star ? 0 : 1);
}

/** What the list tells of a take, in a line: the name of its file too, if it is called otherwise. */
export function factsOf(take) {
  const file = take.label ? take.name : "";
  const length = `${take.seconds.toFixed(1)} s`;
  const tempo = take.bpm ? `${Number(take.bpm.toFixed(2))} bpm` : "";
  return [file, take.part, take.sound, take.chords, tempo, length, `seed ${take.seed}`]
    .filter(Boolean)
    .join(" · ");
}
