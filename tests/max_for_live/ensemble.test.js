// Complete: the clips that play, as parts, and the request for the one that is missing.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const {test} = require("node:test");
const {LiveSet} = require("./stub/live_set.js");
const {players, writeTake, pairs} = require("./stub/desk.js");

const note = (pitch, start_time, duration = 1, more = {}) => ({pitch, start_time, duration, velocity: 100, mute: 0, ...more});
const KEYS = [note(60, 0, 4), note(64, 0, 4)];
const BEAT = [note(36, 0, 0.25), note(38, 1, 0.25)];

// A device before a model with parts; a MIDI track for each of `clips` with a clip of so many beats in the first scene.
function scene(t, clips, {part = "lead", options = {}} = {}) {
  const it = players(t, options);
  it.midi = Object.entries(clips).map(([name, [notes, beats]]) => {
    const track = it.set.addTrack("midi", name);
    it.set.addMidiClip(track.slots[0], notes, beats).name = "";
    return track;
  });
  it.set.view.scene = it.set.scenes[0];
  if (part) it.device.choose("part", part);
  return it;
}

// Presses Complete: the request, and the notes that went with it.
function completed(it) {
  it.device.press("complete");
  it.clock.pass(10);
  const sent = it.device.asked("complete").pop();
  assert.ok(sent, `nothing asked: ${it.device.words}`);
  const asked = pairs(sent);
  const file = JSON.parse(fs.readFileSync(asked.notes, "utf8"));
  const parts = {};
  for (const one of file.notes) (parts[one.part] = parts[one.part] || []).push([one.start_beats, one.pitch]);
  return {asked, file, parts};
}

function refused(it, words) {
  it.device.press("complete");
  it.clock.pass(10);
  assert.match(it.device.words, words);
  assert.deepStrictEqual(it.device.asked("complete"), []);
}

test("the selected scene's clips are heard as parts, and the one of the Part menu is asked for", (t) => {
  const it = scene(t, {Rhodes: [KEYS, 8], Kit: [BEAT, 4]}, {options: {set: new LiveSet({tempo: 97.3})}});
  it.device.control("steps", 20);
  const {asked, file, parts} = completed(it);
  assert.deepStrictEqual(parts, {keys: [[0, 60], [0, 64]], drums: [[0, 36], [1, 38], [4, 36], [5, 38]]});
  assert.strictEqual(file.length_beats, 8, "as long as the longest loop; shorter ones are repeated");
  assert.deepStrictEqual([asked.part, asked.bars, asked.bpm, asked.chords, asked.steps, asked.style],
    ["lead", 2, 97.3, "", 20, ""]);
  assert.deepStrictEqual(Object.keys(file.notes[0]).sort(), ["duration_beats", "part", "pitch", "start_beats", "velocity"]);
  it.daemon.finish(it.device, asked.id, [[writeTake(path.join(it.folder, "b_1.wav"), {seconds: 5, recipe: false}), 4.9, 97.3]]);
  assert.match(it.device.words, /^Done/);
});

test("drums alone have no chords: the device's are asked for then, and the musician's style and seed", (t) => {
  const it = scene(t, {Kit: [BEAT, 4]});
  it.device.call("control", "chords", "Am F");
  it.device.choose("style", "house");
  const {asked} = completed(it);
  assert.deepStrictEqual([asked.chords, asked.style, asked.seed], ["Am F", "house", -1]);
});

test("what plays is heard rather than the selected scene, in Session and in the Arrangement", (t) => {
  const it = scene(t, {Rhodes: [KEYS, 8], Kit: [BEAT, 4]});
  it.set.addMidiClip(it.midi[0].slots[2], [note(67, 0)], 4).name = "";
  it.midi[0].playing = 2;
  assert.deepStrictEqual(completed(it).parts, {keys: [[0, 67]]});
  const arranged = it.set.addMidiClip(it.midi[1].slots[3], [note(42, 0)], 4);
  Object.assign(arranged, {name: "", arranged: true, start_time: 0, end_time: 4});
  it.midi[1].slots[3].clip = null;
  it.midi[1].arrangement.push(arranged);
  it.set.isPlaying = 1;
  assert.deepStrictEqual(completed(it).parts, {keys: [[0, 67]], drums: [[0, 42]]});
});

test("muted tracks, soloed-away ones, muted clips and groups play nothing", (t) => {
  for (const [index, values] of [[0, {mute: true}], [0, {mutedBySolo: true}], [0, {type: "group"}]]) {
    const it = scene(t, {Rhodes: [KEYS, 8], Kit: [BEAT, 4]});
    Object.assign(it.midi[index], values);
    assert.deepStrictEqual(Object.keys(completed(it).parts), ["drums"]);
  }
  const it = scene(t, {Rhodes: [KEYS, 8], Kit: [BEAT, 4]});
  it.midi[0].slots[0].clip.muted = true;
  assert.deepStrictEqual(Object.keys(completed(it).parts), ["drums"]);
});

