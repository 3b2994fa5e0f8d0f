// The notes of takes: from a take's recipe into a MIDI clip, as they are.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const {test} = require("node:test");
const {LiveSet} = require("./stub/live_set.js");
const {desk, generated, writeTake} = require("./stub/desk.js");

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

// --- Render clip -----------------------------------------------------------------------------------------

// A take whose notes were placed; its clip, in detail view.
function placed(t, recipe, options) {
  const it = noted(t, recipe, options);
  it.device.press("place_notes");
  it.clip = it.set.view.clip = it.midi.slots[0].clip;
  return it;
}

// Presses Render clip: the take that is edited, and the notes that it is to play.
function rendered(it) {
  it.device.press("render_clip");
  it.clock.pass(10);
  const sent = it.device.asked("edit").pop();
  assert.ok(sent, `nothing asked: ${it.device.words}`);
  const [id, take, ...rest] = sent;
  assert.match(id, /^m4l\w+-\d+$/);
  assert.deepStrictEqual([rest.length, rest[0]], [2, "notes"]);
  return {id, take, ...JSON.parse(fs.readFileSync(rest[1], "utf8"))};
}

const starts = (notes) => notes.map((note) => note.start_beats).sort((a, b) => a - b);

test("an edited clip renders the take that it came from with its notes, and the new take comes", (t) => {
  const it = placed(t);
  it.clip.notes.find((note) => note.pitch === 64).pitch = 65;
  const asked = rendered(it);
  assert.strictEqual(asked.take, it.file);
  assert.strictEqual(asked.length_beats, 16, "the last bar counts, whether it has notes or not");
  assert.deepStrictEqual(asked.notes.map((note) => [note.start_beats, note.pitch, note.velocity, note.part]).sort((a, b) => a[0] - b[0]),
    [[0, 60, 90, "keys"], [1.48, 65, 71, "keys"], [3, 60, 88, "keys"], [15.5, 67, 64, "keys"]]);
  const last = asked.notes.find((note) => note.pitch === 67);
  assert.strictEqual(last.duration_beats, 1.25, "what rings over the loop's end still does");
  assert.match(it.device.words, /Asked the bridge|Rendering/);
  const made = writeTake(path.join(it.folder, "piano_loop_120bpm_Cmajor_inpaint_4711_9.wav"), {seconds: 8.5, recipe: false});
  it.daemon.finish(it.device, asked.id, [[made, 8.5, 120]]);
  assert.strictEqual(it.device.menus.takes[it.device.shown.takes], "9 inpaint");
  assert.match(it.device.words, /^Done/);
  it.device.press("place");
  it.clock.pass(2000);
  const audio = it.track.slots[0].clip;
  assert.deepStrictEqual([audio.file, audio.loop_end], [made, 16], "what rings on is no part of its music");
});

test("notes are read from the take's first bar to its last, wherever the clip loops, without muted ones", (t) => {
  const it = placed(t);
  Object.assign(it.clip, {loop_start: 4, loop_end: 8});
  it.clip.notes[0].mute = 1;
  it.clip.notes.push({pitch: 50, start_time: 16, duration: 1, velocity: 90, mute: 0});
  assert.deepStrictEqual(starts(rendered(it).notes), [1.48, 3, 15.5]);
});

test("velocities are whole, and none is silent", (t) => {
  const it = placed(t);
  it.clip.notes[0].velocity = 63.6;
  it.clip.notes[1].velocity = 0.2;
  assert.deepStrictEqual(rendered(it).notes.map((note) => note.velocity), [64, 1, 88, 64]);
});

test("the clip of the track that the Clip menu names is rendered, else the selected one", (t) => {
  const it = placed(t);
  const other = it.set.addTrack("midi", "Other");
  const copy = it.set.addMidiClip(other.slots[2], [{pitch: 40, start_time: 2, duration: 1, velocity: 90, mute: 0}], 16);
  copy.name = it.clip.name;
  other.playing = 2;
  it.device.call("bang");
  it.device.choose("clip_track", "Other");
  assert.deepStrictEqual(starts(rendered(it).notes), [2]);
});

