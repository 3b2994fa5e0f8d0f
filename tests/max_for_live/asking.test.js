// From controls, set and clips to a request: what the verb takes, exactly, and nothing else.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const {test} = require("node:test");
const {LiveSet} = require("./stub/live_set.js");
const {ask, desk, generated, pairs} = require("./stub/desk.js");

test("generate asks for what the device shows, in the set's tempo, meter and key", (t) => {
  const set = new LiveSet({tempo: 97.3, meter: [6, 8], root: 9, scale: "Minor"});
  const it = desk(t, {set, controls: {bars: 8, count: 3, steps: 20, guidance: 3.5}, stored: {chords: ["Am F C G"], preset: ["sketch"]}});
  it.device.call("sample_rate", 96000);
  const {id, ...asked} = ask(it);
  assert.match(id, /^m4l\w+-1$/);
  assert.deepStrictEqual(asked, {preset: "sketch", bpm: 97.3, numerator: 6, denominator: 8, key: "A minor",
    chords: "Am F C G", seed: -1, count: 3, steps: 20, guidance: 3.5, rate: 96000, bars: 8, loop: 0});
});

for (const [hertz, rate] of [[44100, 44100], [48000, 48000], [88200, 88200], [176400, 88200], [192000, 96000], [22050, 44100]]) {
  test(`a set at ${hertz} Hz asks for ${rate}`, (t) => {
    const it = desk(t);
    it.device.call("sample_rate", hertz);
    assert.strictEqual(ask(it).rate, rate);
  });
}

test("the seed is chosen by the bridge and shown, or locked and sent", (t) => {
  const it = desk(t);
  assert.strictEqual(ask(it).seed, -1);
  assert.strictEqual(it.device.shown.seed, "4711");
  assert.strictEqual(it.device.stored.seed, undefined, "a drawn seed is no step of undo");
  it.device.control("seed_lock", 1);
  assert.deepStrictEqual(it.device.stored.seed, ["4711"]);
  assert.strictEqual(ask(it).seed, 4711);
});

test("sound and part are asked for where the model has them and one is chosen", (t) => {
  const it = desk(t);
  it.device.hear("status.reply", "worker", "ready", "model", "default", "device", "cpu", "sounds", "grand piano,strings", "parts", "keys,bass");
  assert.deepStrictEqual(it.device.menus.sound, ["any sound", "grand piano", "strings"]);
  it.device.choose("sound", "strings");
  it.device.choose("part", "bass");
  const asked = ask(it);
  assert.deepStrictEqual([asked.sound, asked.part], ["strings", "bass"]);
  it.device.choose("sound", "any sound");
  assert.strictEqual(ask(it).sound, undefined);
  assert.deepStrictEqual(it.device.stored.sound, ["-"]);
});

test("a preset that is chosen shows its values; one that the set kept does not overwrite them", (t) => {
  const it = desk(t, {controls: {bars: 2}, stored: {preset: ["sketch"]}});
  assert.strictEqual(ask(it).bars, 2);
  it.device.choose("preset", "sketch");
  it.clock.pass(10);
  assert.deepStrictEqual([it.device.shown.bars, it.device.shown.steps, it.device.shown.chords], [8, 6, "C F G C"]);
  const asked = ask(it);
  assert.deepStrictEqual([asked.bars, asked.steps, asked.chords], [8, 6, "C F G C"]);
});

test("the bridge's refusals are shown in its own words", (t) => {
  const it = desk(t);
  const {id} = ask(it);
  it.device.hear("fail", id, "chords", "`Amm` in bar 1: not a chord I know; `mm` is no chord type.");
  assert.strictEqual(it.device.words, "`Amm` in bar 1: not a chord I know; `mm` is no chord type.");
  assert.strictEqual(it.device.light, 1);
  assert.deepStrictEqual([it.device.enabledNow.cancel, it.device.progress], [0, 0]);
  ask(it);
  assert.strictEqual(it.device.words, "Rendering 0 %");
});

test("cancel stops what was asked", (t) => {
  const it = desk(t);
  const {id} = ask(it);
  it.device.press("cancel");
  it.clock.pass(10);
  assert.deepStrictEqual(it.device.asked("cancel"), [[id]]);
  assert.strictEqual(it.device.words, "Cancelled.");
});

test("without a bridge, Generate says so and sends nothing", (t) => {
  const it = desk(t, {running: false});
  it.clock.pass(5000);
  it.device.press("generate");
  assert.match(it.device.words, /Bridge not running/);
  assert.deepStrictEqual(it.device.asked("generate"), []);
});

// --- source clips

const MARKERS = [{sample_time: 0.25, beat_time: 0}, {sample_time: 2.25, beat_time: 4}, {sample_time: 3.45, beat_time: 8}];

function source(it, values = {}) {
  const clip = it.set.addAudioClip(it.track.slots[3], {name: "Bäss", file: "/music/bass.wav", loop_start: 2, loop_end: 6,
    markers: MARKERS, pitch_coarse: -2, pitch_fine: 10, gain: "-3.5 dB", ...values});
  it.set.view.clip = clip;
  return clip;
}

function described(it, verb) { return JSON.parse(fs.readFileSync(ask(it, verb).source, "utf8")); }

test("vary takes the selected clip as it is heard", (t) => {
  const it = desk(t, {controls: {verb: "vary", strength: 0.4}});
  source(it);
  assert.deepStrictEqual(described(it, "vary"), {path: "/music/bass.wav", name: "Bäss", warping: true, warp_mode: 0,
    warp_markers: MARKERS, regions: [[2, 6]], semitones: -2, cents: 10, gain_db: -3.5, tempo: 120});
  const asked = pairs(it.device.asked("vary")[0]);
  assert.deepStrictEqual([asked.strength, asked.bars, asked.side, asked.ratio, asked.loop], [0.4, undefined, undefined, undefined, 0]);
  assert.strictEqual(it.device.shown.source, "Bäss");
});

