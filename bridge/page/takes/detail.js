// One take in detail: waveform, notes, spectrogram on demand, and what to do with it.

import { button, h } from "../core/dom.js";
import { getJson, takePath } from "../core/http.js";
import { warn } from "../core/notices.js";
import { ask, send } from "../core/socket.js";
import { showTab } from "../core/tabs.js";
import { vocabulary } from "../core/vocabulary.js";
import { openEdit } from "../edit/edit.js";
import { chooseFile } from "../make/files.js";
import { setVerb } from "../make/make.js";
import { makeDraggable, midiName } from "./drag.js";
import { hearing } from "./hearing.js";
import { nameField, titleOf } from "./naming.js";
import { drawNotes, drawWave, notesOf, peaksOf } from "./pictures.js";
import { barBeats, onPlayer, play, playedFraction, playingName, toggle } from "./player.js";
import { factsOf, setStar } from "./row.js";

const PEAKS = 1200;
const IS_BRIDGES_MACHINE = ["127.0.0.1", "localhost"].includes(location.hostname);

/** The detail view; `show(take)` shows a take, null none. */
export function makeDetail() {
  const element = h("article", { class: "detail", "aria-label": "The chosen take" });
  let shown = null;
  let peaks = null;
  let parts = {};
  let isFollowing = false;
  const hint = h("p", {
    class: "empty",
    text: "Choose a take to see and use it. Drag a row onto your DAW or the desktop.",
  });
  element.append(hint);
  onPlayer(refresh);
  new ResizeObserver(() => drawAll()).observe(element);

  function show(take) {
    shown = take;
    peaks = null;
    if (!take) {
      element.replaceChildren(hint);
      return;
    }
    const heard = hearing({ used: openGenerate });
    heard.show(take.name, titleOf(take));
    parts = {
      title: h("h2"),
      name: nameField(take),
      facts: h("p", { class: "facts" }),
      wave: h("canvas", {
        class: "big-wave",
        role: "img",
        "aria-label": "Its waveform",
        on: { click: seek },
      }),
      notes: h("canvas", { class: "small-roll", role: "img", "aria-label": "Its notes", hidden: true }),
      play: button("Play", () => toggle(take), { class: "primary" }),
      star: button("★ Star", () => setStar(take), { class: "star" }),
    };
    element.replaceChildren(
      parts.title,
      parts.name.element,
      parts.facts,
      take.parent ? h("p", { class: "facts", text: `an edit of ${take.parent}` }) : "",
      parts.wave,
      parts.notes,
      h("div", { class: "buttons" }, parts.play, parts.star, ...uses(take), heard.button),
      heard.element,
      files(take),
      recipe(take),
    );
    refresh();
    read(take);
  }

  async function read(take) {
    const [wave, score] = await Promise.all([
      peaksOf(take.name, PEAKS),
      take.has_notes ? notesOf(take.name) : null,
    ]);
    if (shown !== take) return;
    peaks = wave;
    parts.score = score;
    parts.notes.hidden = !score;
    drawAll();
  }

  function drawAll() {
    if (!shown) return;
    drawWave(parts.wave, peaks, {
      played: playingName() === shown.name ? playedFraction() : 0,
      bars: barsOf(shown),
    });
    if (parts.score) drawNotes(parts.notes, parts.score);
  }

  function refresh() {
    if (!shown) return;
    const isPlaying = playingName() === shown.name;
    parts.title.textContent = titleOf(shown);
    parts.facts.textContent = factsOf(shown);
    parts.name.show(shown.label);
    parts.play.textContent = isPlaying ? "Stop" : "Play";
    parts.star.setAttribute("aria-pressed", String(Boolean(shown.star)));
    drawAll();
    if (isPlaying && !isFollowing) follow();
  }

  function follow() {
    isFollowing = shown !== null && playingName() === shown.name;
    if (!isFollowing) return;
    if (parts.wave.offsetParent)
      drawWave(parts.wave, peaks, { played: playedFraction(), bars: barsOf(shown) });
    requestAnimationFrame(follow);
  }

  function seek(event) {
    play(shown, event.offsetX / parts.wave.clientWidth);
  }

  return { element, show, refresh, shown: () => shown };
}

function barsOf(take) {
  return take.bpm ? Math.round((take.seconds * take.bpm) / 60 / barBeats(take.meter)) : 0;
}

function openGenerate() {
  setVerb("generate");
  showTab("make");
}

function uses(take) {
  const verbs = vocabulary()
    .verbs.map((one) => one.name)
    .filter((name) => name !== "generate");
  const use = h(
    "select",
    {
      "aria-label": "Use as source",
      on: {
        change: () => {
          if (!use.value) return;
          chooseFile("source", take.name, titleOf(take));
          setVerb(use.value);
          showTab("make");
        },
      },
    },
    h("option", { value: "", text: "Use as source" }),
    verbs.map((name) => h("option", { value: name, text: name })),
  );
  const { stream, decks } = vocabulary();
  const load =
    stream &&
    h(
      "select",
      {
        "aria-label": "Load on a deck",
        on: {
          change: () => {
            if (load.value) send(`/msanii/deck/${load.value}/load`, take.name);
            load.value = "";
          },
        },
      },
      h("option", { value: "", text: "Load on deck" }),
      Array.from({ length: decks }, (_, at) =>
        h("option", { value: String(at + 1), text: `Deck ${at + 1}` }),
      ),
    );
  return [
    take.has_notes ? button("Edit", () => openEdit(take)) : "",
    h("div", { class: "menu" }, use),
    load ? h("div", { class: "menu" }, load) : "",
    IS_BRIDGES_MACHINE ? button("Show in folder", () => reveal(take)) : "",
  ];
}

async function reveal(take) {
  try {
    await ask("/msanii/take/reveal", [take.name], { matches: (name) => name === take.name });
  } catch (problem) {
    warn(problem.message);
  }
}

function files(take) {
  const audio = link("Audio file", take.name);
  makeDraggable(
    audio,
    () => take.name,
    () => take.name,
  );
  const midi = take.has_notes ? link("MIDI file", midiName(take.name)) : "";
  if (midi)
    makeDraggable(
      midi,
      () => midiName(take.name),
      () => take.name,
    );
  return h("p", { class: "downloads" }, h("span", { text: "Download, or drag out: " }), audio, " ", midi);
}

function link(text, file) {
  return h("a", { href: takePath(file), download: file, text });
}

function recipe(take) {
  const body = h("div", { class: "recipe" });
  const picture = button("Spectrogram", () => {
    const image = h("img", {
      src: takePath(take.name, "/picture"),
      alt: `Spectrogram of ${titleOf(take)}`,
      on: {
        error: () => {
          image.remove();
          warn("The spectrogram cannot be made.");
        },
      },
    });
    picture.replaceWith(image);
  });
  const details = h(
    "details",
    { on: { toggle: () => details.open && !body.childElementCount && fill() } },
    h("summary", { text: "Recipe" }),
    body,
  );

  async function fill() {
    try {
      const { request, model_name: model } = await getJson(takePath(take.name, "/recipe"));
      const rows = Object.entries({ model, ...request }).filter(
        ([name, value]) => ["string", "number"].includes(typeof value) && value !== "" && name !== "verb",
      );
      body.replaceChildren(
        h(
          "dl",
          {},
          rows.flatMap(([name, value]) => [
            h("dt", { text: name.replaceAll("_", " ") }),
            h("dd", { text: String(value) }),
          ]),
        ),
      );
    } catch (problem) {
      body.textContent = problem.message;
    }
  }

  return h("div", { class: "more-about" }, picture, details);
}
