// The notes of takes: from a take's recipe into a MIDI clip, as they are.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const {test} = require("node:test");
const {LiveSet} = require("./stub/live_set.js");
const {desk, generated} = require("./stub/desk.js");

// A loop of four bars; the last note rings over its end, into its first bar.
const KEYS = [[0, 1.5, 60, 90], [1.48, 3, 64, 71], [3, 4, 60, 88], [15.5, 16.75, 67, 64]];
const DRUMS = [[0, 0.25, 36, 120], [1, 1.25, 38, 110]];

// A device, a MIDI track beside it that is selected, and a take with notes.
function noted(t, recipe = {notes: {keys: KEYS}, request: {part: "keys"}}, options = {}) {
  const it = desk(t, options);
  it.midi = it.set.addTrack("midi", "Rhodes");
  it.set.view.track = it.midi;
  it.file = generated(it, 1, recipe).files[0];
  return it;
}

function played(clip) {
  return clip.notes.map((note) => [note.start_time, note.start_time + note.duration, note.pitch, note.velocity])
    .sort((a, b) => a[0] - b[0] || a[2] - b[2]);
}

test("a take's notes are placed as they are, in the selected track's next empty slot", (t) => {
  const it = noted(t);
  it.set.addMidiClip(it.midi.slots[0], []);
  it.device.press("place_notes");
  const clip = it.midi.slots[1].clip;
  assert.deepStrictEqual(played(clip), KEYS);
  assert.strictEqual(clip.name, path.basename(it.file, ".wav"));
  assert.deepStrictEqual([clip.loop_start, clip.loop_end, clip.looping], [0, 16, 1]);
  assert.notStrictEqual(clip.color, undefined);
  assert.strictEqual(it.device.words, "Notes placed in scene 2 of Rhodes.");
  assert.strictEqual(it.device.light, 2);
  assert.deepStrictEqual([it.set.errors, it.set.ghosts], [[], []]);
});

test("the track that the Clip menu names takes them, whatever is selected", (t) => {
  const it = noted(t);
  const other = it.set.addTrack("midi", "Other");
  it.device.call("bang");
  it.device.choose("clip_track", "Other");
  it.device.press("place_notes");
  assert.ok(other.slots[0].clip);
  assert.ok(it.midi.slots.every((slot) => !slot.clip));
  it.set.tracks.pop();
  it.device.press("place_notes");
  assert.match(it.device.words, /no track Other any more/);
});

test("the same notes lie in beats, whatever the set's tempo is by now", (t) => {
  const it = noted(t);
  it.set.userSets("tempo", 60);
  it.device.press("place_notes");
  assert.deepStrictEqual(played(it.midi.slots[0].clip), KEYS);
  assert.strictEqual(it.midi.slots[0].clip.loop_end, 16);
});

test("thousands of notes are placed, more than Live can be told at once", (t) => {
  const many = Array.from({length: 2000}, (_, n) => [n / 125, n / 125 + 0.1, 30 + n % 90, 1 + n % 127]);
  const it = noted(t, {notes: {keys: many}, request: {part: "keys"}});
  it.device.press("place_notes");
  assert.strictEqual(it.midi.slots[0].clip.notes.length, 2000);
  assert.match(it.device.words, /^Notes placed/);
});

test("a part of an arrangement has its own notes, a second one of its name too", (t) => {
  const notes = {keys: KEYS, drums: DRUMS, keys_2: [[2, 3, 72, 50]]};
  const request = {parts: "keys, drums, keys", part: ""};
  for (const [index, wanted] of [[0, KEYS], [1, DRUMS], [2, notes.keys_2]]) {
    const it = noted(t, {notes, request, index});
    it.device.press("place_notes");
    assert.deepStrictEqual(played(it.midi.slots[0].clip), wanted);
  }
  const mix = noted(t, {notes, request, index: 3});
  mix.device.press("place_notes");
  assert.match(mix.device.words, /a mix: choose the take of one part, or drag the MIDI file beside it/);
  assert.strictEqual(mix.midi.slots[0].clip, null);
});