test("a clip taken before the tempo changed is described in the tempo of now, after a reload too", (t) => {
  const it = desk(t, {controls: {verb: "vary"}});
  source(it);
  it.device.press("source");
  it.set.view.clip = null;
  it.set.tempo = 96;
  assert.strictEqual(described(it, "vary").tempo, 96);
  const again = desk(t, {controls: {verb: "vary"}, stored: it.device.stored, set: new LiveSet({tempo: 101})});
  assert.strictEqual(again.device.shown.source, "Bäss");
  assert.strictEqual(described(again, "vary").tempo, 101);
});

test("an unwarped clip, a muted one and one at minus infinity are described as Live has them", (t) => {
  const it = desk(t, {controls: {verb: "vary"}});
  source(it, {warping: 0, looping: 0, loop_start: 0.5, loop_end: 2.5, gain: "-inf dB"});
  const clip = described(it, "vary");
  assert.deepStrictEqual([clip.warping, clip.warp_markers, clip.regions, clip.gain_db], [false, [], [[0.5, 2.5]], -200]);
});

test("a clip of the Arrangement is unrolled, inside the arrangement's loop where that is on", (t) => {
  const it = desk(t, {controls: {verb: "vary"}});
  source(it, {arranged: true, start_time: 16, end_time: 26, start_marker: 3});
  assert.deepStrictEqual(described(it, "vary").regions, [[3, 6], [2, 6], [2, 5]]);
  it.set.loop = {on: 1, start: 20, length: 4};
  it.device.press("source");
  assert.deepStrictEqual(described(it, "vary").regions, [[3, 6], [2, 3]]);
  it.set.loop = {on: 1, start: 100, length: 4};
  it.device.press("source");
  assert.strictEqual(described(it, "vary").regions.length, 3);
});

test("an arranged clip that does not loop plays from where it was cut", (t) => {
  const it = desk(t, {controls: {verb: "vary"}});
  source(it, {arranged: true, start_time: 8, end_time: 12, looping: 0, loop_start: 1, loop_end: 5});
  assert.deepStrictEqual(described(it, "vary").regions, [[1, 5]]);
  source(it, {arranged: true, warping: 0, start_time: 8, end_time: 12, looping: 0, loop_start: 0.5, loop_end: 2.5,
    pitch_coarse: 0, pitch_fine: 0});
  it.device.press("source");
  assert.deepStrictEqual(described(it, "vary").regions, [[0.5, 2.5]]);
  // An octave up without warp, a file is gone through twice as fast.
  source(it, {arranged: true, warping: 0, start_time: 8, end_time: 12, looping: 0, loop_start: 0.5, loop_end: 4.5, pitch_coarse: 12,
    pitch_fine: 0});
  it.device.press("source");
  assert.deepStrictEqual(described(it, "vary").regions, [[0.5, 4.5]]);
});

test("a clip with more warp markers than Live can tell is refused in words", (t) => {
  const it = desk(t, {controls: {verb: "vary"}});
  const markers = [];
  for (let i = 0; i < 900; i++) markers.push({sample_time: i * 0.50123456789, beat_time: i});
  source(it, {markers});
  it.device.press("source");
  assert.match(it.device.words, /consolidate it/);
});

test("inpaint renews whole bars, counted from the source's first", (t) => {
  const it = desk(t, {set: new LiveSet({tempo: 90, meter: [3, 4]}), controls: {verb: "inpaint", from_bar: 3, bars: 2}});
  source(it);
  const asked = ask(it, "inpaint");
  assert.deepStrictEqual([asked.from_seconds, asked.to_seconds, asked.bars], [4, 8, undefined]);
});

test("outpaint and interpolate bring what they need, and interpolate asks for its second clip", (t) => {
  const it = desk(t, {controls: {verb: "outpaint", side: "before", bars: 2}});
  source(it);
  const asked = ask(it, "outpaint");
  assert.deepStrictEqual([asked.side, asked.bars, asked.strength], ["before", 2, undefined]);
  it.device.control("verb", "interpolate");
  it.device.press("generate");
  assert.match(it.device.words, /needs two clips/);
  it.device.press("source_b");
  const both = ask(it, "interpolate");
  assert.ok(both.source && both.source_b && both.source !== both.source_b && both.ratio === 0.5);
});

test("no clip, a MIDI clip and a description that was deleted are answered in words", (t) => {
  const it = desk(t, {controls: {verb: "vary"}});
  it.device.press("generate");
  assert.match(it.device.words, /Select an audio clip first/);
  const midi = it.set.addTrack("midi", "Keys");
  it.set.view.clip = it.set.addMidiClip(midi.slots[0], []);
  it.device.press("source");
  assert.match(it.device.words, /holds MIDI/);
  source(it);
  it.device.press("source");
  fs.unlinkSync(it.device.stored.source[0]);
  it.device.press("generate");
  assert.match(it.device.words, /source clip is gone/);
});

test("a clip in a highlighted slot is taken where no clip is in detail view", (t) => {
  const it = desk(t, {controls: {verb: "vary"}});
  source(it);
  it.set.view.slot = it.track.slots[3];
  it.set.view.clip = null;
  assert.strictEqual(described(it, "vary").path, "/music/bass.wav");
});

test("a take of ours that comes after the job was forgotten is listed all the same", (t) => {
  const it = desk(t);
  const {job} = generated(it);
  it.device.hear("take", job.id, 1, path.join(it.folder, "late.wav"), 8, 120);
  assert.strictEqual(it.device.menus.takes.length, 2);
});
