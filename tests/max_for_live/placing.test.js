// Takes into the set: the next empty slot, named, warped and looped to exactly its bars, and read back.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const {test} = require("node:test");
const {LiveSet} = require("./stub/live_set.js");
const {desk, generated, writeTake} = require("./stub/desk.js");

function place(it, button = "place") {
  it.device.press(button);
  it.clock.pass(2000);
}

function assertLoops(clip, beats, seconds) {
  assert.deepStrictEqual([clip.warping, clip.looping, clip.loop_start, clip.start_marker], [1, 1, 0, 0]);
  assert.ok(Math.abs(clip.loop_end - beats) < 1e-9, `${clip.loop_end} beats`);
  assert.ok(Math.abs(clip.end_marker - beats) < 1e-9);
  for (const marker of clip.markers) {
    assert.ok(Math.abs(marker.sample_time - marker.beat_time * seconds / beats) < 1e-3, JSON.stringify(clip.markers));
  }
}

for (const warp of ["right", "off", "double", "transient"]) {
  test(`a take is placed and looped to its bars, where Live's own warp is ${warp}`, (t) => {
    const it = desk(t, {set: new LiveSet({warp})});
    const {files} = generated(it);
    place(it);
    const clip = it.track.slots[0].clip;
    assert.strictEqual(clip.file, files[0]);
    assert.strictEqual(clip.name, path.basename(files[0], ".wav"));
    assert.notStrictEqual(clip.color, 0);
    assertLoops(clip, 16, 8);
    assert.match(it.device.words, /Placed in scene 1 of this track/);
    assert.strictEqual(it.device.light, 2);
    assert.deepStrictEqual([it.set.errors, it.set.ghosts], [[], []]);
  });
}

test("a clip that Live will not warp straight plays unwarped, and the device says so", (t) => {
  const it = desk(t, {set: new LiveSet({warp: "stubborn"})});
  generated(it);
  place(it);
  assert.strictEqual(it.track.slots[0].clip.warping, 0);
  assert.match(it.device.words, /Warp is off now: it plays exactly at its own tempo/);
  assert.strictEqual(it.device.light, 4);
});

test("occupied slots are passed by, from the selected scene down", (t) => {
  const it = desk(t);
  const kept = it.set.addAudioClip(it.track.slots[1], {name: "mine"});
  it.set.view.scene = it.set.scenes[1];
  generated(it);
  place(it);
  assert.strictEqual(it.track.slots[1].clip, kept);
  assert.ok(it.track.slots[2].clip);
  assert.strictEqual(it.track.slots[0].clip, null);
  assert.match(it.device.words, /scene 3/);
});

test("where no slot is empty a scene is made", (t) => {
  const it = desk(t);
  it.track.slots.forEach((slot) => it.set.addAudioClip(slot, {}));
  generated(it);
  place(it);
  assert.strictEqual(it.set.scenes.length, 5);
  assert.ok(it.track.slots[4].clip);
  assert.deepStrictEqual(it.set.errors, []);
});

test("all takes of a request are placed one below the other", (t) => {
  const it = desk(t);
  generated(it, 1);
  const {files} = generated(it, 3);
  place(it, "place_all");
  assert.deepStrictEqual(it.track.slots.map((slot) => slot.clip && slot.clip.file), [...files, null]);
  assert.match(it.device.words, /All takes placed/);
});

for (const [what, prepare, words] of [
  ["a frozen track", (it) => { it.track.frozen = true; }, /frozen: unfreeze it/],
  ["a group track", (it) => { it.track.type = "group"; }, /group track holds no clips/],
  ["a MIDI track", (it) => { it.track.type = "midi"; }, /MIDI track holds no audio clips/],
  ["a return track", (it) => { it.set.deviceOn = it.set.returns[0]; it.track.type = "midi"; }, /return tracks and the main track/],
  ["an old Live", (it) => { it.set.version = "11.3.20"; }, /needs 11\.3\.25, 12\.0\.5 or newer/],
  ["the first Live 12", (it) => { it.set.version = "12.0.0"; }, /needs 11\.3\.25, 12\.0\.5 or newer/],
  ["Live 10", (it) => { it.set.version = "10.1.43"; }, /needs 11\.3\.25/],
]) {
  test(`${what} is no place: the device says why, and where the file is`, (t) => {
    const it = desk(t);
    generated(it);
    prepare(it);
    place(it);
    assert.match(it.device.words, words);
    assert.match(it.device.words, /takes folder \(Reveal\)/);
    assert.ok(it.track.slots.every((slot) => !slot.clip));
    assert.deepStrictEqual([it.set.errors, it.set.ghosts, it.set.scenes.length], [[], [], 4]);
  });
}

