// The controller script in the stand-in, over real UDP. `node process.js SCRIPT`; orders come in as lines of JSON:
//   {"signal": "Generate"}  {"midi": [159, 36, 127]}  {"tempo": 97.3}  {"numerator": 7}  {"setting": ["Bars", 2]}
//   {"audioTrack": false}   {"select": 2}   {"slots": true} -> {"slots": [paths]}   {"exit": true}
// Notifications go out as {"popup": "..."}.
"use strict";

const fs = require("node:fs");
const readline = require("node:readline");
const vm = require("node:vm");
const {Bitwig} = require("./stub.js");

const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const bitwig = new Bitwig(say);
const script = vm.createContext({...bitwig.globals});
vm.runInContext(fs.readFileSync(process.argv[2], "utf8"), script);
bitwig.init(script);

const orders = {
  signal: (name) => bitwig.signals[name](),
  midi: (bytes) => bitwig.midi(...bytes),
  tempo: (bpm) => bitwig.tempo.set(bpm),
  numerator: (value) => bitwig.numerator.set(value),
  setting: ([name, value]) => bitwig.settings[name].set(value),
  audioTrack: (is) => bitwig.canHoldAudio.set(is),
  deaf: () => { bitwig.audio = () => false; },
  select: (scene) => bitwig.slots.forEach((slot, at) => slot.isSelected.set(at === scene)),
  slots: () => say({slots: bitwig.slots.map((slot) => slot.file)}),
  exit: () => { script.exit(); setTimeout(() => process.exit(0), 50); },
};
readline.createInterface({input: process.stdin}).on("line", (line) => {
  for (const [name, given] of Object.entries(JSON.parse(line))) orders[name](given);
}).on("close", () => process.exit(0));
