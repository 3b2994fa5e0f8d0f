// What the bridge hears in an audio clip: told in words, its chords on offer, on the clip's bars.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const {test} = require("node:test");
const {LiveSet} = require("./stub/live_set.js");
const {ask, desk} = require("./stub/desk.js");

const MARKERS = [{sample_time: 0, beat_time: 0}, {sample_time: 8, beat_time: 16}];

// A desk with an audio clip of so many beats in detail view, of which the bridge hears `hears`.
function withClip(t, {set = new LiveSet(), beats = 16, hears, ...values} = {}) {
  const it = desk(t, {set});
  set.view.clip = set.addAudioClip(it.track.slots[3],
    {file: "/b.wav", name: "Loop 3", markers: MARKERS, loop_end: beats, end_marker: beats, ...values});
  if (hears !== undefined) it.daemon.hears = hears;
  return it;
}

function hear(it) {
  it.device.press("hear_clip");
  it.clock.pass(10);
  return it.device.words;
}

function used(it) {
  hear(it);
  it.device.press("as_heard");
  return it.device.shown.chords;
}

test("a clip is heard as Live plays it, and one press takes its chords and key", (t) => {
  const it = withClip(t, {pitch_coarse: 3});
  assert.deepStrictEqual([it.device.enabledNow.hear_clip, it.device.enabledNow.as_heard], [1, 0]);
  it.device.press("hear_clip");
  assert.deepStrictEqual(it.device.status, [3, "Listening to the clip."]);
  const [[file]] = it.device.asked("listen");
  const said = JSON.parse(fs.readFileSync(file, "utf8"));
  assert.deepStrictEqual([said.path, said.semitones, said.tempo, said.regions], ["/b.wav", 3, 120, [[0, 16]]]);
  it.clock.pass(10);
  assert.deepStrictEqual(it.device.status, [2, "Loop 3: 120 bpm, 4/4, A minor. As heard takes its chords: Am F C G."]);
  assert.strictEqual(it.device.annotations.as_heard, "Loop 3: Am F C G");
  assert.deepStrictEqual([it.device.enabledNow.as_heard, ask(it).key], [1, "C major"], "ignored, nothing changes");
  it.device.press("as_heard");
  assert.deepStrictEqual([it.device.shown.chords, it.device.shown.follows], ["Am F C G", "120 4/4 A min"]);
  const asked = ask(it);
  assert.deepStrictEqual([asked.chords, asked.key], ["Am F C G", "A minor"]);
  const again = ask(desk(t, {stored: it.device.stored}));
  assert.deepStrictEqual([again.chords, again.key], ["Am F C G", "A minor"], "kept with the set");
});

test("the words stay for twenty seconds, the offer for good", (t) => {
  const it = withClip(t);
  hear(it);
  it.clock.pass(19000);
  assert.match(it.device.words, /^Loop 3/);
  it.clock.pass(2000);
  assert.match(it.device.words, /^Ready/);
  it.device.press("as_heard");
  assert.strictEqual(it.device.shown.chords, "Am F C G");
});

test("Source hears the clip that it takes; Source B and Generate do not", (t) => {
  const it = withClip(t);
  it.device.control("verb", "interpolate");
  it.device.press("source_b");
  ask(it, "interpolate");
  assert.deepStrictEqual(it.device.asked("listen"), []);
  it.device.press("source");
  it.clock.pass(10);
  assert.strictEqual(it.device.asked("listen").length, 1);
  assert.match(it.device.words, /^Loop 3: 120 bpm/);
  assert.notStrictEqual(it.device.asked("listen")[0][0], it.device.stored.source[0],
    "a request that writes the source's description anew must not meet the bridge that reads it");
});

