// Finding the bridge, keeping it, losing it: one device, two devices, a bridge that comes and goes.
"use strict";

const assert = require("node:assert");
const {test} = require("node:test");
const {LiveSet} = require("./stub/live_set.js");
const {Clock, Device, pairs} = require("./stub/max.js");
const {bridge} = require("./stub/bridge.js");
const {desk, generated, folder} = require("./stub/desk.js");

test("before the bang nothing touches Live, and controls are kept", (t) => {
  const set = new LiveSet();
  set.deviceOn = set.addTrack("audio", "A");
  const daemon = bridge({folder: folder(t)});
  const device = new Device(set, {bridge: daemon.answer});
  device.call("control", "bars", 16);
  device.call("stored", "chords", "Dm G C");
  device.call("stored", "port", 9850);
  device.start();
  assert.strictEqual(device.port, 9850);
  device.clock.pass(50);
  assert.strictEqual(device.words, "Ready: default on CPU");
  assert.strictEqual(device.light, 2);
});

test("what hidden menus and toggles say while the device loads is nobody's wish", (t) => {
  const it = desk(t);
  const set = new LiveSet();
  set.deviceOn = set.addTrack("audio", "A");
  const device = new Device(set, {bridge: bridge({folder: folder(t)}).answer});
  for (const name of ["takes", "star", "preview", "preset", "sound", "part", "progression", "clip_track"]) device.call("control", name, 0);
  assert.deepStrictEqual(device.out, []);
  assert.deepStrictEqual(it.device.out.filter((one) => one[0] === "store").map((one) => one[1]), ["port"]);
});

test("hello, a lease, presets; the port that worked is stored", (t) => {
  const {device, daemon} = desk(t);
  const [[nonce, port]] = device.asked("hello");
  assert.strictEqual(port, device.port);
  assert.deepStrictEqual(device.stored.port, [port]);
  assert.deepStrictEqual(device.asked("notify")[0], [1, port]);
  assert.deepStrictEqual(device.menus.preset, ["piano_loop", "sketch"]);
  assert.strictEqual(daemon.subscribed, 1);
  assert.ok(String(nonce).length > 4);
});

test("the lease is renewed for as long as the device lives", (t) => {
  const {device, clock} = desk(t);
  const before = device.asked("notify").length;
  clock.pass(60000);
  assert.ok(device.asked("notify").length - before >= 3);
  device.call("notifydeleted");
  assert.deepStrictEqual(device.asked("notify").pop(), [0, device.port]);
  const after = device.sent.length;
  clock.pass(60000);
  assert.strictEqual(device.sent.length, after, "a deleted device is silent");
  assert.strictEqual(device.set.observers.length, 0);
});

test("a welcome for another nonce is nobody's welcome", (t) => {
  const {device, clock} = desk(t, {running: false});
  device.hear("welcome", "somebody", "0.2", "/takes", "/exchange");
  clock.pass(20000);
  assert.strictEqual(device.light, 1);
  assert.match(device.words, /Bridge not running: start it with `msanii-bridge serve`/);
});

test("a port that another device holds is left for the next", (t) => {
  const clock = new Clock();
  const set = new LiveSet();
  const first = desk(t, {set, clock});
  const second = desk(t, {set, clock, stored: {port: [first.device.port]}, running: false});
  second.daemon.on = true;
  second.daemon.taken.push(first.device.port);
  second.device.call("stored", "port", first.device.port);
  clock.pass(3000);
  assert.notStrictEqual(second.device.port, first.device.port);
  assert.strictEqual(second.device.words, "Ready: default on CPU");
  assert.notStrictEqual(first.device.asked("hello")[0][0], second.device.asked("hello")[0][0]);
});

test("two devices hear each other's events and take only their own", (t) => {
  const clock = new Clock();
  const set = new LiveSet();
  const one = desk(t, {set, clock});
  const two = desk(t, {set, clock});
  const {job} = generated(one);
  two.device.hear("queued", job.id, 1);
  two.device.hear("progress", job.id, 0.5);
  two.device.hear("take", job.id, 0, "/x.wav", 8, 120);
  two.device.hear("done", job.id);
  two.device.hear("fail", job.id, "render", "somebody else's trouble");
  assert.deepStrictEqual([two.device.menus.takes, two.device.progress, two.device.words],
    [["-"], 0, "Ready: default on CPU"]);
  assert.strictEqual(one.device.menus.takes.length, 1);
});

