// Words for whoever sits at the device: what is wrong, in full, at the right time, and gone when it is over.
"use strict";

const assert = require("node:assert");
const {test} = require("node:test");
const {LiveSet} = require("./stub/live_set.js");
const {ask, desk, generated} = require("./stub/desk.js");

const READY = "Ready: default on CPU";
const NOT_RUNNING = "Bridge not running: start it with `msanii-bridge serve`";

test("without a bridge takes can still be placed, and what became of them is said", (t) => {
  const it = desk(t);
  generated(it);
  it.daemon.on = false;
  it.clock.pass(12000);
  assert.deepStrictEqual(it.device.status, [1, NOT_RUNNING]);
  it.device.press("place");
  it.clock.pass(1000);
  assert.deepStrictEqual(it.device.status, [2, "Placed in scene 1 of this track."]);
  it.clock.pass(9000);
  assert.deepStrictEqual(it.device.status, [1, NOT_RUNNING]);
  it.track.frozen = true;
  it.device.press("place");
  assert.match(it.device.words, /frozen: unfreeze it/);
});

test("Generate without a bridge leaves no error behind when the bridge comes", (t) => {
  const it = desk(t, {running: false});
  it.clock.pass(5000);
  it.device.press("generate");
  assert.deepStrictEqual(it.device.status, [1, NOT_RUNNING]);
  it.daemon.on = true;
  it.clock.pass(5000);
  assert.deepStrictEqual(it.device.status, [2, READY]);
});

test("an error gives way when the bridge goes, which is worse", (t) => {
  const it = desk(t);
  it.device.press("place");
  it.device.hear("fail", "/msanii/take/star", "value", "`take`: there is no such take here.");
  assert.strictEqual(it.device.words, "`take`: there is no such take here.");
  it.daemon.on = false;
  it.clock.pass(12000);
  assert.strictEqual(it.device.words, NOT_RUNNING);
});

test("while it renders, trouble with placing is said too", (t) => {
  const it = desk(t);
  generated(it);
  ask(it);
  it.track.frozen = true;
  it.device.press("place");
  assert.deepStrictEqual([it.device.light, /unfreeze it/.test(it.device.words)], [4, true]);
  it.clock.pass(21000);
  assert.match(it.device.words, /^Rendering/);
});

test("what was done is said for a while, then how things stand", (t) => {
  const it = desk(t);
  generated(it);
  assert.strictEqual(it.device.words, "Done: preview it, or place it.");
  it.clock.pass(9000);
  assert.strictEqual(it.device.words, READY);
});

for (const code of ["type", "value", "missing", "preset", "chords", "source", "forbidden", "busy", "exists", "unknown_job", "model",
  "render", "output", "disk", "folder", "malformed", "internal", "a code of tomorrow"]) {
  test(`a job that fails with ${code} ends in the bridge's own sentence`, (t) => {
    const it = desk(t);
    const {id} = ask(it);
    it.device.hear("fail", id, code, `A sentence about ${code}.`);
    assert.deepStrictEqual(it.device.status, [1, `A sentence about ${code}.`]);
    assert.deepStrictEqual([it.device.enabledNow.cancel, it.device.progress], [0, 0]);
  });
}

test("a failure without a sentence is said all the same", (t) => {
  const it = desk(t);
  const {id} = ask(it);
  it.device.hear("fail", id);
  assert.match(it.device.words, /did not say why/);
});

test("a locked seed that is none is refused; an empty one is drawn, and stays", (t) => {
  const it = desk(t, {controls: {seed_lock: 1}});
  for (const text of ["forty", "-3", "4.5", "12abc", "2147483648"]) {
    it.device.call("control", "seed", text);
    it.device.press("generate");
    assert.match(it.device.words, /whole number from 0 to 2147483647/, text);
  }
  assert.deepStrictEqual(it.device.asked("generate"), []);
  it.device.call("control", "seed", "");
  assert.strictEqual(ask(it).seed, -1);
  assert.deepStrictEqual([it.device.shown.seed, it.device.stored.seed], ["4711", ["4711"]]);
  assert.strictEqual(ask(it).seed, 4711);
  it.device.call("control", "seed", "0");
  assert.strictEqual(ask(it).seed, 0);
});

