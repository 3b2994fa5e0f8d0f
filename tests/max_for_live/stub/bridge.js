// A bridge that answers as the daemon does, without rendering: for tests of the script alone.
"use strict";

const path = require("node:path");

// What `preset/read` answers, beside a few values that every preset has here.
const PRESETS = {
  piano_loop: ["chords", "C F G C", "part", "keys", "sound", "grand piano"],
  sketch: ["bars", 8, "chords", "C F G C", "part", "keys", "sound", "grand piano"],
  drum_loop: ["bars", 2, "chords", "", "part", "drums", "sound", "drum kit", "loop", 1],
  four_parts: ["chords", "Am F C G", "part", "", "sound", "", "parts", "keys,bass,drums,lead"],
  warm_pad: ["chords", "Am F", "part", "pad", "sound", "warm pad", "end", "ring"],
  ringing_parts: ["chords", "Am", "part", "", "sound", "", "parts", "keys,drums", "end", "ring"],
  boom_bap_parts: ["chords", "Am", "part", "", "sound", "", "parts", "bass,drums", "style", "dusty_boom_bap"],
  fading: ["chords", "Am", "part", "", "sound", "", "end", "fade"],
};
// What `style/list` answers, by the set's meter.
const STYLES = {"4/4": ["house", "deep_house", "dusty_boom_bap"], "3/4": ["waltz", "slow_waltz"]};
const PLAYERS = ["sounds", "grand piano,warm pad,drum kit", "parts", "keys,lead,pad,drums"];

function bridge({folder, taken = [], name = "default", presets = ["piano_loop", "sketch"]} = {}) {
  const it = {on: true, taken, jobs: [], subscribed: 0, state: "ready", loses: 0, presets, players: [], refused: [],
    hears: [120, 4, 4, 0, "A minor", "Am | F | C | G", 0.9],
    learned: ["bpm_low", 60.0, "bpm_high", 154.0, "meters", "4/4"]};
  it.answer = (address, args, device) => {
    if (!it.on) return;
    const hear = (...words) => device.clock.at(1, () => { if (it.on && !it.taken.includes(device.port)) device.hear(...words); });
    const answers = {
      hello: () => hear("welcome", args[0], "0.2", path.join(folder, "takes"), folder),
      notify: () => { it.subscribed = args[0]; hear("notify.reply", args[0], 60); },
      status: () => hear("status.reply", "version", "0.2", "worker", it.state, "pid", 7, "model", name, "device", "cpu",
        "rendering", "", "unfinished", it.jobs.length, "problem", "", ...it.learned, ...it.players),
      "preset/list": () => hear("preset/list.reply", ...it.presets),
      "style/list": () => hear("style/list.reply", ...(STYLES[args.join("/")] || [])),
      "preset/read": () => {
        if (it.refused.includes(args[0])) {
          hear("fail", "/msanii/preset/read", "preset", `\`preset\`: there is no "${args[0]}"; choose one.`);
          return;
        }
        hear("preset/read.reply", args[0], "bars", 4, "steps", 6, "guidance", 3, "loop", 0, "end", "cut", "parts", "",
          ...(PRESETS[args[0]] || []));
      },
      "take/star": () => hear("take/star.reply", path.basename(String(args[0])), args[1]),
      listen: () => { if (it.hears) hear("heard", args[0], ...it.hears); },
      sync: () => hear("synced", args[0]),
      cancel: () => {
        if (!it.jobs.includes(args[0])) { hear("fail", args[0], "unknown_job", "job id: there is none of that name"); return; }
        it.jobs = it.jobs.filter((id) => id !== args[0]);
        hear("fail", args[0], "cancelled", "cancelled on request");
      },
    };
    if (answers[address]) answers[address]();
    else if (it.loses > 0) it.loses -= 1;
    else { it.jobs.push(args[0]); hear("queued", args[0], 4711); }
  };
  it.finish = (device, id, takes) => {
    takes.forEach(([file, seconds, bpm], index) => device.hear("take", id, index, file, seconds, bpm));
    it.jobs = it.jobs.filter((other) => other !== id);
    device.hear("done", id);
  };
  return it;
}

module.exports = {bridge, PRESETS, PLAYERS, STYLES};