test("a bridge that goes is missed, one that comes is found, and the request it never confirmed is asked again", (t) => {
  const {device, daemon, clock} = desk(t);
  daemon.on = false;
  device.press("generate");
  clock.pass(12000);
  assert.strictEqual(device.light, 1);
  daemon.on = true;
  clock.pass(6000);
  const asked = device.asked("generate");
  assert.ok(asked.length >= 2);
  assert.strictEqual(new Set(asked.map((one) => one[0])).size, 1, "one job id");
  assert.strictEqual(device.words, "Rendering 0 %");
  assert.strictEqual(daemon.subscribed, 1);
});

test("cancelled while the bridge is away, a request that it never confirmed is given up at once", (t) => {
  const {device, daemon, clock} = desk(t);
  daemon.on = false;
  device.press("generate");
  clock.pass(12000);
  device.press("cancel");
  assert.strictEqual(device.words, "Cancelled.");
  assert.strictEqual(device.enabledNow.cancel, 0);
  const asked = device.asked("generate").length;
  daemon.on = true;
  clock.pass(16000);
  assert.strictEqual(device.asked("generate").length, asked);
  assert.strictEqual(device.asked("cancel").length, 1, "the bridge may have heard of it all the same");
  assert.strictEqual(device.words, "Ready: default on CPU");
});

test("cancelled while the bridge is away, a request that it confirmed is cancelled when it is back", (t) => {
  const {device, daemon, clock} = desk(t);
  device.press("generate");
  clock.pass(100);
  daemon.on = false;
  clock.pass(12000);
  device.press("cancel");
  assert.strictEqual(device.words, "Will be cancelled as soon as the bridge is back.");
  daemon.on = true;
  clock.pass(3000);
  assert.strictEqual(device.words, "Cancelled.");
  assert.deepStrictEqual([daemon.jobs, device.enabledNow.cancel], [[], 0]);
});

test("a cancel that the bridge did not live to hear is said again", (t) => {
  const {device, daemon, clock} = desk(t);
  device.press("generate");
  clock.pass(100);
  daemon.on = false;
  device.press("cancel");
  clock.pass(500);
  daemon.on = true;  // before anybody missed it
  clock.pass(3000);
  assert.deepStrictEqual([device.words, daemon.jobs], ["Cancelled.", []]);
});

test("a cancelled request that the bridge never heard of is not asked again, and no failure", (t) => {
  const {device, daemon, clock} = desk(t);
  daemon.loses = 1;
  device.press("generate");
  device.press("cancel");
  clock.pass(6000);
  assert.deepStrictEqual([device.asked("generate").length, device.words, device.enabledNow.cancel], [1, "Cancelled.", 0]);
});

test("a cancelled request is not asked again while the bridge owes an answer", (t) => {
  const {device, daemon, clock} = desk(t);
  const answer = daemon.answer;
  device.bridge = (path, args, it) => { if (path !== "generate" && path !== "cancel") answer(path, args, it); };
  device.press("generate");
  device.press("cancel");
  clock.pass(8000);
  assert.strictEqual(device.asked("generate").length, 1);
  device.bridge = answer;
  clock.pass(3000);
  assert.strictEqual(device.words, "Cancelled.");
});

test("a request asked again that had been heard is no failure", (t) => {
  const {device, clock, daemon} = desk(t);
  const answer = daemon.answer;
  device.bridge = (path, args, it) => { if (path !== "generate" && path !== "sync") answer(path, args, it); };
  device.press("generate");
  const {id} = pairs(device.asked("generate")[0]);
  clock.pass(5100);
  assert.strictEqual(device.asked("generate").length, 2);
  device.hear("fail", id, "exists", "this id was used before");
  assert.strictEqual(device.words, "Rendering 0 %");
});

test("a request whose confirmation was lost with the bridge is in its journal, and no failure", (t) => {
  const {device, clock, daemon} = desk(t);
  const answer = daemon.answer;
  device.bridge = () => {};
  device.press("generate");
  clock.pass(12000);
  assert.match(device.words, /not running/);
  device.bridge = (path, args, it) => {
    if (path === "generate") clock.at(1, () => it.hear("fail", args[0], "exists", "this id was used before"));
    else answer(path, args, it);
  };
  daemon.jobs.push("the journal's");
  clock.pass(6000);
  assert.strictEqual(device.words, "Rendering 0 %");
});

test("a request that nobody answers ends in words", (t) => {
  const {device, clock, daemon} = desk(t);
  const answer = daemon.answer;
  device.bridge = (path, args, it) => { if (path !== "generate" && path !== "sync") answer(path, args, it); };
  device.press("generate");
  clock.pass(11000);
  assert.match(device.words, /did not answer this request: ask again/);
});

