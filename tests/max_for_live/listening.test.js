// The takes list and the preview in the device.
"use strict";

const assert = require("node:assert");
const {test} = require("node:test");
const {desk, generated} = require("./stub/desk.js");

test("the first take of a request is heard, closed gate, file, length, open gate", (t) => {
  const it = desk(t);
  it.device.call("control", "preview", 1);
  assert.strictEqual(it.device.shown.preview, 0, "nothing to hear yet");
  const {files} = generated(it, 2);
  it.device.call("control", "preview", 1);
  it.clock.pass(200);
  assert.deepStrictEqual(it.device.preview, {gate: 1, path: files[0], length: [16, 8000]});
  it.device.press("next");
  it.clock.pass(200);
  assert.strictEqual(it.device.preview.path, files[1]);
  assert.strictEqual(it.device.shown.take, "2 of 2");
  it.device.press("next");
  it.clock.pass(200);
  assert.strictEqual(it.device.preview.path, files[0]);
  it.device.choose("takes", it.device.menus.takes[1]);
  it.clock.pass(200);
  assert.deepStrictEqual([it.device.preview.path, it.device.preview.gate], [files[1], 1]);
  it.device.call("control", "preview", 0);
  assert.strictEqual(it.device.preview.gate, 0);
});

for (const [name, label] of [
  ["four_parts_120bpm_Cmajor_2bars_572610199_lead_8.wav", "8 lead"],
  ["four_parts_97.3bpm_2bars_572610200_mix_9.wav", "9 mix"],
  ["piano_loop_120bpm_Cmajor_2bars_1169821016_1.wav", "1 piano_loop"],
  ["piano_loop_120bpm_F#minor_0.5bars_7_12.aiff", "12 piano_loop"],
  ["piano_loop_120bpm_Cmajor_vary_2000837478_4.wav", "4 vary"],
  ["paper_120bpm_Bbdorian_190s_3_21.wav", "21 paper"],
  ["My song (7) 33.wav", "33 My song (7) 33"],
  ["take.wav", "take"],
]) {
  test(`in the closed menu ${name} is ${label}`, (t) => {
    const it = desk(t);
    it.device.hear("take", `${it.device.asked("hello")[0][0]}-1`, 0, `/takes/${name}`, 4, 120);
    assert.deepStrictEqual([it.device.menus.takes, it.device.annotations.takes], [[label], name], "whole in the info view");
  });
}

test("fast stepping loads the last one alone", (t) => {
  const it = desk(t);
  const {files} = generated(it, 3);
  it.device.call("control", "preview", 1);
  for (let i = 0; i < 5; i++) it.device.press("next");
  it.clock.pass(500);
  assert.strictEqual(it.device.out.filter((one) => one[0] === "preview_load").length, 1);
  assert.strictEqual(it.device.preview.path, files[2]);
});

test("a file that cannot be read any more ends the preview in words", (t) => {
  const it = desk(t);
  generated(it);
  it.device.readable = () => false;
  it.device.call("control", "preview", 1);
  it.clock.pass(6000);
  assert.match(it.device.words, /cannot be read any more/);
  assert.deepStrictEqual([it.device.shown.preview, it.device.preview.gate], [0, 0]);
});

test("a new request's take is heard next, the others follow it in the list", (t) => {
  const it = desk(t);
  generated(it, 2);
  const {files} = generated(it, 2);
  assert.strictEqual(it.device.shown.take, "3 of 4");
  it.device.call("control", "preview", 1);
  it.clock.pass(200);
  assert.strictEqual(it.device.preview.path, files[0]);
});

test("at most sixteen takes are kept", (t) => {
  const it = desk(t);
  for (let i = 0; i < 9; i++) generated(it, 2);
  assert.strictEqual(it.device.menus.takes.length, 16);
  assert.strictEqual(it.device.stored.takes.length, 16);
});

test("a star goes to the library and is shown as the library has it", (t) => {
  const it = desk(t);
  const {files} = generated(it, 2);
  it.device.call("control", "star", 1);
  it.clock.pass(10);
  assert.deepStrictEqual(it.device.asked("take/star"), [[files[0], 1]]);
  assert.strictEqual(it.device.shown.star, 1);
  it.device.press("next");
  assert.strictEqual(it.device.shown.star, 0);
  it.device.press("previous");
  assert.strictEqual(it.device.shown.star, 1);
});

test("without the bridge a star goes out again", (t) => {
  const it = desk(t);
  generated(it);
  it.daemon.on = false;
  it.clock.pass(12000);
  it.device.call("control", "star", 1);
  assert.deepStrictEqual([it.device.asked("take/star"), it.device.shown.star], [[], 0]);
  assert.match(it.device.words, /Bridge not running/);
});

test("switched off, the device is silent", (t) => {
  const it = desk(t);
  generated(it);
  it.device.call("control", "preview", 1);
  it.clock.pass(200);
  it.device.call("enabled", 0);
  assert.strictEqual(it.device.preview.gate, 0);
});

test("deleted while it renders: the job is cancelled, nothing more is said", (t) => {
  const it = desk(t);
  it.device.press("generate");
  it.clock.pass(10);
  const [id] = it.device.asked("generate")[0];
  it.device.call("notifydeleted");
  assert.deepStrictEqual(it.device.asked("cancel"), [[id]]);
  const said = it.device.out.length;
  it.clock.pass(30000);
  assert.strictEqual(it.device.out.length, said);
});