test("a take that the device does not hold any more is found in the takes' folder by the clip's name", (t) => {
  const it = placed(t);
  const takes = path.join(it.folder, "takes");
  fs.mkdirSync(takes);
  const moved = path.join(takes, "elsewhere_3.flac");
  const recipe = JSON.parse(fs.readFileSync(it.file.replace(".wav", ".json"), "utf8"));
  recipe.request.format = "flac";
  fs.writeFileSync(moved.replace(".flac", ".json"), JSON.stringify(recipe));
  it.clip.name = "elsewhere_3";
  it.clip.notes.pop();
  assert.strictEqual(rendered(it).take, moved);
});

test("an edited take is as long as the one that it was made of, after a reload too", (t) => {
  const it = noted(t, {notes: {keys: KEYS}, seconds: 8.4, request: {part: "keys", verb: "inpaint", renew_bars: "2"}});
  const again = desk(t, {stored: it.device.stored, set: it.set});
  again.device.press("place_notes");
  assert.strictEqual(it.midi.slots[0].clip.loop_end, 16);
});

for (const [what, prepare, words] of [
  ["of no take", (it) => { it.clip.name = "my riff"; }, /Which take is this clip of\? It must have the take's name/],
  ["whose name leads elsewhere", (it) => { it.clip.name = "../a"; }, /Which take is this clip of/],
  ["without a name", (it) => { it.clip.name = ""; }, /Which take is this clip of/],
  ["without notes", (it) => { it.clip.notes = []; }, /has no notes, and a take needs some/],
  ["whose notes are all muted", (it) => { it.clip.notes.forEach((note) => { note.mute = 1; }); }, /has no notes/],
  ["that nobody edited", () => {}, /are those of its take: change some first/],
  ["whose recipe is gone", (it) => { fs.unlinkSync(it.file.replace(".wav", ".json")); }, /recipe beside this take is gone/],
  ["that is audio", (it) => { it.set.view.clip = it.set.addAudioClip(it.track.slots[3], {}); }, /Select a MIDI clip first/],
]) {
  test(`a clip ${what} is not rendered, and the device says why`, (t) => {
    const it = placed(t);
    prepare(it);
    it.device.press("render_clip");
    assert.match(it.device.words, words);
    assert.deepStrictEqual(it.device.asked("edit"), []);
  });
}

test("a clip whose notes Live gives back a hair off is as it was", (t) => {
  const it = placed(t);
  it.clip.notes.forEach((note) => { note.start_time += 1e-5; note.velocity = Math.fround(note.velocity); });
  it.device.press("render_clip");
  assert.match(it.device.words, /change some first/);
});

test("an edit that is lost on the way is asked once more, cancelled like any other, and refused in the bridge's words", (t) => {
  const it = placed(t);
  it.clip.notes.pop();
  it.daemon.loses = 1;
  it.device.press("render_clip");
  it.clock.pass(500);
  const sent = it.device.asked("edit");
  assert.deepStrictEqual([sent.length, sent[0]], [2, sent[1]]);
  it.device.press("cancel");
  it.clock.pass(50);
  assert.match(it.device.words, /Cancelled/);
  const {id} = rendered(it);
  it.device.hear("fail", id, "value", "notes: 5 bars, expected 4.");
  assert.strictEqual(it.device.words, "notes: 5 bars, expected 4.");
});

test("without the bridge Render clip is grey and does nothing", (t) => {
  const it = desk(t, {running: false});
  it.clock.pass(60000);
  assert.strictEqual(it.device.enabledNow.render_clip, 0);
  it.device.press("render_clip");
  assert.deepStrictEqual(it.device.asked("edit"), []);
});
