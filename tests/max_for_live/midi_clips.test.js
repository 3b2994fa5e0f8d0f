// Chords and notes of MIDI clips: which clip is read, what is found in it, and how it gets to the bridge.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const {test} = require("node:test");
const {LiveSet} = require("./stub/live_set.js");
const {ask, desk, shown} = require("./stub/desk.js");

const note = (pitch, start_time, duration, more = {}) =>
  ({note_id: 1, pitch, start_time, duration, velocity: 100, mute: 0, probability: 1, ...more});
const chord = (pitches, at, length = 4) => pitches.map((pitch) => note(pitch, at, length));

test("chords are read from the selected clip, and stay text that can be edited", (t) => {
  const it = desk(t);
  const midi = it.set.addTrack("midi", "Keys");
  it.set.view.clip = it.set.addMidiClip(midi.slots[0], [
    ...chord([57, 60, 64], 0), ...chord([53, 57, 60], 4), ...chord([60, 64, 67], 8), ...chord([55, 59, 62], 12)], 16);
  it.device.press("chords_from_clip");
  assert.strictEqual(it.device.shown.chords, "Am F C G");
  assert.deepStrictEqual(it.device.stored.chords, ["Am F C G"]);
  it.device.call("control", "chords", "Am F C E7");
  assert.strictEqual(ask(it).chords, "Am F C E7");
});

test("chords change inside a bar, lie on their bass, and keep through a silent bar", (t) => {
  const it = desk(t);
  const midi = it.set.addTrack("midi", "Keys");
  it.set.view.clip = it.set.addMidiClip(midi.slots[0], [
    ...chord([62, 65, 69, 72], 0, 2), ...chord([55, 59, 65], 2, 2), ...chord([52, 60, 67], 4), note(30, 100, 1),
    ...chord([60, 63, 67], 12)], 16);
  it.device.press("chords_from_clip");
  assert.strictEqual(it.device.shown.chords, "Dm7:2 G7:2 C/E C/E Cm");
});

test("a chosen track's playing clip is read, from its loop, muted notes left out", (t) => {
  const it = desk(t);
  const midi = it.set.addTrack("midi", "Keys");
  it.set.addMidiClip(midi.slots[0], chord([60, 64, 67], 0));
  const playing = it.set.addMidiClip(midi.slots[2], [...chord([60, 64, 67], 0), ...chord([50, 53, 57], 8),
    note(61, 8, 4, {mute: 1})], 12);
  playing.loop_start = 8;
  midi.playing = 2;
  it.device.call("bang");
  it.device.choose("clip_track", "Keys");
  it.device.press("chords_from_clip");
  assert.strictEqual(it.device.shown.chords, "Dm");
});

test("no clip, an audio clip and an empty clip are answered in words", (t) => {
  const it = desk(t);
  it.device.press("chords_from_clip");
  assert.match(it.device.words, /Select a MIDI clip first/);
  it.set.view.clip = it.set.addAudioClip(it.track.slots[0], {});
  it.device.press("chords_from_clip");
  assert.match(it.device.words, /Select a MIDI clip first/);
  const midi = it.set.addTrack("midi", "Keys");
  it.set.view.clip = it.set.addMidiClip(midi.slots[0], []);
  it.device.press("chords_from_clip");
  assert.match(it.device.words, /No note sounds/);
});

test("a clip's notes go by a file, tiled over the bars, however many they are", (t) => {
  const it = desk(t, {controls: {bars: 4, use_notes: 1}});
  const midi = it.set.addTrack("midi", "Kéys");
  const many = [];
  for (let i = 0; i < 700; i++) many.push(note(30 + i % 60, i * 8 / 700, 0.25));
  it.set.view.clip = it.set.addMidiClip(midi.slots[0], many, 8);
  const asked = ask(it);
  const text = fs.readFileSync(asked.notes, "utf8");
  assert.ok(text.length > 65536, "longer than one write of Max's File");
  const {notes} = JSON.parse(text);
  assert.strictEqual(notes.length, 1400);
  assert.deepStrictEqual(Object.keys(notes[0]).sort(), ["duration_beats", "pitch", "start_beats", "velocity"]);
  assert.ok(notes.every((one) => one.start_beats >= 0 && one.start_beats + one.duration_beats <= 16 + 1e-9));
  assert.strictEqual(notes[700].start_beats, 8);
});

