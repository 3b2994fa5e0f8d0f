// From controls, set and clips to a request: what the verb takes, exactly, and nothing else.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const {test} = require("node:test");
const {LiveSet} = require("./stub/live_set.js");
const {ask, desk, players, shown, generated, writeTake, pairs} = require("./stub/desk.js");

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
  assert.strictEqual(ask(it).sound, "", "left out, the preset's own would be played");
  assert.deepStrictEqual(it.device.stored.sound, ["-"]);
});

test("a preset that is chosen takes the place of the part and the sound that stood", (t) => {
  const it = players(t);
  it.device.choose("part", "lead");
  it.device.choose("sound", "grand piano");
  it.device.choose("preset", "drum_loop");
  it.clock.pass(10);
  assert.deepStrictEqual([shown(it, "part"), shown(it, "sound"), it.device.shown.chords], ["drums", "drum kit", ""]);
  const asked = ask(it);
  assert.deepStrictEqual([asked.part, asked.sound, asked.chords, asked.loop], ["drums", "drum kit", "", 1]);
  const again = players(t, {stored: it.device.stored, controls: {loop: 1}});
  assert.deepStrictEqual([shown(again, "preset"), shown(again, "part"), shown(again, "sound")], ["drum_loop", "drums", "drum kit"]);
  const same = ask(again);
  assert.deepStrictEqual([same.preset, same.part, same.sound, same.chords], ["drum_loop", "drums", "drum kit", ""]);
});

test("styles are offered by the set's meter, asked for with new music alone, and kept with the set", (t) => {
  const it = players(t);
  assert.deepStrictEqual(it.device.menus.style, ["any style", "house", "deep_house", "dusty_boom_bap"]);
  assert.strictEqual(ask(it).style, "", "left out, the preset's own would be played");
  it.device.choose("style", "deep_house");
  assert.strictEqual(ask(it).style, "deep_house");
  assert.deepStrictEqual(it.device.stored.style, ["deep_house"]);
  const again = players(t, {stored: it.device.stored});
  assert.deepStrictEqual([shown(again, "style"), ask(again).style], ["deep_house", "deep_house"]);
  it.set.view.clip = it.set.addAudioClip(it.track.slots[3], {file: "/b.wav",
    markers: [{sample_time: 0, beat_time: 0}, {sample_time: 8, beat_time: 16}]});
  it.device.control("verb", "vary");
  assert.strictEqual(ask(it, "vary").style, undefined);
  it.device.control("verb", "generate");
  it.set.userSets("numerator", 3);
  it.clock.pass(4500);
  assert.deepStrictEqual(it.device.menus.style, ["any style", "waltz", "slow_waltz", "deep_house (missing)"]);
  it.device.choose("style", "slow_waltz");
  assert.strictEqual(ask(it).style, "slow_waltz");
});

test("a preset's style is shown and asked for, with several parts too", (t) => {
  const it = players(t);
  it.device.choose("style", "house");
  it.device.choose("preset", "boom_bap_parts");
  it.clock.pass(10);
  assert.deepStrictEqual([shown(it, "style"), shown(it, "part")], ["dusty_boom_bap", "2 parts"]);
  assert.strictEqual(ask(it).style, "dusty_boom_bap");
  it.device.choose("preset", "sketch");
  it.clock.pass(10);
  assert.deepStrictEqual([shown(it, "style"), ask(it).style], ["any style", ""]);
});

test("a bridge that knows no styles is asked for none", (t) => {
  assert.strictEqual(ask(desk(t, {set: new LiveSet({meter: [5, 4]})})).style, undefined);
});

test("a sound alone asks for no part of the preset's", (t) => {
  const it = players(t);
  it.device.choose("part", "any part");
  it.device.choose("sound", "drum kit");
  const asked = ask(it);
  assert.deepStrictEqual([asked.part, asked.sound], ["", "drum kit"]);
});

test("a model that knows no sounds and parts is asked for none, and none are shown", (t) => {
  const it = desk(t, {stored: {preset: ["sketch"], part: ["keys", "preset"], sound: ["grand piano", "preset"]}});
  const asked = ask(it);
  assert.deepStrictEqual([asked.part, asked.sound, shown(it, "part"), shown(it, "sound")],
    [undefined, undefined, "any part", "any sound"]);
});

