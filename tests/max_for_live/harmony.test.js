// Progressions, dice and chord names: in the key, spelled as people spell them.
"use strict";

const assert = require("node:assert");
const {test} = require("node:test");
const {LiveSet} = require("./stub/live_set.js");
const {desk} = require("./stub/desk.js");

function context(t) { return desk(t).device.context; }
const same = (actual, expected) => assert.deepStrictEqual(JSON.parse(JSON.stringify(actual)), expected);

const NAMES = {C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11};
function tones(chord) {
  const [, letter, sign, type] = /^([A-G])([b#]?)(.*)$/.exec(chord);
  const root = (NAMES[letter] + (sign === "b" ? 11 : sign === "#" ? 1 : 0)) % 12;
  const shapes = {"": [0, 4, 7], m: [0, 3, 7], dim: [0, 3, 6], aug: [0, 4, 8], 7: [0, 4, 7, 10], maj7: [0, 4, 7, 11],
    m7: [0, 3, 7, 10], m7b5: [0, 3, 6, 10], dim7: [0, 3, 6, 9], "m(maj7)": [0, 3, 7, 11]};
  assert.ok(shapes[type], `a chord type that nobody writes: ${chord}`);
  return shapes[type].map((step) => (root + step) % 12);
}

test("keys are named as the bridge reads them", (t) => {
  const {Harmony} = context(t);
  const name = (...values) => Harmony.key(...values).name;
  assert.strictEqual(name(0, "Major", [0, 2, 4, 5, 7, 9, 11]), "C major");
  assert.strictEqual(name(3, "Major", [0, 2, 4, 5, 7, 9, 11]), "Eb major");
  assert.strictEqual(name(0, "Minor", [0, 2, 3, 5, 7, 8, 10]), "C minor");
  assert.strictEqual(name(6, "Minor", [0, 2, 3, 5, 7, 8, 10]), "F# minor");
  assert.strictEqual(name(2, "Dorian", [0, 2, 3, 5, 7, 9, 10]), "D dorian");
  assert.strictEqual(name(9, "Minor Pentatonic", [0, 3, 5, 7, 10]), "A minor");
  assert.strictEqual(name(7, "Whole Tone", [0, 2, 4, 6, 8, 10]), "G major");
  assert.strictEqual(name(0, "", []), "C major");
});

test("the menu's progressions are those that their names say", (t) => {
  const {Harmony} = context(t);
  const major = Harmony.key(0, "Major", [0, 2, 4, 5, 7, 9, 11]);
  const minor = Harmony.key(9, "Minor", [0, 2, 3, 5, 7, 8, 10]);
  assert.strictEqual(Harmony.progression("Pop: I V vi IV", major), "C G Am F");
  assert.strictEqual(Harmony.progression("Pop: I V vi IV", minor), "Am F C G");
  assert.strictEqual(Harmony.progression("Jazz: ii V I", Harmony.key(10, "Major", [0, 2, 4, 5, 7, 9, 11])), "Cm7 F7 Bbmaj7 Bbmaj7");
  assert.strictEqual(Harmony.progression("Jazz: ii V I", minor), "Bm7b5 E7 Am7 Am7");
  assert.strictEqual(Harmony.progression("Descent: i VII VI V", minor), "Am G F E");
  assert.strictEqual(Harmony.progression("Blues: twelve bars", major), "C7 F7 C7 C7 F7 F7 C7 C7 G7 F7 C7 G7");
  assert.strictEqual(Harmony.progression("nothing of the kind", major), "");
});

test("dice stay in the key, begin at home, lead back to it, and never stand still", (t) => {
  const {Harmony} = context(t);
  for (const [scale, intervals] of [["Major", [0, 2, 4, 5, 7, 9, 11]], ["Minor", [0, 2, 3, 5, 7, 8, 10]],
    ["Dorian", [0, 2, 3, 5, 7, 9, 10]]]) {
    const seen = new Set();
    for (let root = 0; root < 12; root++) for (let turn = 0; turn < 40; turn++) {
      const key = Harmony.key(root, scale, intervals);
      const chords = Harmony.dice(key, 4, Math.random).split(" ");
      assert.strictEqual(chords.length, 4);
      assert.strictEqual(tones(chords[0])[0], root);
      const allowed = new Set(intervals.concat(scale === "Minor" ? [11] : []).map((step) => (root + step) % 12));
      for (const [index, chord] of chords.entries()) {
        assert.ok(tones(chord).every((tone) => allowed.has(tone)), `${chord} in ${key.name}`);
        assert.notStrictEqual(chord, chords[index - 1], chords.join(" "));
      }
      assert.notStrictEqual(tones(chords[3])[0], root, "the last chord leads back, it is not home yet");
      seen.add(chords.join(" "));
    }
    assert.ok(seen.size > 100, `${seen.size} different ones`);
  }
});

test("dice and menu write text that is kept, in the set's key", (t) => {
  const it = desk(t, {set: new LiveSet({root: 9, scale: "Minor"}), controls: {bars: 8}});
  it.device.press("dice");
  assert.match(it.device.shown.chords, /^Am/);
  assert.strictEqual(it.device.shown.chords.split(" ").length, 8);
  assert.deepStrictEqual(it.device.stored.chords, [it.device.shown.chords]);
  it.device.choose("progression", "Pop: I V vi IV");
  assert.strictEqual(it.device.shown.chords, "Am F C G");
  assert.deepStrictEqual(it.device.stored.progression, ["Pop: I V vi IV"]);
  const again = desk(t, {stored: {...it.device.stored, chords: ["Am F C E"]}});
  assert.strictEqual(again.device.shown.chords, "Am F C E", "the menu that was chosen long ago writes nothing");
});

test("every chord type is found in every key, in every register", (t) => {
  const {Recognition, Harmony} = context(t);
  const shapes = {"": [0, 4, 7], m: [0, 3, 7], 7: [0, 4, 7, 10], maj7: [0, 4, 7, 11], m7: [0, 3, 7, 10], dim: [0, 3, 6],
    m7b5: [0, 3, 6, 10], sus4: [0, 5, 7], add9: [0, 2, 4, 7]};
  for (let root = 0; root < 12; root++) for (const [type, steps] of Object.entries(shapes)) {
    const notes = steps.map((step) => ({pitch: 48 + root + step, start: 0, duration: 4, velocity: 90}));
    assert.strictEqual(Recognition.chords(notes, 0, 1, 4, false), Harmony.noteName(root, false) + type);
  }
});

test("a melody over held chords and an arpeggio do not hide the chord", (t) => {
  const {Recognition} = context(t);
  const held = [45, 57, 60, 64].map((pitch) => ({pitch, start: 0, duration: 4}));
  const melody = [76, 77, 79, 76].map((pitch, index) => ({pitch, start: index, duration: 0.5}));
  assert.strictEqual(Recognition.chords(held.concat(melody), 0, 1, 4, false), "Am");
  const arpeggio = [48, 52, 55, 60, 64, 55, 52, 55].map((pitch, index) => ({pitch, start: index / 2, duration: 0.5}));
  assert.strictEqual(Recognition.chords(arpeggio, 0, 1, 4, false), "C");
  same(Recognition.chords([], 0, 4, 4, false), "");
});