test("a shorter file leaves nothing of a longer one that had its name", (t) => {
  const it = desk(t, {controls: {use_notes: 1, bars: 1}});
  const midi = it.set.addTrack("midi", "Keys");
  it.set.view.clip = it.set.addMidiClip(midi.slots[0], chord([60, 64, 67, 71, 74], 0));
  const first = ask(it).notes;
  it.set.view.clip = it.set.addMidiClip(midi.slots[1], chord([60], 0));
  let last = "";
  for (let i = 0; i < 8; i++) last = ask(it).notes;
  assert.strictEqual(last, first);
  assert.strictEqual(JSON.parse(fs.readFileSync(last, "utf8")).notes.length, 1);
});

test("without a playing slot the clip under the playhead is read, else the track's first", (t) => {
  const it = desk(t);
  const midi = it.set.addTrack("midi", "Keys");
  it.set.addMidiClip(midi.slots[0], chord([60, 64, 67], 0));
  for (const [start_time, pitches] of [[0, [62, 65, 69]], [8, [57, 60, 64]]]) {
    const clip = it.set.addMidiClip(midi.slots[1], chord(pitches, 0));
    Object.assign(clip, {arranged: true, start_time, end_time: start_time + 4});
    midi.slots[1].clip = null;
    midi.arrangement.push(clip);
  }
  it.device.call("bang");
  it.device.choose("clip_track", "Keys");
  const read = () => { it.device.press("chords_from_clip"); return it.device.shown.chords; };
  it.set.songTime = 9;
  assert.strictEqual(read(), "C");
  it.set.isPlaying = 1;
  assert.strictEqual(read(), "Am");
  it.set.songTime = 5;
  assert.strictEqual(read(), "C");
});

test("a track that moved is still found, one that is gone is missed in words", (t) => {
  const it = desk(t);
  const midi = it.set.addTrack("midi", "Keys");
  it.set.addMidiClip(midi.slots[0], chord([60, 64, 67], 0));
  it.set.view.clip = it.set.addMidiClip(it.set.addTrack("midi", "Bass").slots[0], chord([62, 65, 69], 0));
  it.device.call("bang");
  it.device.choose("clip_track", "Keys");
  it.set.tracks.splice(1, 1);
  it.set.tracks.push(midi);
  it.device.press("chords_from_clip");
  assert.strictEqual(it.device.shown.chords, "C");
  it.set.tracks.pop();
  it.device.press("chords_from_clip");
  assert.match(it.device.words, /no track Keys any more/);
  it.device.call("control", "clip_track", 0);
  it.device.press("chords_from_clip");
  assert.strictEqual(it.device.shown.chords, "Dm");
});

test("more notes at one moment than Live can tell are answered in words", (t) => {
  const it = desk(t);
  const midi = it.set.addTrack("midi", "Keys");
  const many = [];
  for (let i = 0; i < 700; i++) many.push(note(i % 128, 1, 1));
  it.set.view.clip = it.set.addMidiClip(midi.slots[0], many);
  it.device.press("chords_from_clip");
  assert.match(it.device.words, /try a shorter loop/);
});

const HALF = [note(60, 0, 1), note(64, 2, 1)];
const SOURCE = {file: "/music/b.wav", markers: [{sample_time: 0, beat_time: 0}, {sample_time: 8, beat_time: 16}], loop_start: 0, loop_end: 16};

// Where notes lie in a request of a verb on a source of 16 beats, from a MIDI clip of 4 with a note every second.
function noteStarts(t, controls, clip = {}) {
  const it = desk(t, {controls: {use_notes: 1, ...controls}});
  const midi = it.set.addTrack("midi", "Keys");
  it.set.addMidiClip(midi.slots[0], HALF);
  it.device.call("bang");
  it.device.choose("clip_track", "Keys");
  it.set.view.clip = it.set.addAudioClip(it.track.slots[3], {...SOURCE, ...clip});
  it.device.press("source");
  it.device.press("source_b");
  return JSON.parse(fs.readFileSync(ask(it, controls.verb).notes, "utf8")).notes.map((one) => one.start_beats);
}
const until = (beats) => Array.from({length: beats / 2}, (_, index) => 2 * index);

