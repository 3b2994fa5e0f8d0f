// --- requests, and what becomes of them --------------------------------------------------------------------

var Jobs = (function () {
  var RATES = [44100, 48000, 88200, 96000];
  var ANSWER_MS = 5000;
  var SOURCE_MS = 70000;
  var SYNC_MS = 200;
  var IDLE_REPLIES = 3;
  var NOTE_FILES = 8;
  var SOURCE_FILES = 8;
  var LARGEST_SEED = 2147483647;
  var MOST_CHORD_CHARACTERS = 4096;

  var counter = 0;
  var noteFiles = 0;
  var sourceFiles = 0;
  // By job id: {verb, args, beats, state: "asked" or "queued", asked: how often, lost: how often in vain}.
  var active = {};
  var idle = 0;
  var percent = 0;

  // One literal for each verb: the tests hold them against the bridge's table.
  var ASK = {
    generate: function (args) { Link.send("generate", args); },
    vary: function (args) { Link.send("vary", args); },
    interpolate: function (args) { Link.send("interpolate", args); },
    inpaint: function (args) { Link.send("inpaint", args); },
    outpaint: function (args) { Link.send("outpaint", args); }
  };
  var NEEDS_SOURCE = {vary: 1, interpolate: 1, inpaint: 1, outpaint: 1};

  function nearestRate(hertz) {
    var found = RATES[0];
    for (var i = 0; i < RATES.length; i++) {
      // 176.4 and 192 kHz are multiples of what the bridge writes.
      if (hertz % RATES[i] === 0) {
        found = RATES[i];
      }
    }
    return found;
  }

  // The request's `key value` pairs; what the verb takes, no more. Throws an Error with a sentence.
  function pairs(controls, facts) {
    var verb = controls.verb;
    var list = ["preset", controls.preset || "piano_loop", "bpm", facts.tempo, "numerator", facts.numerator,
      "denominator", facts.denominator, "key", facts.key.name, "chords", chords(controls.chords),
      "seed", seed(controls), "count", controls.count, "steps", controls.steps,
      "guidance", controls.guidance, "rate", nearestRate(controls.sample_rate)];
    function also(name, value) {
      list.push(name, value);
    }
    if (verb === "generate" || verb === "outpaint") {
      also("bars", controls.bars);
    }
    if (verb === "vary" || verb === "interpolate") {
      also("strength", controls.strength);
    }
    if (verb === "interpolate") {
      also("ratio", controls.ratio);
    }
    if (verb === "outpaint") {
      also("side", controls.side);
    }
    if (verb === "inpaint") {
      var barSeconds = facts.barBeats * 60 / facts.tempo;
      also("from_seconds", (controls.from_bar - 1) * barSeconds);
      also("to_seconds", (controls.from_bar - 1 + controls.bars) * barSeconds);
    }
    if (controls.sound) {
      also("sound", controls.sound);
    }
    if (controls.part) {
      also("part", controls.part);
    }
    if (controls.knows.loop && (verb === "generate" || verb === "vary")) {
      also("loop", controls.loop ? 1 : 0);
    }
    if (NEEDS_SOURCE[verb]) {
      also("source", sourceFile(controls.source, facts));
    }
    if (verb === "interpolate") {
      also("source_b", sourceFile(controls.source_b, facts));
    }
    return list;
  }

  // Longer ones would not fit into a packet, and udpsend would drop it without a word.
  function chords(text) {
    if (text.length > MOST_CHORD_CHARACTERS) {
      throw new Error("The chords are " + text.length + " characters long, expected at most " +
        MOST_CHORD_CHARACTERS + ": shorten them.");
    }
    return text;
  }

  // -1 lets the bridge draw one.
  function seed(controls) {
    if (!controls.seed_lock || !controls.seed) {
      return -1;
    }
    if (!/^\d+$/.test(controls.seed) || Number(controls.seed) > LARGEST_SEED) {
      throw new Error("The locked seed must be a whole number from 0 to " + LARGEST_SEED +
        "; empty the field, or let go of Lock, to have one drawn.");
    }
    return Number(controls.seed);
  }

  // A clip's description names the set's tempo, which may have changed since the clip was taken.
  function sourceFile(source, facts) {
    var clip = source && Files.readJson(source.path);
    if (!clip) {
      throw new Error("The source clip is gone: select an audio clip and take it again with Source.");
    }
    clip.tempo = facts.tempo;
    if (!Files.writeJson(source.path, clip)) {
      throw new Error("The exchange folder of the bridge cannot be written.");
    }
    return source.path;
  }

  // Leaves a clip's description for the bridge: {path, label}. Throws an Error with a sentence.
  function describeSource(clip, name) {
    var heard = Clips.heard(clip);
    sourceFiles = (sourceFiles + 1) % SOURCE_FILES;
    var path = exchangeFile(name + "-" + sourceFiles);
    if (!Files.writeJson(path, heard)) {
      throw new Error("The exchange folder of the bridge cannot be written.");
    }
    return {path: path, label: heard.name || Files.baseName(heard.path)};
  }

  function writeNotes(notes) {
    noteFiles = (noteFiles + 1) % NOTE_FILES;
    var path = exchangeFile("notes-" + noteFiles);
    if (!Files.writeJson(path, {notes: notes})) {
      throw new Error("The exchange folder of the bridge cannot be written.");
    }
    return path;
  }

  function exchangeFile(name) {
    if (!Link.exchange()) {
      throw new Error("The bridge is not running, so there is nowhere to leave the clip.");
    }
    return Files.join(Link.exchange(), Link.nonce() + "-" + name + ".json");
  }

  // Asks for takes. Throws an Error with a sentence.
  function ask(controls, facts, notes) {
    var list = pairs(controls, facts);
    if (notes && notes.length) {
      list.push("notes", writeNotes(notes));
    }
    counter += 1;
    var id = Link.nonce() + "-" + counter;
    var asked = controls.verb === "generate" ? controls.bars * facts.barBeats : 0;
    active[id] = {verb: controls.verb, args: [id].concat(list), beats: asked, state: "asked", asked: 0, lost: 0};
    post(id);
  }

  function post(id) {
    var job = active[id];
    job.asked += 1;
    ASK[job.verb](job.args);
    Link.send("sync", [id]);
    Later.once("answer " + id, NEEDS_SOURCE[job.verb] ? SOURCE_MS : ANSWER_MS, function () {
      // Without the bridge nothing is counted: it is asked again when it is back.
      if (Link.up()) {
        again(id);
      }
    });
  }

  // The bridge has read all that was sent before this: a request that it did not confirm never arrived.
  function synced(id) {
    if (isActive(id) && active[id].state === "asked") {
      Later.once("answer " + id, SYNC_MS, function () {
        again(id);
      });
    }
  }

  // A request that was lost on the way is asked once more; the id makes sure that it is rendered once.
  function again(id) {
    if (!isActive(id) || active[id].state !== "asked") {
      return;
    }
    active[id].lost += 1;
    if (active[id].lost > 1) {
      delete active[id];
      Words.fail("The bridge did not answer this request: press Generate again.");
      return;
    }
    post(id);
  }

  function cancel() {
    Object.keys(active).forEach(function (id) {
      Link.send("cancel", [id]);
    });
  }

  // --- events

  // An id from outside may be any word, `constructor` among them.
  function isActive(id) {
    return active.hasOwnProperty(id);
  }

  // Whether the job is ours.
  function queued(id) {
    if (isActive(id)) {
      active[id].state = "queued";
      Later.cancel("answer " + id);
    }
    return isActive(id);
  }

  function progress(id, fraction) {
    if (isActive(id) && isFinite(fraction)) {
      active[id].state = "queued";
      percent = Math.floor(100 * Math.max(0, Math.min(1, fraction)));
      Panel.progress(fraction);
    }
  }

  function take(id, index, path, seconds, bpm) {
    if (Link.isOurs(id) && path && seconds > 0 && bpm > 0) {
      var beats = isActive(id) ? active[id].beats : 0;
      Takes.add(Takes.make(path, seconds, bpm, beats, id), index === 0);
    }
  }

  // Whether the job was ours and has ended.
  function ended(id) {
    Later.cancel("answer " + id);
    var wasOurs = isActive(id);
    delete active[id];
    percent = 0;
    if (!count()) {
      Panel.progress(0);
    }
    return wasOurs;
  }

  // Whether the failure ends nothing: a request that was asked again had been heard the first time.
  function isHeardBefore(id, code) {
    if (code === "exists" && isActive(id) && active[id].asked > 1) {
      active[id].state = "queued";
      Later.cancel("answer " + id);
      return true;
    }
    return false;
  }

  // After the bridge came back: what it never confirmed is asked again, the rest is in its journal.
  function resume() {
    idle = 0;
    Object.keys(active).forEach(function (id) {
      if (active[id].state === "asked") {
        post(id);
      }
    });
  }

  // Jobs whose end went by unheard, while the bridge was away: it has none left, and says so again and again.
  function settle(unfinished) {
    var waiting = Object.keys(active).filter(function (id) { return active[id].state === "queued"; });
    idle = unfinished === 0 && waiting.length ? idle + 1 : 0;
    if (idle < IDLE_REPLIES) {
      return false;
    }
    idle = 0;
    waiting.forEach(ended);
    return true;
  }

  function count() {
    return Object.keys(active).length;
  }

  function isAsking() {
    return Object.keys(active).every(function (id) { return active[id].state === "asked"; });
  }

  return {ask: ask, cancel: cancel, synced: synced, queued: queued, progress: progress, take: take, ended: ended,
    isHeardBefore: isHeardBefore, resume: resume, settle: settle, count: count, isAsking: isAsking,
    percent: function () { return percent; },
    describeSource: describeSource, needsSource: function (verb) { return Boolean(NEEDS_SOURCE[verb]); }};
})();