test("the key goes with the chords: their edits keep it, others bring the set's", (t) => {
  const it = withClip(t);
  used(it);
  it.device.call("control", "chords", "Am F C Em");
  assert.strictEqual(ask(it).key, "A minor");
  it.device.choose("progression", "Pop: I V vi IV");
  assert.deepStrictEqual([ask(it).key, it.device.shown.follows], ["C major", "120 4/4 C maj"]);
  it.device.press("as_heard");
  assert.strictEqual(ask(it).key, "A minor");
  it.device.call("control", "chords", "");
  assert.deepStrictEqual([ask(it).key, it.device.shown.follows], ["C major", "120 4/4 C maj"]);
});

test("an undo brings chords and key back together", (t) => {
  const it = withClip(t);
  used(it);
  it.device.call("stored", "chords", "C F");
  assert.deepStrictEqual([it.device.shown.follows, ask(it).key], ["120 4/4 C maj", "C major"]);
  it.device.call("stored", "chords", "Am F C G", "A minor");
  assert.deepStrictEqual([it.device.shown.follows, ask(it).key], ["120 4/4 A min", "A minor"]);
});

test("a clip varied to heard chords is in their key where Scale is off", (t) => {
  const it = withClip(t, {set: new LiveSet({scaleMode: 0})});
  used(it);
  it.device.control("verb", "vary");
  it.device.press("source");
  assert.strictEqual(ask(it, "vary").key, "A minor");
});

test("parts to clips with chords of their own take neither chords nor key from what was heard", (t) => {
  const it = withClip(t);
  it.daemon.players = ["sounds", "", "parts", "keys,bass"];
  it.clock.pass(2500);
  used(it);
  const midi = it.set.addTrack("midi", "Keys");
  it.set.addMidiClip(midi.slots[0], [57, 60, 64].map((pitch) => ({pitch, start_time: 0, duration: 4, velocity: 100, mute: 0})));
  midi.playing = 0;
  it.device.choose("part", "bass");
  it.device.press("complete");
  it.clock.pass(10);
  const [, ...rest] = it.device.asked("complete")[0];
  assert.strictEqual(rest[rest.indexOf("key") + 1], "C major");
});