test("notes reach the bars that inpaint renews", (t) => {
  assert.deepStrictEqual(noteStarts(t, {verb: "inpaint", from_bar: 3, bars: 1}), until(12));
});

for (const verb of ["vary", "interpolate"]) {
  test(`notes reach to the source's end in ${verb}, whatever Bars says`, (t) => {
    assert.deepStrictEqual(noteStarts(t, {verb, bars: 1}), until(16));
    assert.deepStrictEqual(noteStarts(t, {verb, bars: 8}), until(16));
    // Four seconds of a file, an octave up: two seconds, four beats at 120.
    assert.deepStrictEqual(noteStarts(t, {verb, bars: 8}, {warping: 0, looping: 0, loop_end: 4, pitch_coarse: 12}), until(4));
  });
}

for (const side of ["before", "after"]) {
  test(`notes of outpaint count from the first new bar (${side})`, (t) => {
    assert.deepStrictEqual(noteStarts(t, {verb: "outpaint", bars: 2, side}), until(8));
  });
}

test("two tracks of one name are told apart", (t) => {
  const it = desk(t);
  const [first, second] = [it.set.addTrack("midi", "Keys"), it.set.addTrack("midi", "Keys")];
  it.set.addMidiClip(first.slots[0], chord([60, 64, 67], 0));
  it.set.addMidiClip(second.slots[0], chord([57, 60, 64], 0));
  it.device.call("bang");
  assert.deepStrictEqual(it.device.menus.clip_track, ["selected", "Keys (1)", "Keys (2)"]);
  it.device.choose("clip_track", "Keys (2)");
  it.device.press("chords_from_clip");
  assert.strictEqual(it.device.shown.chords, "Am");
  const again = desk(t, {stored: it.device.stored, set: it.set});
  again.device.press("chords_from_clip");
  assert.strictEqual(again.device.shown.chords, "Am");
  it.set.tracks.splice(it.set.tracks.indexOf(first), 1);
  it.device.press("chords_from_clip");
  assert.deepStrictEqual([it.device.shown.chords, shown(it, "clip_track")], ["Am", "Keys"]);
});

test("a number is part of one label alone, whatever tracks are called", (t) => {
  const it = desk(t);
  for (const name of ["Keys", "Keys", "Keys (1)", "constructor", "constructor"]) {
    const track = it.set.addTrack("midi", name);
    it.set.addMidiClip(track.slots[0], name === "Keys (1)" ? chord([57, 60, 64], 0) : chord([60, 64, 67], 0));
  }
  it.device.call("bang");
  assert.deepStrictEqual(it.device.menus.clip_track,
    ["selected", "Keys (2)", "Keys (3)", "Keys (1)", "constructor (1)", "constructor (2)"]);
  it.device.choose("clip_track", "Keys (1)");
  it.device.press("chords_from_clip");
  assert.strictEqual(it.device.shown.chords, "Am");
});

test("a track with another name is still the chosen one, and kept by its new name", (t) => {
  const it = desk(t);
  const midi = it.set.addTrack("midi", "Keys");
  it.set.addMidiClip(midi.slots[0], chord([60, 64, 67], 0));
  it.device.call("bang");
  it.device.choose("clip_track", "Keys");
  midi.name = "Rhodes";
  it.device.press("chords_from_clip");
  assert.deepStrictEqual([it.device.shown.chords, shown(it, "clip_track"), it.device.stored.clip_track], ["C", "Rhodes", ["Rhodes"]]);
  midi.name = "Wurlitzer";
  it.set.userSets("tempo", 121);
  it.clock.pass(1500);
  it.device.call("bang");
  assert.strictEqual(shown(it, "clip_track"), "Wurlitzer");
});

test("a stored track that is gone is shown as missing; one of whose name there are two by now is the first", (t) => {
  const set = new LiveSet();
  set.addTrack("audio", "Msanii");
  const gone = desk(t, {set, stored: {clip_track: ["Keys"]}});
  assert.strictEqual(shown(gone, "clip_track"), "Keys (missing)");
  set.addTrack("midi", "Keys");
  set.addTrack("midi", "Keys");
  const again = desk(t, {set, stored: {clip_track: ["Keys"]}});
  assert.strictEqual(shown(again, "clip_track"), "Keys (1)");
});