test("a take of no part plays what it was composed as; an edited one its part among the others", (t) => {
  const alone = noted(t, {notes: {drums: DRUMS}, request: {part: ""}});
  alone.device.press("place_notes");
  assert.deepStrictEqual(played(alone.midi.slots[0].clip), DRUMS);
  const edited = noted(t, {notes: {drums: DRUMS, keys: KEYS}, request: {verb: "inpaint", renew_bars: "2", part: "keys"}});
  edited.device.press("place_notes");
  assert.deepStrictEqual(played(edited.midi.slots[0].clip), KEYS);
  const mix = noted(t, {notes: {keys: KEYS, lead: DRUMS}, request: {part: "mix"}});
  mix.device.press("place_notes");
  assert.match(mix.device.words, /a mix/);
});

test("an old take of another verb, and one played freely, have no notes", (t) => {
  for (const recipe of [{request: {verb: "vary"}}, {notes: undefined}, {notes: {keys: []}, request: {part: "keys"}},
    {notes: {keys: KEYS, drums: DRUMS}, request: {parts: "keys,lead,drums"}, index: 1}]) {
    const it = noted(t, recipe);
    it.device.press("place_notes");
    assert.match(it.device.words, /has no notes: it was played freely/);
    assert.strictEqual(it.device.light, 1);
  }
});

for (const [what, notes] of [["texts", {keys: ["a"]}], ["no list", {keys: 7}], ["too few numbers", {keys: [[0, 1, 60]]}],
  ["no length", {keys: [[1, 1, 60, 90]]}], ["no number", {keys: [[0, null, 60, "x"]]}]]) {
  test(`notes that are ${what} are none`, (t) => {
    const it = noted(t, {notes, request: {part: "keys"}});
    it.device.press("place_notes");
    assert.match(it.device.words, /has no notes/);
    assert.ok(it.midi.slots.every((slot) => !slot.clip));
  });
}

test("a take whose recipe is gone says so, and no take at all", (t) => {
  const it = noted(t);
  fs.unlinkSync(it.file.replace(".wav", ".json"));
  it.device.press("place_notes");
  assert.match(it.device.words, /recipe beside this take is gone/);
  const none = desk(t);
  none.device.press("place_notes");
  assert.match(none.device.words, /no take yet: press Generate/);
});

for (const [what, prepare, words] of [
  ["an audio track", (it) => { it.set.view.track = it.track; }, /need a MIDI track. Choose a MIDI track in the Clip menu/],
  ["a return track", (it) => { it.set.view.track = it.set.returns[0]; }, /need a MIDI track/],
  ["nothing selected", (it) => { it.set.view.track = null; }, /need a MIDI track/],
  ["a frozen track", (it) => { it.midi.frozen = true; }, /frozen: unfreeze it/],
  ["Live 10", (it) => { it.set.version = "10.1.43"; }, /needs 11\.0 or newer/],
]) {
  test(`${what} takes no notes, and the device says why`, (t) => {
    const it = noted(t);
    prepare(it);
    it.device.press("place_notes");
    assert.match(it.device.words, words);
    assert.deepStrictEqual([it.set.errors, it.set.ghosts, it.set.scenes.length], [[], [], 4]);
  });
}

test("where Live takes fewer notes than there are, the device says so", (t) => {
  const it = noted(t, {notes: {keys: [...KEYS, [4, 5, 200, 90]]}, request: {part: "keys"}});
  it.device.press("place_notes");
  assert.match(it.device.words, /took only 4 of the take's 5 notes/);
});

test("where no slot is empty a scene is made for the notes", (t) => {
  const it = noted(t);
  it.midi.slots.forEach((slot) => it.set.addMidiClip(slot, []));
  it.device.press("place_notes");
  assert.strictEqual(it.set.scenes.length, 5);
  assert.deepStrictEqual(played(it.midi.slots[4].clip), KEYS);
});

test("Place notes is grey until there is a take", (t) => {
  const it = desk(t);
  assert.strictEqual(it.device.enabledNow.place_notes, 0);
  generated(it);
  assert.strictEqual(it.device.enabledNow.place_notes, 1);
});