test("a device that nobody touched plays its first preset, and that is no step of undo", (t) => {
  const it = players(t);
  assert.deepStrictEqual([shown(it, "preset"), shown(it, "part"), shown(it, "sound"), it.device.shown.chords],
    ["piano_loop", "keys", "grand piano", "C F G C"]);
  const asked = ask(it);
  assert.deepStrictEqual([asked.preset, asked.part, asked.sound, asked.chords], ["piano_loop", "keys", "grand piano", "C F G C"]);
  assert.deepStrictEqual(Object.keys(it.device.stored), ["port"]);
});

test("the first choice keeps the rest of what was shown", (t) => {
  const it = players(t);
  it.device.call("control", "chords", "");
  const again = players(t, {stored: it.device.stored});
  const asked = ask(again);
  assert.deepStrictEqual([asked.chords, asked.part, asked.sound], ["", "keys", "grand piano"]);
  again.device.choose("part", "any part");
  again.device.choose("sound", "any sound");
  const bare = ask(players(t, {stored: again.device.stored}));
  assert.deepStrictEqual([bare.chords, bare.part, bare.sound], ["", "", ""], "emptied is not untouched");
});

test("an undo of the preset shows what is asked from then on", (t) => {
  const it = players(t);
  it.device.choose("preset", "four_parts");
  it.clock.pass(10);
  for (const [name, ...atoms] of [["preset", "sketch"], ["part", "keys", "preset"], ["sound", "warm pad"], ["chords", "Dm"]]) {
    it.device.call("stored", name, ...atoms);
  }
  it.clock.pass(10);
  assert.deepStrictEqual([shown(it, "preset"), shown(it, "part"), shown(it, "sound"), it.device.shown.chords],
    ["sketch", "keys", "warm pad", "Dm"]);
  assert.strictEqual(it.device.enabledNow.count, 1);
  const asked = ask(it);
  assert.deepStrictEqual([asked.preset, asked.part, asked.sound, asked.chords], ["sketch", "keys", "warm pad", "Dm"]);
});

test("what the bridge says again and again does not disturb who is typing", (t) => {
  const it = players(t);
  const before = it.device.out.length;
  it.clock.pass(10000);
  assert.deepStrictEqual(it.device.out.slice(before).filter((one) => one[0] === "set" || one[0] === "menu"), []);
  it.device.choose("sound", "warm pad");
  assert.deepStrictEqual(it.device.out.slice(before).filter((one) => one[0] === "set" && one[1] === "chords"), []);
});

for (const [verb, kept] of [["vary", {strength: 0.4}], ["inpaint", {}], ["outpaint", {}], ["interpolate", {}]]) {
  test(`${verb} imposes nothing of a preset on a clip of one's own`, (t) => {
    const it = players(t, {controls: kept});
    source(it);
    it.device.press("source");
    it.device.press("source_b");
    for (const preset of ["piano_loop", "drum_loop"]) {
      it.device.control("verb", "generate");
      it.device.choose("preset", preset);
      it.clock.pass(10);
      it.device.control("verb", verb);
      assert.deepStrictEqual([shown(it, "part"), shown(it, "sound"), it.device.shown.chords], ["any part", "any sound", ""]);
      it.device.call("control", "chords", it.device.shown.chords);
      const asked = ask(it, verb);
      assert.deepStrictEqual([asked.part, asked.sound, asked.chords], ["", "", ""]);
    }
    it.device.control("verb", "generate");
    assert.deepStrictEqual([shown(it, "part"), shown(it, "sound")], ["drums", "drum kit"]);
    assert.strictEqual(ask(it).part, "drums");
  });
}

test("what was chosen or typed for a clip is asked of it, after a reload too", (t) => {
  const it = players(t, {controls: {verb: "vary"}});
  source(it);
  it.device.press("source");
  it.device.choose("sound", "warm pad");
  it.device.call("control", "chords", "Dm G");
  const asked = ask(it, "vary");
  assert.deepStrictEqual([asked.part, asked.sound, asked.chords], ["", "warm pad", "Dm G"]);
  const again = players(t, {controls: {verb: "vary"}, stored: it.device.stored});
  const same = ask(again, "vary");
  assert.deepStrictEqual([same.part, same.sound, same.chords], ["", "warm pad", "Dm G"]);
});

test("a preset that is chosen for a clip lends it its players, but not its tune", (t) => {
  const it = players(t, {controls: {verb: "vary"}});
  source(it);
  it.device.press("source");
  it.device.choose("preset", "warm_pad");
  it.clock.pass(10);
  assert.deepStrictEqual([shown(it, "part"), shown(it, "sound"), it.device.shown.chords], ["pad", "warm pad", ""]);
  const asked = ask(it, "vary");
  assert.deepStrictEqual([asked.part, asked.sound, asked.chords], ["pad", "warm pad", ""]);
  it.device.control("verb", "generate");
  assert.strictEqual(it.device.shown.chords, "Am F");
});