test("more chords than a packet holds are refused in words", (t) => {
  const it = desk(t);
  it.device.call("control", "chords", "Am ".repeat(3000));
  it.device.press("generate");
  assert.match(it.device.words, /9000 characters long, expected at most 4096/);
  assert.deepStrictEqual(it.device.asked("generate"), []);
});

test("names and paths of any kind go through whole", (t) => {
  const set = new LiveSet();
  const it = desk(t, {set});
  const midi = set.addTrack("midi", "Klavier \u65e5\u672c \"1\" & 'x'");
  set.addMidiClip(midi.slots[0], [{pitch: 60, start_time: 0, duration: 4, velocity: 100, mute: 0}]);
  it.device.call("bang");
  it.device.choose("clip_track", midi.name);
  assert.deepStrictEqual(it.device.stored.clip_track, [midi.name]);
  it.device.press("chords_from_clip");
  assert.strictEqual(it.device.shown.chords.charAt(0), "C");
});

test("garbage from whatever answers at the bridge's port moves nothing and breaks nothing", (t) => {
  const it = desk(t);
  const {id} = ask(it);
  const junk = [undefined, NaN, Infinity, -1, 0, 1e300, "", "x", "__proto__", "\u0000", "a".repeat(32767)];
  for (const path of ["welcome", "notify.reply", "preset/list.reply", "preset/read.reply", "synced", "progress", "take", "queued",
    "take/star.reply", "heard", "fail", "done", "nothing", "constructor"]) {
    it.device.hear(path);
    for (const one of junk) {
      it.device.hear(path, one);
      it.device.hear(path, one, one, one, one, one);
      if (!["fail", "done", "take"].includes(path)) it.device.hear(path, id, one, one, one, one);
      if (path === "take") it.device.hear(path, id, 0, one, one, one);
    }
    it.device.hear(path, ...junk);
  }
  it.clock.pass(3000);
  assert.match(it.device.words, /^Rendering/);
  assert.deepStrictEqual([it.device.menus.takes, it.device.stored.takes], [["-"], undefined], "no file has such a path");
  assert.deepStrictEqual(it.device.menus.preset, ["piano_loop", "sketch"], "the bridge was asked again");
  it.daemon.finish(it.device, id, []);
  assert.match(it.device.words, /^Done/);
});

for (const [seconds, bpm] of [[Infinity, 120], [8, Infinity], [NaN, 120], [0, 120], [8, -1]]) {
  test(`a take of ${seconds} seconds at ${bpm} bpm is none`, (t) => {
    const it = desk(t);
    const {id} = ask(it);
    it.device.hear("take", id, 0, "/takes/a.wav", seconds, bpm);
    assert.deepStrictEqual(it.device.menus.takes, ["-"]);
  });
}

test("presets that were saved or deleted meanwhile are in the menu with the bridge's next beat", (t) => {
  const it = desk(t);
  it.daemon.presets = ["piano_loop", "mine"];
  it.clock.pass(2500);
  assert.deepStrictEqual(it.device.menus.preset, ["piano_loop", "mine"]);
});

test("a status of garbage is no exception", (t) => {
  const it = desk(t);
  for (const words of [[], ["worker"], [7, 8, 9], ["worker", "ready", "bpm_low", "x", "meters", 5, "sounds", NaN, "unfinished", "many"],
    ["__proto__", "x", "worker", "ready", "model", 5, "device", 6]]) it.device.hear("status.reply", ...words);
  it.clock.pass(3000);
  assert.strictEqual(it.device.words, READY);
});

test("a model whose card is silent about tempo and meter is not warned about", (t) => {
  const it = desk(t, {set: new LiveSet({tempo: 200, meter: [7, 8]})});
  assert.strictEqual(it.device.light, 4);
  it.daemon.learned = [];
  it.clock.pass(3000);
  assert.deepStrictEqual(it.device.status, [2, READY]);
  it.daemon.learned = ["bpm_low", 40.0, "bpm_high", 210.0, "meters", "4/4,7/8"];
  it.clock.pass(3000);
  assert.deepStrictEqual(it.device.status, [2, READY]);
});