test("a request that was lost on the way is asked again at once, and once", (t) => {
  const {device, clock, daemon} = desk(t);
  daemon.loses = 1;
  device.press("generate");
  clock.pass(300);
  assert.strictEqual(device.asked("generate").length, 2);
  assert.deepStrictEqual(device.asked("generate")[0], device.asked("generate")[1]);
  assert.strictEqual(device.words, "Rendering 0 %");
});

test("a job whose end went by unheard is not waited for", (t) => {
  const {device, clock, daemon} = desk(t);
  device.press("generate");
  clock.pass(100);
  daemon.jobs = [];
  clock.pass(15000);
  assert.match(device.words, /ended this render while it was away/);
  assert.strictEqual(device.enabledNow.cancel, 0);
});

test("Max bangs again after an undo: nothing is lost and nothing is watched twice", (t) => {
  const it = desk(t);
  generated(it);
  const observers = it.set.observers.length;
  it.device.call("bang");
  it.clock.pass(500);
  assert.strictEqual(it.set.observers.length, observers);
  assert.strictEqual(it.device.menus.takes.length, 1);
  assert.strictEqual(it.device.asked("hello").filter((one) => one[1] !== it.device.port).length, 0);
});

test("another port of the bridge is knocked at; a wrong one is refused in words", (t) => {
  const {device, clock} = desk(t);
  device.call("control", "daemon_port", "9801");
  assert.strictEqual(device.daemonPort, 9801);
  assert.deepStrictEqual(device.stored.daemon_port, [9801]);
  clock.pass(100);
  device.call("control", "daemon_port", "port");
  assert.match(device.words, /whole number from 1024 to 65535/);
  assert.strictEqual(device.shown.daemon_port, "9801");
});

test("what was typed comes again before Generate, and restarts nothing", (t) => {
  const {device, clock} = desk(t, {stored: {chords: ["Am F"]}});
  const before = device.out.length;
  for (const [name, text] of [["chords", "Am F"], ["seed", ""], ["daemon_port", "9800"]]) device.call("control", name, text);
  assert.strictEqual(device.out.length, before);
  device.press("generate");
  clock.pass(10);
  assert.strictEqual(device.words, "Rendering 0 %");
});

test("the device shows what it follows, rounded and at most once a second", (t) => {
  const {device, set, clock} = desk(t, {set: new LiveSet({tempo: 97.3, root: 9, scale: "Minor"})});
  assert.strictEqual(device.shown.follows, "97.3 4/4 A min");
  const before = device.out.filter((one) => one[1] === "follows").length;
  for (let i = 0; i < 200; i++) { set.userSets("tempo", 97.3 + i / 1000); clock.pass(10); }
  clock.pass(1500);
  assert.ok(device.out.filter((one) => one[1] === "follows").length - before <= 2);
  assert.strictEqual(device.shown.follows, "97.5 4/4 A min");
});

test("progress leaves as numbers, and its words are a hundred and one at most", (t) => {
  const {device, clock} = desk(t);
  device.press("generate");
  clock.pass(50);
  const {id} = pairs(device.asked("generate")[0]);
  const before = device.out.length;
  for (let i = 0; i <= 1000; i++) device.hear("progress", id, i / 1000);
  const said = device.out.slice(before).filter((one) => one[0] !== "progress");
  assert.deepStrictEqual(said.map((one) => one[0]).filter((name) => name !== "status"), []);
  assert.ok(said.length <= 101, JSON.stringify(said.slice(0, 5)));
  assert.ok(said.some((one) => one[2] === "Rendering 42 %"));
  assert.deepStrictEqual([device.progress, device.words], [1, "Rendering 100 %"]);
});

test("what neither side knows is ignored", (t) => {
  const {device} = desk(t);
  device.call("control", "flux", 3);
  device.call("press", "warp_drive");
  device.call("stored", "flux", 1);
  device.call("osc", "telemetry", 1);
  device.call("osc", "toString", 1);
  device.call("from_the_future", 1);
  assert.strictEqual(device.words, "Ready: default on CPU");
});

test("outside what the model learned the device says so", (t) => {
  const {device, set, clock} = desk(t);
  set.userSets("tempo", 174);
  clock.pass(2500);
  assert.strictEqual(device.light, 4);
  assert.match(device.words, /tempo is outside what the model default learned \(60 to 154 bpm\)/);
  set.userSets("tempo", 120);
  set.userSets("numerator", 7);
  clock.pass(2500);
  assert.match(device.words, /learned 4\/4 alone/);
  device.press("generate");
  clock.pass(20);
  assert.strictEqual(pairs(device.asked("generate").pop()).numerator, 7);
});