test("a preset of several parts names its players and counts its takes itself", (t) => {
  const it = players(t, {controls: {count: 4}});
  it.device.choose("part", "lead");
  it.device.choose("sound", "warm pad");
  it.device.choose("preset", "four_parts");
  it.clock.pass(10);
  assert.deepStrictEqual([shown(it, "part"), shown(it, "sound")], ["4 parts", "any sound"]);
  assert.deepStrictEqual(["count", "sound", "part"].map((name) => it.device.enabledNow[name]), [0, 0, 0]);
  const asked = ask(it);
  assert.deepStrictEqual([asked.preset, asked.part, asked.sound, asked.end], ["four_parts", undefined, undefined, undefined]);
  it.device.control("verb", "vary");
  assert.deepStrictEqual(["count", "sound", "part"].map((name) => it.device.enabledNow[name]), [1, 1, 1]);
  assert.strictEqual(shown(it, "part"), "any part");
  it.device.control("verb", "generate");
  it.device.choose("preset", "piano_loop");
  it.clock.pass(10);
  assert.deepStrictEqual([it.device.enabledNow.count, shown(it, "part")], [1, "keys"]);
});

test("an end that the bridge refuses beside what is shown is cut", (t) => {
  const it = players(t, {controls: {loop: 1}});
  source(it);
  it.device.press("source");
  const end = (preset, verb, loop) => {
    it.device.choose("preset", preset);
    it.clock.pass(10);
    it.device.control("loop", loop);
    it.device.control("verb", verb);
    const asked = ask(it, verb);
    it.device.control("verb", "generate");
    return asked.end;
  };
  assert.strictEqual(end("warm_pad", "vary", 1), "cut");
  assert.strictEqual(end("warm_pad", "vary", 0), undefined);
  assert.strictEqual(end("warm_pad", "generate", 1), undefined, "a loop may have a tail");
  assert.strictEqual(end("fading", "generate", 1), "cut");
  assert.strictEqual(end("fading", "generate", 0), undefined);
  assert.strictEqual(end("ringing_parts", "generate", 0), "cut", "several parts have no tail");
});

test("a stored preset, sound or part that is gone is shown as missing, and refused by the bridge, not replaced", (t) => {
  const it = players(t, {stored: {preset: ["old_one"], sound: ["kazoo"], part: ["keys"], progression: ["Waltz of old"]}});
  assert.deepStrictEqual([shown(it, "preset"), shown(it, "sound"), shown(it, "part"), shown(it, "progression")],
    ["old_one (missing)", "kazoo (missing)", "keys", "-"]);
  const asked = ask(it);
  assert.deepStrictEqual([asked.preset, asked.sound, asked.part], ["old_one", "kazoo", "keys"]);
  it.device.choose("sound", "warm pad");
  assert.ok(!it.device.menus.sound.includes("kazoo (missing)"));
  assert.strictEqual(shown(it, "sound"), "warm pad");
});

// --- a preset that is not read yet

// Chosen while the bridge is away, after `drum_loop`.
function chosenAway(t, options) {
  const it = players(t, options);
  it.device.choose("preset", "drum_loop");
  it.clock.pass(10);
  it.daemon.on = false;
  it.clock.pass(12000);
  it.device.choose("preset", "sketch");
  it.clock.pass(100);
  return it;
}

function back(it) {
  it.daemon.on = true;
  it.clock.pass(6000);
}

test("a preset that is chosen while the bridge is away is kept no sooner than its values", (t) => {
  const it = chosenAway(t);
  const {preset, part, sound} = it.device.stored;
  assert.deepStrictEqual([preset, part, sound], [["drum_loop"], ["drums", "preset"], ["drum kit", "preset"]]);
  const again = players(t, {stored: {...it.device.stored}});
  const asked = ask(again);
  assert.deepStrictEqual([asked.preset, asked.part, asked.sound], ["drum_loop", "drums", "drum kit"]);
  back(it);
  assert.deepStrictEqual([shown(it, "preset"), shown(it, "part"), shown(it, "sound"), it.device.shown.chords, it.device.shown.bars],
    ["sketch", "keys", "grand piano", "C F G C", 8]);
  assert.deepStrictEqual([it.device.stored.preset, it.device.stored.part], [["sketch"], ["keys", "preset"]]);
});

