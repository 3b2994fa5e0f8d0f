// Starts the page: tabs at once, their contents when the bridge's tables are there, and all state after each connection.

import { follow as followJobs, readQueue } from "./core/jobs.js";
import { warn } from "./core/notices.js";
import { followSet } from "./core/set_values.js";
import * as socket from "./core/socket.js";
import { makeTabs } from "./core/tabs.js";
import { follow as followValues, readAll } from "./core/values.js";
import { readVocabulary } from "./core/vocabulary.js";
import { buildEdit } from "./edit/edit.js";
import { askLists, buildMake } from "./make/make.js";
import { buildQueue } from "./queue/queue.js";
import { followLearning } from "./setup/learn.js";
import { buildMidi, readMidi } from "./setup/midi.js";
import { buildPresets } from "./setup/presets.js";
import { buildSettings, readSettings } from "./setup/settings.js";
import { buildStage, readStage } from "./stage/stage.js";
import { buildPlayer } from "./takes/player.js";
import { buildTakes, rereadTakes } from "./takes/takes.js";

const TABS = {
  make: "Make",
  queue: "Queue",
  takes: "Takes",
  edit: "Edit",
  stage: "Stage",
  midi: "MIDI",
  presets: "Presets",
  settings: "Settings",
};
const RETRY_MS = 1500;

let isBuilt = false;

makeTabs(TABS);
document.getElementById("reconnect").addEventListener("click", socket.retryNow);
socket.onRefusal(warn);
socket.onState(showConnection);
socket.start();

async function connected() {
  try {
    const isOther = await readVocabulary();
    if (isOther) {
      location.reload(); // another version, or other settings
      return;
    }
    if (!isBuilt) build();
    readAll();
    askLists();
    [rereadTakes, readStage, readMidi, readSettings].forEach((read) => read());
    readQueue(true).catch((problem) => warn(`The queue cannot be read: ${problem.message}`));
    document.body.dataset.ready = "1";
  } catch (problem) {
    warn(`The bridge does not answer as it should: ${problem.message}`);
    setTimeout(() => socket.isConnected() && connected(), RETRY_MS);
  }
}

function build() {
  isBuilt = true;
  followValues();
  followSet();
  followJobs();
  followLearning();
  buildPlayer();
  [buildMake, buildQueue, buildTakes, buildEdit, buildStage, buildMidi, buildPresets, buildSettings].forEach(
    (one) => one(),
  );
}

function showConnection(state, seconds) {
  const box = document.getElementById("connection");
  box.dataset.state = state;
  const lost = "Connection lost. Is msanii-bridge serve running?";
  const words = {
    open: "Connected",
    trying: "Connecting",
    lost: `${lost} Trying again in ${Math.max(1, Math.round(seconds))} s.`,
  };
  box.querySelector(".words").textContent = words[state];
  document.getElementById("reconnect").hidden = state !== "lost";
  document.body.classList.toggle("is-lost", state !== "open");
  if (state === "open") connected();
  else delete document.body.dataset.ready;
}
