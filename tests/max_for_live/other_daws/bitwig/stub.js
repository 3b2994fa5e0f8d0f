// A strict stand-in for Bitwig's controller API 18: a method that its reference does not have, a wrong number or type
// of arguments, an object created after init(), or a value read without interest is an error, as in Bitwig.
"use strict";

const dgram = require("node:dgram");
const {decode} = require("./osc.js");

const KINDS = {
  string: (value) => typeof value === "string",
  int: Number.isInteger,
  double: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  function: (value) => typeof value === "function",
  object: (value) => typeof value === "object",
};

// An object with these methods alone: {name: [[kinds of arguments], function]}.
function documented(name, methods) {
  return new Proxy({}, {
    get(_, method) {
      if (typeof method === "symbol") return undefined;
      if (!(method in methods)) throw new TypeError(`${name} has no ${method} in Bitwig's API`);
      const [kinds, call] = methods[method];
      return (...given) => {
        const fits = kinds === "any" || (given.length === kinds.length && kinds.every((kind, at) => KINDS[kind](given[at])));
        if (!fits) throw new TypeError(`${name}.${method}(${given.map((one) => typeof one)}), expected (${kinds})`);
        return call(...given);
      };
    },
    set() { throw new TypeError(`${name} cannot be changed`); },
  });
}

// A value that scripts observe, or mark as interesting before they read it.
function value(name, initial, reader = "get", observing = "addValueObserver") {
  const state = {now: initial, isInteresting: false, observers: []};
  const check = () => { if (!state.isInteresting) throw new Error(`${name}: read without markInterested()`); };
  const object = documented(name, {
    markInterested: [[], () => { state.isInteresting = true; }],
    [reader]: [[], () => { check(); return state.now; }],
    [observing]: [["function"], (observer) => { state.isInteresting = true; state.observers.push(observer); observer(state.now); }],
  });
  const set = (now) => { state.now = now; state.observers.forEach((observer) => observer(now)); };
  return {object, set, get: () => state.now};
}

class Bitwig {
  // `say` takes {popup}, `audio` says which files Bitwig can insert.
  constructor(say, {scenes = 4, audio = (path) => /\.(wav|aiff?|flac)$/i.test(path)} = {}) {
    this.say = say;
    this.isInInit = false;
    this.sockets = [];
    this.canHoldAudio = value("canHoldAudioData", true);
    this.trackName = value("name", "Audio 1");
    this.tempo = value("tempo", 120, "getRaw", "addRawValueObserver");
    this.numerator = value("numerator", 4);
    this.denominator = value("denominator", 4);
    this.signals = {};
    this.settings = {};
    this.audio = audio;
    this.slots = Array.from({length: scenes}, (_, scene) => this.slot(scene));
    this.host = documented("host", this.hostMethods());
    this.globals = {host: this.host, loadAPI: (version) => { if (version !== 18) throw new Error(`loadAPI(${version})`); }};
  }

  init(script) {
    this.isInInit = true;
    script.init();
    this.isInInit = false;
  }

  creating(call) {
    return (...given) => {
      if (!this.isInInit) throw new Error("This can only be called during driver initialization.");
      return call(...given);
    };
  }

  slot(scene) {
    const made = {file: "", exists: value("exists", true), hasContent: value("hasContent", false), isSelected: value("isSelected", scene === 0)};
    const point = documented("InsertionPoint", {insertFile: [["string"], (path) => {
      // "If it's not possible to do so then this does nothing."
      if (this.canHoldAudio.get() && this.audio(path)) { made.file = path; made.hasContent.set(true); }
    }]});
    made.object = documented("ClipLauncherSlot", {
      exists: [[], () => made.exists.object], hasContent: [[], () => made.hasContent.object],
      isSelected: [[], () => made.isSelected.object], replaceInsertionPoint: [[], () => point],
    });
    return made;
  }