for (const [name, clipName, pitch, part] of [
  ["1-MIDI", "", 60, "keys"], ["1-MIDI", "", 40, "bass"], ["Drum Rack", "", 60, "drums"], ["808 Kicks", "", 36, "drums"],
  ["Sub", "", 60, "bass"], ["Acid Bass", "", 60, "bass"], ["Warm Strings", "", 40, "pad"], ["Melody", "", 40, "lead"],
  ["Voices", "", 60, "lead"], ["Felt Piano", "", 40, "keys"], ["Rhodes", "bass line", 60, "bass"], ["constructor", "", 60, "keys"],
]) {
  test(`a track ${name} with a clip "${clipName}" around ${pitch} plays its part`, (t) => {
    const it = scene(t, {[name]: [[note(pitch, 0)], 4], Other: [BEAT, 4]}, {part: ""});
    it.midi[0].slots[0].clip.name = clipName;
    it.midi[1].slots[0].clip.name = part === "pad" ? "organ" : "pad";
    it.device.choose("part", part === "lead" ? "keys" : "lead");
    assert.deepStrictEqual(completed(it).parts[part], [[0, pitch]]);
  });
}

test("a Drum Rack is drums, whatever it is called", (t) => {
  const it = scene(t, {Bass: [BEAT, 4]});
  it.set.addDrumRack(it.midi[0]);
  assert.deepStrictEqual(Object.keys(completed(it).parts), ["drums"]);
});

test("takes on audio tracks are heard by their recipes, in their loops; other audio is not", (t) => {
  const it = scene(t, {Rhodes: [KEYS, 8]});
  const file = writeTake(path.join(it.folder, "x_drums_3.wav"),
    {notes: {drums: [[0, 0.25, 36, 90], [4, 4.25, 38, 90]]}, request: {part: "drums"}});
  const clip = it.set.addAudioClip(it.track.slots[0], {file, loop_start: 4, loop_end: 8});
  const loop = it.set.addTrack("audio", "Loop");
  it.set.addAudioClip(loop.slots[0], {file: "/samples/break.wav", loop_end: 64});
  assert.deepStrictEqual(completed(it).parts, {keys: [[0, 60], [0, 64]], drums: [[0, 38], [4, 38]]});
  clip.warping = 0;
  const whole = completed(it);
  assert.deepStrictEqual(whole.parts.drums, [[0, 36], [4, 38]]);
  assert.strictEqual(whole.file.length_beats, 16);
});

test("a clip of a take's notes plays the take's part, whatever its track is called", (t) => {
  const it = scene(t, {Bass: [KEYS, 8]});
  fs.mkdirSync(path.join(it.folder, "takes"));
  writeTake(path.join(it.folder, "takes", "x_3.wav"), {notes: {pad: [[0, 1, 60, 90]]}, request: {part: "pad"}});
  it.midi[0].slots[0].clip.name = "x_3";
  assert.deepStrictEqual(Object.keys(completed(it).parts), ["pad"]);
});

test("a part that plays already is written anew to the others", (t) => {
  const it = scene(t, {Keys: [KEYS, 8], Kit: [BEAT, 4]}, {part: "keys"});
  const {asked, parts} = completed(it);
  assert.deepStrictEqual([asked.part, Object.keys(parts)], ["keys", ["drums"]]);
});

test("odd meters make whole bars, and far too long a clip is cut", (t) => {
  const it = scene(t, {Rhodes: [KEYS, 8]}, {options: {set: new LiveSet({meter: [7, 8]})}});
  assert.deepStrictEqual([completed(it).asked.bars, completed(it).file.length_beats], [3, 10.5]);
  it.midi[0].slots[0].clip.loop_end = 4000;
  assert.strictEqual(completed(it).asked.bars, 64);
});

test("Complete makes new music whatever the tab says", (t) => {
  const it = scene(t, {Rhodes: [KEYS, 8]});
  it.device.control("verb", "vary");
  const {asked} = completed(it);
  assert.deepStrictEqual([asked.bars, asked.source, asked.strength, asked.part], [2, undefined, undefined, "lead"]);
});

test("without a part to write, or anything that plays, the device says what to do", (t) => {
  refused(scene(t, {Rhodes: [KEYS, 8]}, {part: "any part"}), /Choose in the Part menu what is missing/);
  const arranged = scene(t, {Rhodes: [KEYS, 8]}, {part: ""});
  arranged.device.choose("preset", "four_parts");
  arranged.clock.pass(10);
  refused(arranged, /This preset has parts of its own/);
  refused(scene(t, {}), /No notes play: launch clips with notes, or select a scene/);
  refused(scene(t, {Rhodes: [[], 8]}), /No notes play/);
  const none = scene(t, {Rhodes: [KEYS, 8]});
  none.set.view.scene = null;
  refused(none, /No notes play/);
  refused(scene(t, {Rhodes: [KEYS, 8]}, {part: "keys"}), /Nothing but keys plays: choose another part/);
  const away = scene(t, {Rhodes: [KEYS, 8]});
  away.daemon.on = false;
  away.clock.pass(60000);
  assert.strictEqual(away.device.enabledNow.complete, 0);
  away.device.press("complete");
  assert.deepStrictEqual(away.device.asked("complete"), []);
});
