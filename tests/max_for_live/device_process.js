// One Live with devices in it, over real UDP, for the end-to-end tests. Orders come in as lines of JSON:
//   {"device": {...}}            adds a device on an audio track of its own: options of stub/max.js's Device
//   {"to": 0, "call": [...]}     what the patch says to a device's script
//   {"midi": [notes], "beats": 4} or {"audio": {...}}   puts a clip in detail view
//   {"track": "Rhodes"}          adds a MIDI track, and selects it
//   {"notes": [notes], "of": ["Rhodes", 0]}   the user edits a MIDI clip, by track and scene; it is in detail view
//   {"set": {"tempo": 97.3}}     the user changes the set
//   {"clips": true}              -> {"clips": [...], "midi": [...]}
// Everything that leaves a script goes out as {"from": 0, "out": [...]}.
"use strict";

const dgram = require("node:dgram");
const readline = require("node:readline");
const {LiveSet} = require("./stub/live_set.js");
const {Device, RealClock} = require("./stub/max.js");
const {encode, decode} = require("./stub/osc.js");

const ROOT = "/msanii/";
const clock = new RealClock();
const set = new LiveSet();
const devices = [];
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

function addDevice(options) {
  const number = devices.length;
  const track = set.addTrack("audio", `Msanii ${number + 1}`);
  const sending = dgram.createSocket("udp4");
  let hearing = null;
  set.deviceOn = track;
  const device = new Device(set, {...options, clock, bridge: (path, args) => {
    sending.send(encode(ROOT + path, args), device.daemonPort, "127.0.0.1");
  }});
  device.track = track;
  device.onPort = (port) => {
    if (hearing) hearing.close();
    hearing = dgram.createSocket("udp4");
    hearing.on("error", () => { hearing.close(); hearing = null; });  // as udpreceive: a line in the console, no more
    hearing.on("message", (data) => {
      const [address, atoms] = decode(data);
      if (address.startsWith(ROOT)) within(device, () => device.hear(address.slice(ROOT.length), ...atoms));
    });
    hearing.bind(port, "127.0.0.1");
  };
  const take = device.take.bind(device);
  device.take = (atoms) => { say({from: number, out: atoms.slice(1)}); take(atoms); };
  devices.push(device);
  within(device, () => device.start());
}

// `this_device` is whoever speaks.
function within(device, work) {
  const before = set.deviceOn;
  set.deviceOn = device.track;
  try { work(); } finally { set.deviceOn = before; }
}

function obey(order) {
  if (order.device) addDevice(order.device);
  if (order.call) within(devices[order.to], () => devices[order.to].call(...order.call));
  if (order.midi) {
    const track = set.tracks.find((one) => one.type === "midi") || set.addTrack("midi", "Keys");
    set.view.clip = set.addMidiClip(track.slots[0], order.midi, order.beats || 4);
  }
  if (order.audio) set.view.clip = set.addAudioClip(set.tracks[0].slots[3], order.audio);
  if (order.track) set.view.track = set.addTrack("midi", order.track);
  if (order.notes) {
    const [name, scene] = order.of;
    set.view.clip = set.tracks.find((one) => one.name === name).slots[scene].clip;
    set.view.clip.notes = order.notes;
  }
  for (const [name, value] of Object.entries(order.set || {})) set.userSets(name, value);
  if (order.clips) say({clips: set.tracks.filter((one) => one.type === "audio").flatMap((track, number) =>
    track.slots.map((slot, scene) => slot.clip && slot.clip.seconds ? {...slot.clip, device: number, scene} : null).filter(Boolean)),
  midi: set.tracks.filter((one) => one.type === "midi").flatMap((track) => track.slots.map((slot, scene) =>
    slot.clip ? {...slot.clip, track: track.name, scene} : null).filter(Boolean)),
  errors: set.errors, ghosts: set.ghosts});
}

readline.createInterface({input: process.stdin}).on("line", (line) => obey(JSON.parse(line))).on("close", () => process.exit(0));
