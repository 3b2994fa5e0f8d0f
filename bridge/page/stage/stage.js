// The Stage tab: decks, transport, scenes, endless music; and panic, which is on every tab.

import { h } from "../core/dom.js";
import { say, warn } from "../core/notices.js";
import { on, send } from "../core/socket.js";
import { panelOf, whenShown } from "../core/tabs.js";
import { vocabulary } from "../core/vocabulary.js";
import { stop as stopPlayer } from "../takes/player.js";
import { catchBox } from "./catch.js";
import { deckCard, press } from "./deck.js";
import { endlessBox } from "./endless.js";
import { readLevels } from "./levels.js";
import { scenesBox } from "./scenes.js";
import { transportBar } from "./transport.js";

const readers = [];

/** Build the tab, and wire the panic button. */
export function buildStage() {
  document.getElementById("panic").addEventListener("click", panic);
  const panel = panelOf("stage");
  if (!vocabulary().stream) {
    panel.append(
      h(
        "p",
        { class: "empty" },
        "The stage is off. Start the bridge with ",
        h("code", { text: "msanii-bridge serve --stream" }),
        " and this tab has decks.",
      ),
    );
    return;
  }
  const transport = transportBar();
  const decks = Array.from({ length: vocabulary().decks }, (_, at) => deckCard(at + 1));
  const scenes = scenesBox();
  const input = catchBox();
  const endless = endlessBox();
  const bigPanic = press("Panic", "/msanii/panic", "panic big");
  bigPanic.addEventListener("click", stopPlayer);
  const stream = h("p", { class: "stream-state", role: "status" });
  panel.append(
    stream,
    transport.element,
    h(
      "div",
      { class: "decks" },
      decks.map((one) => one.element),
    ),
    scenes.element,
    input.element,
    endless.element,
    bigPanic,
  );
  readers.push(transport.read, ...decks.map((one) => one.read), scenes.read, endless.read);
  on("/msanii/stream", (state, device, reason) => {
    stream.textContent =
      state === "playing" ? "" : `${state}${device && `: ${device}`}${reason && `, ${reason}`}`;
  });
  on("/msanii/panic/event", (isOn) => isOn && say("Panic: everything is silent."));
  readLevels();
  whenShown("stage", readStage);
}

/** Read the state of the stage, as after a connection. */
export function readStage() {
  readers.forEach((read) => read());
}

function panic() {
  stopPlayer();
  if (!vocabulary()?.stream) return;
  if (!send("/msanii/panic"))
    warn("Panic did not reach the bridge: there is no connection. Only this page is silent.");
}
