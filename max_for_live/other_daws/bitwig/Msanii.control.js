// Msanii for Bitwig Studio 5 and newer: asks a running msanii-bridge for music, and puts takes into launcher slots.
loadAPI(18);

host.setShouldFailOnDeprecatedUse(true);
host.defineController("Msanii", "Msanii", "0.1", "6c0d1a0e-4b1f-4f0a-9a55-0f3b7c1d2e88", "msanii-bridge");
host.defineMidiPorts(1, 0);

// Where `msanii-bridge serve` listens, and a free port where it answers this script.
const BRIDGE_PORT = 9800;
const REPLY_PORT = 9830;

// Notes of MIDI channel 16 that press the buttons: from C1 on, as drum pads send them.
const NOTE_ON = 0x9f;
const NOTES = {36: "Generate", 37: "Vary", 38: "Place", 39: "Cancel"};

const SCENES = 64;
const BEAT_MS = 2000;
const MISSED_BEATS = 3;
const SETTLE_MS = 1000;
const PERCENT_STEP = 10;

const nonce = "bitwig" + Math.floor(Math.random() * 0x100000000).toString(16);
const music = {bpm: 120, numerator: 4, denominator: 4};
const jobs = {};
const unplaced = [];
let latest = "";
let jobCount = 0;
let percent = -1;
let unanswered = 0;
let isUp = false;
let bridge, track, slots, bars, loop, chords;

const actions = {Generate: generate, Vary: vary, Place: place, Cancel: cancel};

// Bitwig lets a script open connections and create objects in here alone.
function init() {
  const osc = host.getOscModule();
  const space = osc.createAddressSpace();
  space.registerMethod("/msanii/welcome", "*", "the bridge is there", onWelcome);
  space.registerMethod("/msanii/progress", "*", "how far a job is", onProgress);
  space.registerMethod("/msanii/take", "*", "a take is ready", onTake);
  space.registerMethod("/msanii/done", "*", "a job is done", onDone);
  space.registerMethod("/msanii/fail", "*", "a job or a message failed", onFail);
  space.registerDefaultMethod(() => {});
  osc.createUdpServer(REPLY_PORT, space);
  bridge = osc.connectToUdpServer("127.0.0.1", BRIDGE_PORT, null);

  const transport = host.createTransport();
  transport.tempo().value().addRawValueObserver((bpm) => told("bpm", bpm));
  transport.timeSignature().numerator().addValueObserver((value) => told("numerator", value));
  transport.timeSignature().denominator().addValueObserver((value) => told("denominator", value));

  track = host.createCursorTrack("MSANII_TRACK", "Msanii", 0, SCENES, true);
  track.name().markInterested();
  track.canHoldAudioData().markInterested();
  slots = track.clipLauncherSlotBank();
  for (let scene = 0; scene < SCENES; scene++) {
    const slot = slots.getItemAt(scene);
    slot.exists().markInterested();
    slot.hasContent().markInterested();
    slot.isSelected().markInterested();
  }

  // Shown in the Studio I/O panel.
  const panel = host.getDocumentState();
  chords = panel.getStringSetting("Chords", "Msanii", 256, "");
  chords.markInterested();
  bars = panel.getNumberSetting("Bars", "Msanii", 1, 64, 1, "", 4);
  bars.markInterested();
  loop = panel.getBooleanSetting("Loop", "Msanii", true);
  loop.markInterested();
  for (const name in actions) {
    panel.getSignalSetting(name, "Msanii", name).addSignalObserver(actions[name]);
  }

  host.getMidiInPort(0).setMidiCallback((status, note, velocity) => {
    if (status === NOTE_ON && velocity > 0 && NOTES[note]) {
      actions[NOTES[note]]();
    }
  });
  beat();
}

function flush() {}

function exit() {
  bridge.sendMessage("/msanii/notify", 0, REPLY_PORT);
}

// --- buttons

