// --- requests: from controls, set and clips to what the bridge is told -----------------------------------------

var Requests = (function () {
  var RATES = [44100, 48000, 88200, 96000];
  var NOTE_FILES = 8;
  var SOURCE_FILES = 8;
  var LARGEST_SEED = 2147483647;
  var MOST_CHORD_CHARACTERS = 4096;
  var NEEDS_SOURCE = {vary: 1, interpolate: 1, inpaint: 1, outpaint: 1};

  var noteFiles = 0;
  var sourceFiles = 0;

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

  // The request's `key value` pairs, from what `Controls.asked` says; what the verb takes, no more. Throws a
  // Trouble.
  function pairs(controls, facts) {
    var verb = controls.verb;
    var list = ["preset", controls.preset, "bpm", facts.tempo, "numerator", facts.numerator,
      "denominator", facts.denominator, "chords", chords(controls.chords),
      "seed", seed(controls), "count", controls.count, "steps", controls.steps,
      "guidance", controls.guidance, "rate", nearestRate(controls.sample_rate)];
    function also(name, value) {
      list.push(name, value);
    }
    var key = controls.key || (facts.isInKey ? facts.key.name : "");
    // Without a key of the set, new music may have the preset's; a clip of the musician's own has none of it.
    if (key || NEEDS_SOURCE[verb]) {
      also("key", key);
    }
    // Said even where it is "": otherwise the preset's own would be played, whatever the menus show.
    if (controls.players.part) {
      also("part", controls.part);
    }
    if (controls.players.sound) {
      also("sound", controls.sound);
    }
    if (verb === "generate" || verb === "outpaint") {
      also("bars", controls.bars);
    }
    if (verb === "generate" && controls.players.style) {
      also("style", controls.style);
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
    if (endMustBeCut(controls)) {
      also("end", "cut");
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

  // The pairs that ask for the shown part to what `Ensemble.without` found: on its chords, unless drums alone play.
  function completing(controls, facts, found) {
    controls.verb = "generate";
    controls.bars = found.bars;
    if (found.hasPitches) {
      controls.chords = controls.key = "";
    }
    return pairs(controls, facts).concat(["notes", writeNotes(found.notes, found.bars * facts.barBeats)]);
  }

  // Whether the preset's end is none that the bridge takes with what the device shows: no loop fades, a varied
  // one rings as little, and nor do several parts.
  function endMustBeCut(controls) {
    if (controls.verb === "vary") {
      return Boolean(controls.loop);
    }
    return controls.verb === "generate" &&
      (controls.end === "fade" ? Boolean(controls.loop) : controls.end === "ring" && controls.isArranged);
  }

  // Longer ones would not fit into a packet, and udpsend would drop it without a word.
  function chords(text) {
    if (text.length > MOST_CHORD_CHARACTERS) {
      throw Trouble.saying("The chords are " + text.length + " characters long, expected at most " +
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
      throw Trouble.saying("The locked seed must be a whole number from 0 to " + LARGEST_SEED +
        "; empty the field, or let go of Lock, to have one drawn.");
    }
    return Number(controls.seed);
  }

  // What `describeSource` left; the file may have gone since, or be another by now.
  function described(source) {
    var clip = source && Files.readJson(source.path);
    if (!isDescription(clip)) {
      throw Trouble.saying("The source clip is gone: select an audio clip and take it again with Source.");
    }
    return clip;
  }

  function isDescription(clip) {
    return Boolean(clip) && clip.regions instanceof Array && clip.regions.every(function (region) {
      return region instanceof Array;
    });
  }

  // How many beats of notes a request can hold. They count from the source's beginning, or from where new
  // music begins.
  function noteBeats(controls, facts) {
    if (controls.verb === "vary" || controls.verb === "interpolate") {
      return Clips.heardBeats(described(controls.source), facts.tempo);
    }
    return (controls.bars + (controls.verb === "inpaint" ? controls.from_bar - 1 : 0)) * facts.barBeats;
  }

  // A clip's description names the set's tempo, which may have changed since the clip was taken.
  function sourceFile(source, facts) {
    var clip = described(source);
    clip.tempo = facts.tempo;
    if (!Files.writeJson(source.path, clip)) {
      throw Trouble.saying("The exchange folder of the bridge cannot be written.");
    }
    return source.path;
  }

  // Leaves a clip's description for the bridge: {path, label, clip}. Throws a Trouble.
  function describeSource(clip, name) {
    var heard = Clips.heard(clip);
    sourceFiles = (sourceFiles + 1) % SOURCE_FILES;
    var path = exchangeFile(name + "-" + sourceFiles);
    if (!Files.writeJson(path, heard)) {
      throw Trouble.saying("The exchange folder of the bridge cannot be written.");
    }
    return {path: path, label: heard.name || Files.baseName(heard.path), clip: heard};
  }

  // Leaves notes for the bridge: {pitch, start_beats, duration_beats, velocity}, with a `part` or without, and how
  // long their music is where that is known. The file's path; throws a Trouble.
  function writeNotes(notes, beats) {
    noteFiles = (noteFiles + 1) % NOTE_FILES;
    var path = exchangeFile("notes-" + noteFiles);
    if (!Files.writeJson(path, beats > 0 ? {notes: notes, length_beats: beats} : {notes: notes})) {
      throw Trouble.saying("The exchange folder of the bridge cannot be written.");
    }
    return path;
  }

  function exchangeFile(name) {
    if (!Link.exchange()) {
      throw Trouble.saying("The bridge is not running, so there is nowhere to leave the clip.");
    }
    return Files.join(Link.exchange(), Link.nonce() + "-" + name + ".json");
  }

  return {pairs: pairs, completing: completing, noteBeats: noteBeats, describeSource: describeSource,
    writeNotes: writeNotes, MOST_CHORD_CHARACTERS: MOST_CHORD_CHARACTERS,
    needsSource: function (verb) { return Boolean(NEEDS_SOURCE[verb]); }};
})();
