// One audio track with a device whose bridge runs, in a folder of its own: where most tests begin.
"use strict";

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const assert = require("node:assert");
const {LiveSet} = require("./live_set.js");
const {Clock, Device, pairs} = require("./max.js");
const {bridge, PRESETS, PLAYERS} = require("./bridge.js");

function folder(t) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "msanii-device-"));
  t.after(() => fs.rmSync(made, {recursive: true, force: true}));
  return made;
}

// Silence as a 16-bit mono WAV file of exactly so many samples, with the recipe that the bridge leaves beside.
// `notes` are lists of [onset, end, pitch, velocity] in beats, by part; `request` is added to the recipe's.
function writeTake(file, {seconds = 8, bpm = 120, bars = 4, rate = 8000, recipe = true, notes = {}, index = 0,
  request = {}} = {}) {
  const data = Buffer.alloc(44 + 2 * Math.round(seconds * rate));
  data.write("RIFF", 0); data.writeUInt32LE(data.length - 8, 4); data.write("WAVEfmt ", 8);
  data.writeUInt32LE(16, 16); data.writeUInt16LE(1, 20); data.writeUInt16LE(1, 22); data.writeUInt32LE(rate, 24);
  data.writeUInt32LE(2 * rate, 28); data.writeUInt16LE(2, 32); data.writeUInt16LE(16, 34);
  data.write("data", 36); data.writeUInt32LE(data.length - 44, 40);
  fs.writeFileSync(file, data);
  if (recipe) fs.writeFileSync(file.replace(/\.wav$/, ".json"),
    JSON.stringify({seconds, index, notes,
      request: {verb: "generate", bars, bpm, numerator: 4, denominator: 4, part: "", parts: "", format: "wav", ...request}}));
  return file;
}

function desk(t, {set = new LiveSet(), on = "audio", controls = {}, stored = {}, clock = new Clock(), running = true} = {}) {
  const place = folder(t);
  const track = set.tracks[0] || set.addTrack(on, "Msanii");
  set.deviceOn = set.deviceOn || track;
  const daemon = bridge({folder: place});
  daemon.on = running;
  const device = new Device(set, {clock, bridge: daemon.answer, controls, stored});
  device.start();
  clock.pass(50);
  return {set, track, device, daemon, clock, folder: place};
}

// The same before a model that knows sounds and parts, with every preset of the stub.
function players(t, options = {}) {
  const it = desk(t, options);
  it.daemon.players = PLAYERS;
  it.daemon.presets = Object.keys(PRESETS);
  it.device.hear("preset/list.reply", ...it.daemon.presets);
  it.clock.pass(2500);
  return it;
}

// What a menu shows.
function shown(it, menu) { return it.device.menus[menu][it.device.shown[menu]]; }

// Generate, and takes that come of it.
function generated(it, count = 1, values = {}) {
  it.device.press("generate");
  it.clock.pass(10);
  const job = pairs(it.device.asked(it.device.controls.verb || "generate").pop());
  const takes = [];
  for (let index = 0; index < count; index++) {
    it.files = (it.files || 0) + 1;
    const file = writeTake(path.join(it.folder, `piano_loop_120bpm_Cmajor_4bars_4711_${it.files}.wav`), values);
    takes.push([file, values.seconds || 8, values.bpm || 120]);
  }
  it.daemon.finish(it.device, job.id, takes);
  it.clock.pass(10);
  return {job, files: takes.map((take) => take[0])};
}

// Presses Generate: what the bridge was asked.
function ask(it, verb = "generate") {
  it.device.press("generate");
  it.clock.pass(10);
  const sent = it.device.asked(verb);
  assert.ok(sent.length, `nothing asked: ${it.device.words}`);
  return pairs(sent.pop());
}

module.exports = {ask, desk, players, shown, generated, writeTake, folder, pairs};