function generate() {
  const values = ["bars", Math.round(bars.getRaw()), "loop", loop.get() ? 1 : 0];
  if (chords.get()) {
    values.push("chords", chords.get());
  }
  ask("generate", values);
}

function vary() {
  if (latest) {
    ask("vary", ["source", latest]);
  } else {
    show("There is nothing to vary yet: press Generate first.");
  }
}

function cancel() {
  if (!Object.keys(jobs).length) {
    show("Nothing is being rendered.");
  }
  for (const job in jobs) {
    bridge.sendMessage("/msanii/cancel", job);
  }
}

// Into the next empty slot of the selected track, from the selected slot on.
function place() {
  const path = unplaced.length ? unplaced[0] : latest;
  if (!path) {
    show("There is no take yet: press Generate first.");
    return;
  }
  const slot = track.canHoldAudioData().get() ? emptySlot() : null;
  if (!slot) {
    show("Select an audio track with an empty slot, or drag in " + path);
    return;
  }
  unplaced.shift();
  slot.replaceInsertionPoint().insertFile(path);
  // insertFile says nothing when it could not.
  host.scheduleTask(() => {
    show(slot.hasContent().get() ? "Placed on " + track.name().get() : "Bitwig did not take it; drag in " + path);
  }, SETTLE_MS);
}

function emptySlot() {
  const all = Array.from({length: SCENES}, (_, scene) => slots.getItemAt(scene));
  const selected = Math.max(0, all.findIndex((slot) => slot.isSelected().get()));
  return all.slice(selected).find((slot) => slot.exists().get() && !slot.hasContent().get()) || null;
}

// --- the bridge

function ask(verb, values) {
  if (!isUp) {
    show("No bridge answers on port " + BRIDGE_PORT + ": start msanii-bridge serve");
    return;
  }
  jobCount += 1;
  const job = nonce + "-" + Date.now() + "-" + jobCount;
  jobs[job] = true;
  bridge.sendMessage("/msanii/" + verb, job, "bpm", music.bpm, "numerator", music.numerator, "denominator",
    music.denominator, ...values);
}

// Keeps the bridge's session at Bitwig's tempo and meter, for its page and other controllers.
function told(name, value) {
  music[name] = value;
  if (isUp) {
    bridge.sendMessage("/msanii/param/" + name, value);
  }
}

function beat() {
  unanswered += 1;
  if (unanswered > MISSED_BEATS) {
    isUp = false;
  }
  bridge.sendMessage("/msanii/hello", nonce, REPLY_PORT);
  // A subscription lasts a minute, and a bridge that was restarted has forgotten it.
  bridge.sendMessage("/msanii/notify", 1, REPLY_PORT);
  host.scheduleTask(beat, BEAT_MS);
}

function onWelcome(source, message) {
  if (message.getString(0) !== nonce) {
    return;
  }
  unanswered = 0;
  if (!isUp) {
    isUp = true;
    for (const name in music) {
      told(name, music[name]);
    }
    show("Ready");
  }
}

function onProgress(source, message) {
  if (!jobs[message.getString(0)]) {
    return;
  }
  const now = Math.floor(Number(message.getArguments().get(1)) * 100 / PERCENT_STEP) * PERCENT_STEP;
  if (now !== percent) {
    percent = now;
    show(percent + " %");
  }
}

function onTake(source, message) {
  if (jobs[message.getString(0)]) {
    latest = message.getString(2);
    unplaced.push(latest);
  }
}

function onDone(source, message) {
  if (jobs[message.getString(0)]) {
    delete jobs[message.getString(0)];
    show("Done: press Place, or drag in " + latest);
  }
}

function onFail(source, message) {
  if (jobs[message.getString(0)]) {
    delete jobs[message.getString(0)];
    show(message.getString(2));
  }
}

// A notification, and a line in the script's console.
function show(words) {
  host.showPopupNotification("Msanii: " + words);
  host.println(words);
}