test("what was typed, chosen or turned after choosing a preset is not replaced by it", (t) => {
  const it = chosenAway(t);
  it.device.call("control", "chords", "Dm G");
  it.device.choose("sound", "warm pad");
  it.device.control("bars", 3);
  assert.deepStrictEqual([it.device.stored.preset, it.device.stored.chords], [["drum_loop"], ["Dm G"]]);
  back(it);
  assert.strictEqual(it.device.shown.chords, "Dm G");
  const asked = ask(it);
  assert.deepStrictEqual([asked.preset, asked.part, asked.sound, asked.chords, asked.bars, asked.steps],
    ["sketch", "keys", "warm pad", "Dm G", 3, 6]);
  assert.deepStrictEqual(["preset", "part", "sound", "chords"].map((name) => it.device.stored[name]),
    [["sketch"], ["keys", "preset"], ["warm pad"], ["Dm G"]]);
  it.device.choose("preset", "sketch");
  it.clock.pass(10);
  assert.deepStrictEqual([it.device.shown.chords, it.device.shown.bars], ["C F G C", 8], "chosen again, all of it is meant");
});

test("a preset that the bridge refuses gives way to the one before", (t) => {
  const it = players(t);
  it.device.choose("preset", "drum_loop");
  it.clock.pass(10);
  it.daemon.refused = ["warm_pad"];
  it.device.choose("preset", "warm_pad");
  it.device.press("generate");
  it.clock.pass(10);
  assert.match(it.device.words, /there is no "warm_pad"/);
  assert.deepStrictEqual([shown(it, "preset"), it.device.stored.preset], ["drum_loop", ["drum_loop"]]);
  assert.deepStrictEqual(it.device.asked("generate"), [], "nobody asked for the one before");
  assert.strictEqual(ask(it).preset, "drum_loop");
  it.daemon.refused = [];
  it.device.choose("preset", "sketch");
  it.clock.pass(10);
  assert.deepStrictEqual([shown(it, "preset"), shown(it, "part")], ["sketch", "keys"]);
});

test("of two presets that are chosen in a hurry the refused one goes, the other stays", (t) => {
  const it = players(t);
  it.daemon.refused = ["warm_pad"];
  it.device.choose("preset", "warm_pad");
  it.device.choose("preset", "drum_loop");
  it.clock.pass(10);
  assert.deepStrictEqual([shown(it, "preset"), shown(it, "part"), it.device.stored.preset], ["drum_loop", "drums", ["drum_loop"]]);
});

test("Generate right after a preset waits for what it holds", (t) => {
  const it = players(t, {stored: {preset: ["ringing_parts"], chords: ["Am", "preset"]}});
  it.device.choose("preset", "drum_loop");
  assert.deepStrictEqual([ask(it).part, it.device.asked("generate").length], ["drums", 1]);
  // Right after the bridge was found, too: a preset that rings with parts is cut.
  const early = players(t, {stored: it.device.stored, running: false});
  early.device.call("stored", "preset", "ringing_parts");
  early.daemon.on = true;
  const answer = early.daemon.answer;
  early.device.bridge = (address, args, device) => {
    answer(address, args, device);
    if (address === "preset/read" && !early.device.asked("generate").length) early.clock.at(0, () => early.device.press("generate"));
  };
  early.clock.pass(6000);
  assert.deepStrictEqual(early.device.asked("generate").map((one) => [pairs(one).preset, pairs(one).end]), [["ringing_parts", "cut"]]);
});

test("a preset whose values were lost on the way is asked for again, and Generate says so meanwhile", (t) => {
  const it = players(t);
  const answer = it.daemon.answer;
  it.device.bridge = (address, args, device) => { if (address !== "preset/read") answer(address, args, device); };
  it.device.choose("preset", "drum_loop");
  it.device.press("generate");
  it.clock.pass(600);
  assert.match(it.device.words, /has not said yet what this preset holds: press Generate again/);
  assert.deepStrictEqual(it.device.asked("generate"), []);
  it.device.bridge = answer;
  it.clock.pass(2000);
  assert.strictEqual(shown(it, "part"), "drums");
  assert.strictEqual(ask(it).part, "drums");
});

test("an undo while a preset is not read yet takes the choice back", (t) => {
  const it = chosenAway(t);
  it.device.call("stored", "preset", "piano_loop");
  back(it);
  assert.deepStrictEqual([shown(it, "preset"), shown(it, "part")], ["piano_loop", "drums"], "what the set keeps stays");
});

