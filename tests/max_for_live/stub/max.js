// Max around the script: [js]'s own objects, as strict as Max, and the patch that the device sits in.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");
const {makeLiveAPI} = require("./live_api.js");

const SCRIPT = path.join(__dirname, "..", "..", "..", "max_for_live", "MsaniiLive.js");
const MOST_CHARACTERS = 32767;

// Time that only passes when a test says so.
class Clock {
  constructor() { this.now = 0; this.waiting = []; }
  at(milliseconds, work) {
    const entry = {due: this.now + milliseconds, work};
    this.waiting.push(entry);
    return () => { this.waiting = this.waiting.filter((other) => other !== entry); };
  }
  pass(milliseconds) {
    const until = this.now + milliseconds;
    for (;;) {
      const due = this.waiting.filter((entry) => entry.due <= until).sort((a, b) => a.due - b.due)[0];
      if (!due) break;
      this.waiting = this.waiting.filter((entry) => entry !== due);
      this.now = Math.max(this.now, due.due);
      due.work();
    }
    this.now = until;
  }
}

class RealClock {
  constructor() { this.open = new Set(); }
  at(milliseconds, work) {
    const timer = setTimeout(() => { this.open.delete(timer); work(); }, milliseconds);
    this.open.add(timer);
    return () => { clearTimeout(timer); this.open.delete(timer); };
  }
  stop() { for (const timer of this.open) clearTimeout(timer); }
}

function makeTask(clock) {
  return class Task {
    constructor(work) { this.work = work; this.off = null; }
    schedule(milliseconds) {
      this.cancel();
      this.off = clock.at(milliseconds, () => { this.off = null; this.work(); });
    }
    cancel() { if (this.off) this.off(); this.off = null; }
  };
}

// Max's File: reads and writes at most 32767 characters at once, and does not shorten what was longer.
class MaxFile {
  constructor(name, access) {
    this.name = name;
    this.access = access;
    this.position = 0;
    this.isopen = false;
    try {
      if (/\\/.test(name) || !name.startsWith(MaxFile.disk)) throw new Error("not a path that Max opens here");
      this.name = name = name.slice(MaxFile.disk.length);
      if (access === "write") fs.closeSync(fs.openSync(name, "a"));
      this.data = fs.readFileSync(name, "utf8");
      this.isopen = true;
    } catch { this.data = ""; }
  }
  get eof() { return this.data.length; }
  set eof(length) { this.data = this.data.slice(0, length); }
  readstring(count) {
    const part = this.data.slice(this.position, this.position + Math.min(count, MOST_CHARACTERS));
    this.position += part.length;
    return part;
  }
  writestring(text) {
    const part = text.slice(0, MOST_CHARACTERS);
    this.data = this.data.slice(0, this.position) + part + this.data.slice(this.position + part.length);
    this.position += part.length;
  }
  close() { if (this.access === "write" && this.isopen) fs.writeFileSync(this.name, this.data); this.isopen = false; }
}

// Older Max on macOS wants the disk's name before every path.
MaxFile.disk = "";

class Dict {
  constructor() { this.values = {}; }
  set(key, value) { this.values[key] = value; }
  get(key) { return this.values[key]; }
  parse(text) {
    if (text.length > MOST_CHARACTERS) throw new Error("more than one of Max's symbols holds");
    this.values = JSON.parse(text);
  }
}

// The device: script and patch in one set. `bridge(path, args, device)` hears what goes out over OSC.
class Device {
  constructor(set, {clock = new Clock(), bridge = () => {}, controls = {}, stored = {}} = {}) {
    this.set = set;
    this.clock = clock;
    this.bridge = bridge;
    this.controls = controls;
    this.stored = stored;
    this.out = [];
    this.shown = {};
    this.menus = {};
    this.enabledNow = {};
    this.annotations = {};
    this.port = 0;
    this.daemonPort = 0;
    this.status = [];
    this.progress = 0;
    this.preview = {gate: 0, path: "", length: null};
    this.browsed = [];
    this.sent = [];
    this.readable = (file) => fs.existsSync(file);
    set.later = (work) => clock.at(0, work);
    const context = vm.createContext({
      inlets: 1, outlets: 1, autowatch: 0, inlet: 0, messagename: "", jsarguments: ["MsaniiLive.js"],
      LiveAPI: makeLiveAPI(set), Task: makeTask(clock), File: MaxFile, Dict,
      outlet: (...atoms) => this.take(atoms),
      arrayfromargs: (...given) => Array.prototype.concat(...given.map((one) =>
        typeof one === "object" && one.length !== undefined ? Array.from(one) : [one])),
      post: (...words) => { throw new Error(`the script wrote to the Max console: ${words}`); },
      error: (...words) => { throw new Error(`the script wrote to the Max console: ${words}`); },
      max: {launchbrowser: (url) => this.browsed.push(url)},
    });
    this.context = context;
    vm.runInContext(fs.readFileSync(SCRIPT, "utf8"), context, {filename: "MsaniiLive.js"});
    if (context.inlets !== 1 || context.outlets !== 1) throw new Error("one inlet, one outlet");
  }

