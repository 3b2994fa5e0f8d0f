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

test("what Live will not warp plays whole and unwarped in the Arrangement too", (t) => {
  const it = desk(t, {controls: {place_in: "arrangement"}, set: new LiveSet({warp: "stubborn"})});
  generated(it);
  place(it);
  const [clip] = it.track.arrangement;
  assert.deepStrictEqual([clip.warping, clip.looping, clip.loop_start, clip.loop_end, clip.end_time - clip.start_time], [0, 0, 0, 8, 16]);
  assert.match(it.device.words, /Warp is off now/);
  assert.ok(it.track.slots.every((slot) => !slot.clip));
  assert.deepStrictEqual(it.set.errors, []);
});

test("what cannot even be unwarped is said to be warped", (t) => {
  const it = desk(t, {set: new LiveSet({warp: "stubborn"})});
  const change = it.set.change.bind(it.set);
  it.set.change = (thing, property, value) => { if (property !== "warping" || value) change(thing, property, value); };
  generated(it);
  place(it);
  assert.match(it.device.words, /switch Warp off in the clip/);
});

test("a take that rings on after its last bar loops over its bars alone", (t) => {
  const it = desk(t, {controls: {bars: 2}});
  const ringing = {seconds: 7.288, bpm: 120, bars: 2};
  generated(it, 1, ringing);
  it.device.call("control", "preview", 1);
  it.clock.pass(200);
  assert.deepStrictEqual(it.device.preview.length, [8, 4000]);
  place(it);
  const clip = it.track.slots[0].clip;
  assert.deepStrictEqual([clip.loop_end, clip.end_marker, clip.warping, clip.looping], [8, 8, 1, 1]);
  for (const marker of clip.markers) assert.ok(Math.abs(marker.sample_time - marker.beat_time / 2) < 1e-3, JSON.stringify(clip.markers));
  assert.match(it.device.words, /^Placed in scene 1/);
  const again = desk(t, {stored: it.device.stored});
  place(again);
  assert.strictEqual(again.track.slots[0].clip.loop_end, 8);
});

test("after a reload, an outpainted take is as long as its file", (t) => {
  const it = desk(t);
  const {files} = generated(it, 1, {seconds: 10, bpm: 120, bars: 1});
  const recipe = files[0].replace(".wav", ".json");
  fs.writeFileSync(recipe, fs.readFileSync(recipe, "utf8").replace("generate", "outpaint"));
  const again = desk(t, {stored: it.device.stored});
  place(again);
  assert.strictEqual(again.track.slots[0].clip.loop_end, 20);
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

test("all takes at once go to Session whatever is chosen, and the device says so", (t) => {
  const it = desk(t, {controls: {place_in: "arrangement"}});
  generated(it, 3);
  place(it, "place_all");
  assert.deepStrictEqual([it.track.arrangement.length, it.track.slots.filter((slot) => slot.clip).length], [0, 3]);
  assert.match(it.device.words, /placed in Session, one below the other: in the Arrangement, Place puts one at a time/);
});

for (const version of ["11.3.20", "12.0.0"]) {
  test(`Live ${version} is told at the start that it cannot place, and what else works`, (t) => {
    const it = desk(t, {set: new LiveSet({version})});
    it.clock.pass(60000);
    assert.strictEqual(it.device.light, 4);
    assert.match(it.device.words, /cannot make clips of files.*11\.3\.25.*`msanii-bridge serve --drop-to live`.*User Library/);
    assert.ok(it.device.words.length <= 190, `${it.device.words.length} characters`);
  });
}

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
  assert.deepStrictEqual(again.device.menus.takes, ["1 piano_loop", "3 piano_loop"]);
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
  assert.strictEqual(it.device.words, "This take is /Users/me/My Music/a#1.wav");
  it.device.hear("take", `${it.device.asked("hello")[0][0]}-2`, 0, "C:\\Users\\me\\Music\\b.wav", 8, 120);
  it.device.press("reveal");
  assert.strictEqual(it.device.browsed[1], "file:///C:/Users/me/Music");
});