  hostMethods() {
    const absent = () => documented("ClipLauncherSlot", {
      exists: [[], () => value("exists", false).object], hasContent: [[], () => value("hasContent", false).object],
      isSelected: [[], () => value("isSelected", false).object]});
    const beyond = [];
    return {
      setShouldFailOnDeprecatedUse: [["boolean"], () => {}],
      defineController: [["string", "string", "string", "string", "string"], (vendor, name, version, uuid) => {
        if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) throw new Error(`not a UUID: ${uuid}`);
      }],
      defineMidiPorts: [["int", "int"], (inputs) => { this.midiInputs = inputs; }],
      println: [["string"], () => {}],
      showPopupNotification: [["string"], (popup) => this.say({popup})],
      scheduleTask: [["function", "int"], (task, ms) => { setTimeout(task, ms).unref(); }],
      getMidiInPort: [["int"], this.creating((port) => {
        if (port >= this.midiInputs) throw new Error(`no MIDI port ${port}`);
        return documented("MidiIn", {setMidiCallback: [["function"], (callback) => { this.midi = callback; }]});
      })],
      getOscModule: [[], this.creating(() => this.oscModule())],
      createTransport: [[], this.creating(() => documented("Transport", {
        tempo: [[], () => documented("Parameter", {value: [[], () => this.tempo.object]})],
        timeSignature: [[], () => documented("TimeSignatureValue", {
          numerator: [[], () => this.numerator.object], denominator: [[], () => this.denominator.object]})],
      }))],
      createCursorTrack: [["string", "string", "int", "int", "boolean"], this.creating((id, name, sends, scenes) => documented("CursorTrack", {
        name: [[], () => this.trackName.object], canHoldAudioData: [[], () => this.canHoldAudio.object],
        clipLauncherSlotBank: [[], () => documented("ClipLauncherSlotBank", {getItemAt: [["int"], (at) => {
          if (at >= scenes) throw new Error(`slot ${at} of ${scenes}`);
          if (at < this.slots.length) return this.slots[at].object;
          // A bank goes on where the project has no more scenes.
          if (!beyond[at]) {
            const none = {exists: value("exists", false), hasContent: value("hasContent", false), isSelected: value("isSelected", false)};
            beyond[at] = documented("ClipLauncherSlot", {exists: [[], () => none.exists.object],
              hasContent: [[], () => none.hasContent.object], isSelected: [[], () => none.isSelected.object]});
          }
          return beyond[at];
        }]})],
      }))],
      getDocumentState: [[], this.creating(() => documented("DocumentState", {
        getSignalSetting: [["string", "string", "string"], (label) => documented("Signal", {
          addSignalObserver: [["function"], (observer) => { this.signals[label] = observer; }]})],
        getStringSetting: [["string", "string", "int", "string"], (label, category, most, initial) =>
          (this.settings[label] = value(label, initial)).object],
        getBooleanSetting: [["string", "string", "boolean"], (label, category, initial) =>
          (this.settings[label] = value(label, initial)).object],
        getNumberSetting: [["string", "string", "double", "double", "double", "string", "double"], (label, category, low, high, step, unit, initial) =>
          (this.settings[label] = value(label, initial, "getRaw", "addRawValueObserver")).object],
      }))],
    };
  }

  oscModule() {
    return documented("OscModule", {
      createAddressSpace: [[], () => {
        const space = {methods: {}, otherwise: null};
        const object = documented("OscAddressSpace", {
          registerMethod: [["string", "string", "string", "function"], (address, tags, about, callback) => { space.methods[address] = callback; }],
          registerDefaultMethod: [["function"], (callback) => { space.otherwise = callback; }],
        });
        Bitwig.spaces.set(object, space);
        return object;
      }],
      createUdpServer: [["int", "object"], this.creating((port, object) => this.listen(port, Bitwig.spaces.get(object)))],
      connectToUdpServer: [["string", "int", "object"], this.creating((hostname, port) => this.connection(hostname, port))],
    });
  }

  listen(port, space) {
    const socket = dgram.createSocket("udp4");
    this.sockets.push(socket);
    socket.on("message", (data) => {
      const [address, tags, given] = decode(data);
      const typed = (kinds) => (at) => {
        if (!kinds.includes(tags[at])) throw new TypeError(`${address}: argument ${at} is ${tags[at]}, expected ${kinds}`);
        return given[at];
      };
      const message = documented("OscMessage", {
        getAddressPattern: [[], () => address], getTypeTag: [[], () => tags], getString: [["int"], typed("s")],
        getInt: [["int"], typed("i")], getFloat: [["int"], typed("f")],
        getArguments: [[], () => documented("List", {get: [["int"], (at) => given[at]], size: [[], () => given.length]})],
      });
      (space.methods[address] || space.otherwise)(documented("OscConnection", {}), message);
    });
    socket.bind(port, "127.0.0.1");
  }

  connection(hostname, port) {
    const socket = dgram.createSocket("udp4");
    this.sockets.push(socket);
    // As Java sees JavaScript's numbers: whole ones as Integer, others as Double.
    return documented("OscConnection", {sendMessage: ["any", (address, ...given) => {
      if (!KINDS.string(address)) throw new TypeError("sendMessage: no address");
      for (const one of given) {
        if (!["string", "number", "boolean"].includes(typeof one)) throw new TypeError(`sendMessage: ${typeof one} in ${address}`);
      }
      socket.send(require("./osc.js").encode(address, given), port, hostname);
    }]});
  }
}
Bitwig.spaces = new WeakMap();

module.exports = {Bitwig};
