// Chords and notes of MIDI clips: which clip is read, what is found in it, and how it gets to the bridge.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const {test} = require("node:test");
const {ask, desk} = require("./stub/desk.js");

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
