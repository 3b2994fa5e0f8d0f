// A Live set as strict as Live is: what Live refuses is refused here, and noted in `errors`.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

let lastId = 100;

class Thing {
  constructor(kind, values) {
    this.kind = kind;
    this.id = ++lastId;
    this.gone = false;
    Object.assign(this, values);
  }
}

function wavSeconds(file) {
  const data = fs.readFileSync(file);
  if (data.toString("latin1", 0, 4) !== "RIFF") throw new Error("not a valid audio file");
  let at = 12, rate = 0, frame = 0;
  while (at + 8 <= data.length) {
    const tag = data.toString("latin1", at, at + 4), size = data.readUInt32LE(at + 4);
    if (tag === "fmt ") { rate = data.readUInt32LE(at + 12); frame = data.readUInt16LE(at + 20); }
    if (tag === "data") return size / frame / rate;
    at += 8 + size + (size % 2);
  }
  throw new Error("not a valid audio file");
}

class LiveSet {
  // `warp` says how Live takes a file in: "right", "off", "double" (a wrong guess), "transient" (the first
  // marker on the first attack), "stubborn" (wrong, and no marker can be moved).
  constructor({version = "12.2.0", tempo = 120, meter = [4, 4], root = 0, scale = "Major", scaleMode = 1, warp = "right"} = {}) {
    Object.assign(this, {version, tempo, numerator: meter[0], denominator: meter[1], root, scale, scaleMode, warp});
    this.intervals = {Major: [0, 2, 4, 5, 7, 9, 11], Minor: [0, 2, 3, 5, 7, 8, 10],
      "Minor Pentatonic": [0, 3, 5, 7, 10], Dorian: [0, 2, 3, 5, 7, 9, 10]}[scale];
    this.scenes = [0, 1, 2, 3].map(() => new Thing("scene", {}));
    this.tracks = [];
    this.returns = [new Thing("return", {name: "A-Reverb"})];
    this.view = {track: null, scene: this.scenes[0], clip: null, slot: null};
    this.songTime = 0;
    this.isPlaying = 0;
    this.loop = {on: 0, start: 0, length: 4};
    this.deviceOn = null;
    this.errors = [];
    this.ghosts = [];
    this.observers = [];
    this.isNotifying = false;
    this.isReady = false;
    this.later = (work) => setTimeout(work, 0);
  }

  get numbers() { return this.version.split(".").map(Number); }

  since(...wanted) {
    const have = this.numbers;
    for (let i = 0; i < 3; i++) if (have[i] !== wanted[i]) return have[i] > wanted[i];
    return true;
  }

  // Clips from files came in 11.3.25 and in 12.0.5.
  get makesAudioClips() { return this.numbers[0] >= 12 ? this.since(12, 0, 5) : this.since(11, 3, 25); }

  // The switch of the set's scale came in 12.0.5; asking for it before writes into Max's console.
  get hasScaleMode() { return this.since(12, 0, 5); }

  addTrack(type, name) {
    const track = new Thing("track", {type, name, frozen: false, arrangement: [], playing: -1, devices: []});
    track.slots = this.scenes.map(() => new Thing("slot", {clip: null, track}));
    this.tracks.push(track);
    this.view.track = this.view.track || track;
    return track;
  }

  addDrumRack(track) { track.devices.push(new Thing("instrument", {drums: true})); }

  addAudioClip(slot, values) {
    slot.clip = new Thing("clip", {audio: true, name: "clip", color: 0, warping: 1, warp_mode: 0, looping: 1,
      loop_start: 0, loop_end: 4, start_marker: 0, end_marker: 4, pitch_coarse: 0, pitch_fine: 0, gain: "0.0 dB",
      markers: [], file: "", rate: 44100, arranged: false, ...values});
    return slot.clip;
  }

  addMidiClip(slot, notes, beats = 4) {
    slot.clip = new Thing("clip", {audio: false, name: "midi", looping: 1, loop_start: 0, loop_end: beats,
      start_marker: 0, end_marker: beats, notes, arranged: false});
    return slot.clip;
  }

  createMidiInSlot(slot, beats) {
    if (!this.since(11, 0, 0)) return this.ghosts.push("create_clip");
    if (slot.track.type !== "midi") return this.refuse("the slot is not on a MIDI track");
    if (slot.track.frozen) return this.refuse("the track is frozen");
    if (slot.clip) return this.refuse("the slot is not empty");
    if (!(beats > 0)) return this.refuse(`a clip of ${beats} beats`);
    this.addMidiClip(slot, [], beats);
  }