  // --- out of the script

  take([index, ...atoms]) {
    if (index !== 0) throw new Error("only outlet 0 exists");
    for (const atom of atoms) {
      const isNumber = typeof atom === "number" && Number.isFinite(atom);
      const isSymbol = typeof atom === "string" && atom.length <= MOST_CHARACTERS;
      if (!isNumber && !isSymbol) throw new Error(`no atom of Max: ${typeof atom} ${String(atom).slice(0, 80)} in ${atoms[0]} ${atoms[1]}`);
    }
    this.out.push(atoms);
    const [name, ...rest] = atoms;
    const does = {
      osc: () => {
        if (rest.length < 2) throw new Error(`osc ${rest[0]} has no argument: it would leave as a bang`);
        this.sent.push(rest);
        this.bridge(rest[0], rest.slice(1), this);
      },
      port: () => { this.port = rest[0]; if (this.onPort) this.onPort(rest[0]); },
      daemon_port: () => { this.daemonPort = rest[0]; },
      controls: () => this.sendControls(),
      status: () => { this.status = rest; },
      progress: () => { this.progress = rest[0]; },
      menu: () => { this.menus[rest[0]] = rest.slice(1); if (!rest[1] && rest[1] !== 0) throw new Error("an empty menu"); },
      set: () => { if (rest.length !== 2) throw new Error(`set ${rest}`); this.shown[rest[0]] = rest[1]; },
      annotate: () => { this.annotations[rest[0]] = rest[1]; },
      enable: () => { this.enabledNow[rest[0]] = rest[1]; },
      store: () => { this.stored[rest[0]] = rest.slice(1); this.call("stored", rest[0], ...rest.slice(1)); },
      preview_gate: () => { this.preview.gate = rest[0]; },
      preview_load: () => {
        if (this.preview.gate) throw new Error("the buffer changes while it sounds");
        this.preview.path = rest[0];
        if (this.readable(rest[0])) this.clock.at(20, () => this.call("preview_loaded"));
      },
      preview_length: () => {
        if (!(rest[0] > 0 && rest[1] > 0)) throw new Error(`preview_length ${rest}`);
        this.preview.length = rest;
      },
    }[name];
    if (!does) throw new Error(`the patch knows no ${name}`);
    does();
  }

  sendControls() {
    for (const [name, value] of Object.entries(this.controls)) this.call("control", name, value);
    for (const name of ["preset", "chords", "seed", "sound", "part", "style", "progression", "clip_track", "source", "source_b",
      "takes", "port", "daemon_port"]) this.call("stored", name, ...(this.stored[name] || ["-"]));
    this.call("sample_rate", 44100);
  }

  // --- into the script

  call(name, ...atoms) {
    if (typeof this.context[name] === "function") this.context[name](...atoms);
    else { this.context.messagename = name; this.context.anything(...atoms); }
  }

  start() { this.set.isReady = true; this.call("bang"); return this; }
  control(name, value) { this.controls[name] = value; this.call("control", name, value); }
  choose(menu, item) {
    const at = this.menus[menu].indexOf(item);
    if (at < 0) throw new Error(`${menu} has no ${item}`);
    this.shown[menu] = at;  // a menu shows by itself what was chosen in it
    this.call("control", menu, at);
  }
  press(name) { this.call("press", name); }
  hear(path_, ...args) { this.call("osc", path_, ...args); }
  get words() { return this.status[1]; }
  get light() { return this.status[0]; }
  asked(path_) { return this.sent.filter((one) => one[0] === path_).map((one) => one.slice(1)); }
}

// The pairs of a request that went out.
function pairs([id, ...rest]) {
  const values = {id};
  for (let i = 0; i < rest.length; i += 2) values[rest[i]] = rest[i + 1];
  return values;
}

module.exports = {Clock, RealClock, Device, pairs, SCRIPT};