const FIRST = 44100; // a second: two beats at 120
for (const [what, {set, beats, rate, hears}, chords, words] of [
  ["a bar that changes", {hears: [120, 4, 4, 0, "A minor", "Am:2 F:2 | C | G | G/B", 0.9]}, "Am:2 F:2 C G G/B"],
  ["chords that repeat stand once", {beats: 32, hears: [120, 4, 4, 0, "", "Am | F | C | G | Am | F | C | G", 0.9]}, "Am F C G"],
  ["half the set's tempo", {beats: 32, hears: [60.5, 4, 4, 0, "", "Am | F | C | G", 0.9]}, "Am:8 F:8 C:8 G:8", /60.5 bpm \(half the set's tempo\)/],
  ["double the set's tempo", {hears: [239, 4, 4, 0, "", "Am | Am | F:3 C | G | Dm | Em | Em | G", 0.9]},
    "Am:2 Am:2 F:1.5 C:2 G:2 Dm:2 Em:2 Em:2 G:2", /239 bpm \(double the set's tempo\)/],
  ["four per cent off is the same", {hears: [124.8, 4, 4, 0, "", "Am | F | C | G", 0.9]}, "Am F C G", /124.8 bpm, 4\/4/],
  ["three four in a set of four four", {beats: 12, hears: [120, 3, 4, 0, "", "Am | F:1 G:2 | C | G", 0.9]}, "Am:3 F:1 G:2 C:3 G:3"],
  ["six eight is as long as three four", {set: new LiveSet({meter: [3, 4]}), beats: 6, hears: [120, 6, 8, 0, "", "Am | F", 0.9]}, "Am F"],
  ["a first bar that begins late", {beats: 20, hears: [120, 4, 4, 2 * FIRST, "", "F | C | G | Em", 0.9]}, "N.C. F C G Em",
    /N.C. stands where no chord is sure/],
  ["a last bar that was not heard", {hears: [120, 4, 4, 0, "", "F | C | G", 0.9]}, "F C G N.C."],
  ["within a beat it begins on time", {hears: [120, 4, 4, 9000, "", "Am | F | C | G", 0.9]}, "Am F C G"],
  ["chords that repeat go on before", {beats: 40, hears: [120, 4, 4, 4 * FIRST, "", "C | G | Am | F | C | G | Am | F", 0.9]}, "Am F C G Am F C G Am F"],
  ["a bar before that is cut", {beats: 18, hears: [120, 4, 4, FIRST, "", "Am | F | Am | F", 0.9]}, "F:2 Am F Am F",
    /Its bars begin on beat 3 of the clip's/],
  ["a rate of its own", {rate: 88200, beats: 20, hears: [120, 4, 4, 4 * FIRST, "", "F | C | G | Em", 0.9]}, "N.C. F C G Em"],
  ["a last bar that is cut holds", {beats: 15, hears: [120, 4, 4, 0, "", "Am | F | C", 0.9]}, "Am F C C:3"],
  ["or repeats", {beats: 18, hears: [120, 4, 4, 0, "", "Am | F | Am | F", 0.9]}, "Am F Am F Am:2"],
]) {
  test(`chords lie on the clip's bars: ${what}`, (t) => {
    const it = withClip(t, {set, beats, hears, ...(rate ? {rate} : {})});
    const said = hear(it);
    it.device.press("as_heard");
    assert.strictEqual(it.device.shown.chords, chords);
    if (words) assert.match(said, words);
  });
}

test("an unwarped clip at its own tempo: that is said, and the chords are a bar each", (t) => {
  const it = withClip(t, {warping: 0, hears: [100, 3, 4, 12000, "A minor", "Am | F:1 G:2", 0.9]});
  assert.strictEqual(hear(it), "Loop 3: 100 bpm, 3/4, A minor. As heard takes its chords: Am F:1.333333 G:2.666667. " +
    "That is not the set's tempo: warp the clip, and they line up.");
  assert.strictEqual(it.device.light, 4);
});

test("a warped clip at another tempo than the set's is warped wrongly", (t) => {
  const it = withClip(t, {hears: [90, 4, 4, 0, "", "", 0.9]});
  assert.strictEqual(hear(it), "Loop 3: 90 bpm, 4/4, no sure key, no sure chords. " +
    "That is not the set's tempo: mend the clip's warp markers.");
  assert.deepStrictEqual([it.device.light, it.device.enabledNow.as_heard], [4, 0]);
});

for (const [hears, words] of [
  [[0, 0, 0, -1, "", "", 0], "Heard nothing in Loop 3 that is sure: no tempo, key or chords."],
  [[0, 0, 0, -1, "E major", "", 0.2], "Loop 3: no sure tempo, E major, no sure chords."],
  [[0, 4, 4, 0, "", "Am | F", 0.3], "Loop 3: no sure tempo, 4/4, no sure key. As heard takes its chords: Am F. They may not line up with the clip."],
  [[120, 4, 4, 0, "A minor", "Am | F | C | G", 0.45], "Not quite sure: Loop 3: 120 bpm, 4/4, A minor. As heard takes its chords: Am F C G."],
]) {
  test(`what is not sure is said so: ${words}`, (t) => {
    const it = withClip(t, {hears});
    assert.deepStrictEqual([hear(it), it.device.light], [words, 4]);
    it.device.press("as_heard");
    if (!hears[5]) assert.match(it.device.words, /No chords were heard: select an audio clip, and press Hear clip/);
  });
}

test("without a clip, with a MIDI clip, or without the bridge nothing is asked", (t) => {
  const it = withClip(t);
  const audio = it.set.view.clip;
  it.set.view.clip = null;
  assert.match(hear(it), /Select an audio clip first/);
  it.set.view.clip = it.set.addMidiClip(it.set.addTrack("midi", "Keys").slots[0], []);
  assert.match(hear(it), /holds MIDI; select an audio clip/);
  it.set.view.clip = audio;
  it.daemon.on = false;
  it.clock.pass(12000);
  assert.match(hear(it), /^Bridge not running/);
  assert.deepStrictEqual([it.device.asked("listen"), it.device.enabledNow.hear_clip], [[], 0]);
  const gone = desk(t, {running: false});
  gone.set.view.clip = gone.set.addAudioClip(gone.track.slots[3], {file: "/b.wav", markers: MARKERS});
  gone.clock.pass(9000);
  assert.match(hear(gone), /^Bridge not running/);
});

test("an answer about the clip before is left alone", (t) => {
  const it = withClip(t, {hears: null});
  hear(it);
  it.set.view.clip.name = "Other";
  hear(it);
  const [[first], [second]] = it.device.asked("listen");
  it.device.hear("heard", first, 120, 4, 4, 0, "A minor", "Am | F", 0.9);
  assert.deepStrictEqual([it.device.words, it.device.enabledNow.as_heard], ["Listening to the clip.", 0]);
  it.device.hear("heard", second, 120, 4, 4, 0, "C major", "C | F | C | F", 0.9);
  assert.match(it.device.words, /^Other: 120 bpm, 4\/4, C major/);
  it.device.hear("heard", second, 120, 4, 4, 0, "A minor", "Am | F", 0.9);
  it.device.press("as_heard");
  assert.strictEqual(it.device.shown.chords, "C F", "told twice, it is heard once");
});

test("a new question takes the offer before it away", (t) => {
  const it = withClip(t);
  hear(it);
  it.daemon.hears = null;
  hear(it);
  assert.deepStrictEqual([it.device.enabledNow.as_heard, /Loop 3/.test(it.device.annotations.as_heard)], [0, false]);
});

test("the bridge's refusal is read; one about the clip before keeps nobody from the answer", (t) => {
  const it = withClip(t, {hears: null});
  hear(it);
  it.device.hear("fail", "/msanii/listen", "source", "source `b.wav`: there is no such file.");
  assert.deepStrictEqual(it.device.status, [1, "source `b.wav`: there is no such file."]);
  it.device.press("cancel");
  assert.match(it.device.words, /^Ready/, "nothing is awaited any more");
  hear(it);
  hear(it);
  it.device.hear("fail", "/msanii/listen", "source", "source `b.wav`: there is no such file.");
  it.device.hear("heard", it.device.asked("listen")[2][0], 120, 4, 4, 0, "", "C | F", 0.9);
  assert.match(it.device.words, /^Loop 3: 120 bpm/);
});

test("a bridge that does not answer is not awaited for ever, nor one that went", (t) => {
  const it = withClip(t, {hears: null});
  hear(it);
  it.clock.pass(299000);
  assert.strictEqual(it.device.words, "Listening to the clip.");
  it.clock.pass(2000);
  assert.match(it.device.words, /did not say what it hears in this clip: press Hear clip again/);
  hear(it);
  it.daemon.on = false;
  it.clock.pass(12000);
  assert.match(it.device.words, /^Bridge not running/);
  it.daemon.on = true;
  it.clock.pass(12000);
  assert.match(it.device.words, /^Ready/);
  it.device.hear("heard", it.device.asked("listen")[1][0], 120, 4, 4, 0, "", "C | F", 0.9);
  assert.match(it.device.words, /^Ready/);
});

test("more chords than a request takes are cut between two, and that is said", (t) => {
  const bars = Array.from({length: 600}, (_, bar) => ["Am", "F", "C/E"][(bar * bar) % 997 % 3]);
  const it = withClip(t, {beats: 1050, hears: [240, 7, 8, 0, "", bars.join(" | "), 0.9]});
  assert.match(hear(it), /too many: the last ones are left out/);
  it.device.press("as_heard");
  const {chords} = ask(it);
  assert.ok(chords.length <= 4096 && chords.length > 4080, `${chords.length}`);
  assert.ok(bars.map((bar) => `${bar}:1.75`).join(" ").startsWith(`${chords} `));
});