  everything() {
    const list = [...this.scenes, ...this.tracks, ...this.returns];
    for (const track of this.tracks) {
      list.push(...track.slots, ...track.arrangement, ...track.devices);
      for (const slot of track.slots) if (slot.clip) list.push(slot.clip);
    }
    return list;
  }

  byId(id) { return this.everything().find((thing) => thing.id === Number(id)) || null; }

  refuse(what) { this.errors.push(what); }

  // --- what a clip made of a file is, before anybody sets it up
  imported(file, track, arranged) {
    if (!path.isAbsolute(file) && !/^[A-Za-z]:/.test(file)) return this.refuse(`not an absolute path: ${file}`);
    let seconds;
    try { seconds = wavSeconds(file); } catch (error) { return this.refuse(`no valid audio file: ${file} (${error.message})`); }
    const beats = seconds * this.tempo / 60;
    const guesses = {right: [[0, 0], [seconds, beats]], off: [[0, 0], [seconds, beats]],
      double: [[0, 0], [seconds / 2, beats], [seconds, beats * 2]], stubborn: [[0, 0], [seconds, beats * 2]],
      transient: [[0.12, 0], [seconds, beats]]};
    const markers = guesses[this.warp].map(([sample_time, beat_time]) => ({sample_time, beat_time}));
    const end = markers[markers.length - 1];
    const per = (end.sample_time - markers[markers.length - 2].sample_time) / (end.beat_time - markers[markers.length - 2].beat_time);
    markers.push({sample_time: end.sample_time + per / 32, beat_time: end.beat_time + 1 / 32});
    const warping = this.warp === "off" ? 0 : 1;
    return new Thing("clip", {audio: true, name: path.basename(file), color: 0, warping, warp_mode: 0,
      looping: 0, loop_start: 0, loop_end: warping ? end.beat_time : seconds, start_marker: 0,
      end_marker: warping ? end.beat_time : seconds, pitch_coarse: 0, pitch_fine: 0, gain: "0.0 dB", markers,
      file, arranged, seconds});
  }

  createInSlot(slot, file) {
    if (!this.makesAudioClips) return this.ghosts.push("create_audio_clip");
    if (slot.track.type !== "audio") return this.refuse("the slot is not on an audio track");
    if (slot.track.frozen) return this.refuse("the track is frozen");
    if (slot.clip) return this.refuse("the slot is not empty");
    slot.clip = this.imported(file, slot.track, false) || null;
  }

  change(thing, property, value) {
    if (this.isNotifying) throw new Error("Changes cannot be triggered by notifications.");
    const wasWarping = thing.warping;
    thing[property] = value;
    if (property === "warping" && Boolean(wasWarping) !== Boolean(value)) this.recount(thing, value);
  }

  // A clip's loop and markers count in beats while it is warped, else in seconds; unwarped audio does not loop.
  recount(clip, warping) {
    const [from, to] = warping ? ["sample_time", "beat_time"] : ["beat_time", "sample_time"];
    const place = (value) => {
      let at = clip.markers.findIndex((one) => one[from] > value) - 1;
      if (at < 0) at = value < clip.markers[0][from] ? 0 : clip.markers.length - 2;
      const [one, next] = [clip.markers[at], clip.markers[at + 1]];
      return one[to] + (value - one[from]) * (next[to] - one[to]) / (next[from] - one[from]);
    };
    for (const name of ["loop_start", "loop_end", "start_marker", "end_marker"]) clip[name] = place(clip[name]);
    if (!warping) clip.looping = 0;
  }

  // A change by the user: observers hear of it, and may change nothing themselves.
  userSets(property, value) {
    this[property] = value;
    const told = {tempo: "tempo", numerator: "signature_numerator", denominator: "signature_denominator",
      root: "root_note", scale: "scale_name", scaleMode: "scale_mode"}[property];
    this.isNotifying = true;
    try {
      for (const observer of this.observers) if (observer.watched === told) observer.callback([told, value]);
    } finally { this.isNotifying = false; }
  }
}

module.exports = {LiveSet, Thing, wavSeconds};