test("on a MIDI track the selected audio track takes the clip", (t) => {
  const it = desk(t, {on: "midi"});
  const other = it.set.addTrack("audio", "Audio");
  it.set.view.track = other;
  generated(it);
  place(it);
  assert.ok(other.slots[0].clip);
  assert.strictEqual(it.device.words, "Placed in scene 1 of the selected track Audio.");
});

test("the versions that can are told from those that cannot", (t) => {
  for (const [version, can] of [["11.3.25", true], ["11.3.35", true], ["12.0.5", true], ["12.1", true], ["13.0", true],
    ["11.3.24", false], ["12.0.4", false], ["11.2.99", false]]) {
    const it = desk(t, {set: new LiveSet({version})});
    generated(it);
    place(it);
    assert.strictEqual(Boolean(it.track.slots[0].clip), can, version);
  }
});

test("in the Arrangement it lies at the playhead, and Session is as it was", (t) => {
  const it = desk(t, {controls: {place_in: "arrangement"}, set: new LiveSet({warp: "double"})});
  it.track.slots.forEach((slot) => it.set.addAudioClip(slot, {}));
  it.set.songTime = 33.5;
  generated(it);
  place(it);
  const [clip] = it.track.arrangement;
  assert.strictEqual(clip.start_time, 33.5);
  assert.strictEqual(clip.end_time - clip.start_time, 16);
  assertLoops(clip, 16, 8);
  assert.strictEqual(it.set.scenes.length, 4);
  assert.strictEqual(it.track.slots.length, 4);
  assert.match(it.device.words, /at the playhead/);
  assert.deepStrictEqual([it.set.errors, it.set.ghosts], [[], []]);
});

test("a take whose file is gone is not placed, and nothing is left behind", (t) => {
  const it = desk(t);
  const {files} = generated(it);
  fs.unlinkSync(files[0]);
  place(it);
  assert.match(it.device.words, /is the file still there/);
  assert.ok(it.track.slots.every((slot) => !slot.clip));
});

test("without a take, placing says what to do", (t) => {
  const it = desk(t);
  place(it);
  assert.match(it.device.words, /no take yet: press Generate/);
});

test("a clip that is deleted while it is set up is no exception", (t) => {
  const it = desk(t);
  generated(it);
  it.device.press("place");
  it.track.slots[0].clip.gone = true;
  it.track.slots[0].clip = null;
  it.clock.pass(2000);
  assert.match(it.device.words, /went away/);
});

test("lengths are exact in odd tempos and meters, and longer than asked where a source was continued", (t) => {
  const set = new LiveSet({tempo: 97.3, meter: [7, 8]});
  const it = desk(t, {set, controls: {bars: 3}});
  const seconds = 3 * 3.5 * 60 / 97.3;
  generated(it, 1, {seconds, bpm: 97.3, bars: 3});
  place(it);
  assert.strictEqual(it.track.slots[0].clip.loop_end, 10.5);
  const longer = writeTake(path.join(it.folder, "longer.wav"), {seconds: 2 * seconds, bpm: 97.3, recipe: false});
  it.device.hear("take", `${it.device.asked("hello")[0][0]}-9`, 0, longer, 2 * seconds, 97.3);
  place(it);
  assert.strictEqual(it.track.slots[1].clip.loop_end, 21);
});

test("takes survive a reload of the set, those whose files are gone do not", (t) => {
  const it = desk(t);
  const {files} = generated(it, 3);
  fs.unlinkSync(files[1]);
  fs.unlinkSync(files[1].replace(".wav", ".json"));
  const again = desk(t, {stored: it.device.stored});
  assert.deepStrictEqual(again.device.menus.takes, [path.basename(files[0]), path.basename(files[2])]);
  assert.strictEqual(again.device.shown.take, "2 of 2");
  place(again);
  assert.strictEqual(again.track.slots[0].clip.file, files[2]);
  assert.strictEqual(again.track.slots[0].clip.loop_end, 16);
});

test("reveal opens the takes' folder, spaces and all", (t) => {
  const it = desk(t);
  it.device.hear("take", `${it.device.asked("hello")[0][0]}-1`, 0, "/Users/me/My Music/a#1.wav", 8, 120);
  it.device.press("reveal");
  assert.deepStrictEqual(it.device.browsed, ["file:///Users/me/My%20Music"]);
  it.device.hear("take", `${it.device.asked("hello")[0][0]}-2`, 0, "C:\\Users\\me\\Music\\b.wav", 8, 120);
  it.device.press("reveal");
  assert.strictEqual(it.device.browsed[1], "file:///C:/Users/me/Music");
});