test("several sounds at once are missing only where one of them is", (t) => {
  const it = players(t, {stored: {preset: ["sketch"], sound: ["grand piano, Warm_Pad"]}});
  assert.strictEqual(shown(it, "sound"), "grand piano, Warm_Pad");
  assert.strictEqual(ask(it).sound, "grand piano, Warm_Pad");
  it.device.choose("sound", "drum kit");
  const gone = players(t, {stored: {preset: ["sketch"], sound: ["grand piano,kazoo"], part: ["keys,lead"]}});
  assert.deepStrictEqual([shown(gone, "sound"), shown(gone, "part")], ["grand piano,kazoo (missing)", "keys,lead (missing)"]);
  const both = players(t, {stored: {preset: ["sketch"], sound: ["grand piano,drum kit"]}});
  both.device.choose("sound", "grand piano,drum kit");
  assert.strictEqual(ask(both).sound, "grand piano,drum kit");
  assert.strictEqual(shown(both, "sound"), "grand piano,drum kit");
});

test("before the bridge says what there is, nothing is called missing", (t) => {
  const it = desk(t, {running: false, stored: {preset: ["sketch"], sound: ["warm pad"]}});
  assert.deepStrictEqual([it.device.menus.preset, it.device.menus.sound], [["sketch"], ["any sound"]]);
});

test("where the set's Scale is off, no key is shown or asked, and a clip gets none of the preset's", (t) => {
  const it = players(t, {set: new LiveSet({root: 9, scale: "Minor", scaleMode: 0})});
  assert.strictEqual(it.device.shown.follows, "120 4/4");
  assert.ok(!("key" in ask(it)));
  source(it);
  it.device.control("verb", "vary");
  assert.strictEqual(ask(it, "vary").key, "");
  it.set.userSets("scaleMode", 1);
  it.clock.pass(1500);
  assert.strictEqual(it.device.shown.follows, "120 4/4 A min");
  assert.strictEqual(ask(it, "vary").key, "A minor");
});

test("with Scale off, dice and progressions say which key they took", (t) => {
  const it = players(t, {set: new LiveSet({root: 9, scale: "Minor", scaleMode: 0})});
  it.device.choose("progression", "Folk: I IV V I");
  assert.strictEqual(it.device.shown.chords, "Am Dm Em Am");
  assert.match(it.device.words, /Scale is off in this set, so these chords are in A minor/);
  it.clock.pass(9000);
  it.device.press("dice");
  assert.match(it.device.words, /Scale is off/);
});

test("a Live without that switch is followed as before, and never asked for it", (t) => {
  const it = players(t, {set: new LiveSet({version: "11.3.25", root: 9, scale: "Minor", scaleMode: 0})});
  assert.strictEqual(ask(it).key, "A minor");
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

for (const content of ["[]", "\"text\"", "7", "null", "{}", "{\"regions\": 3}", "{\"regions\": [null]}"]) {
  test(`a source that is ${content} by now is gone, whatever is asked of it`, (t) => {
    const it = desk(t, {controls: {verb: "vary"}});
    source(it);
    it.device.press("source");
    fs.writeFileSync(it.device.stored.source[0], content);
    it.device.press("generate");
    assert.match(it.device.words, /source clip is gone/);
    const midi = it.set.addTrack("midi", "Keys");
    it.set.view.clip = it.set.addMidiClip(midi.slots[0], [{pitch: 60, start_time: 0, duration: 1, velocity: 100, mute: 0}]);
    it.device.control("use_notes", 1);
    it.device.press("generate");
    assert.match(it.device.words, /source clip is gone/);
    assert.deepStrictEqual(it.device.asked("vary"), []);
  });
}

test("a mistake of the script's own is not said in the engine's words", (t) => {
  const it = desk(t);
  it.device.context.Requests.pairs = () => { throw new TypeError("undefined is not a function"); };
  it.device.press("generate");
  assert.match(it.device.words, /met something that it did not expect/);
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

test("of a job that was forgotten, a take that rings on loops over its bars, as its recipe says", (t) => {
  const it = desk(t);
  const {job} = generated(it);
  const [ringing, bare] = ["late_2.wav", "late_3.wav"].map((name) => path.join(it.folder, name));
  writeTake(ringing, {seconds: 9.5});
  writeTake(bare, {seconds: 9.5, recipe: false});
  it.device.call("control", "preview", 1);
  for (const [index, file, beats] of [[0, ringing, 16], [0, bare, 19]]) {
    it.device.hear("take", job.id, index, file, 9.5, 120);
    it.clock.pass(200);
    assert.deepStrictEqual([it.device.preview.path, it.device.preview.length], [file, [beats, beats * 500]]);
  }
  it.device.press("place_all");
  it.clock.pass(2000);
  assert.match(it.device.words, /All takes placed/, "they belong to one request still");
});
