// --- the notes of takes ----------------------------------------------------------------------------------

var Scores = (function () {
  var COLOUR = 0x3dc300;
  var NEAR_BEATS = 1e-3;
  // Notes that Live is told at once.
  var TOLD = 200;
  // What beside a take is its audio, by the format that its recipe names.
  var SUFFIXES = {wav: ".wav", aiff: ".aiff", flac: ".flac", float: ".wav"};

  // What an audio file of a take plays, by its recipe: {part, notes: [{pitch, start, duration, velocity}] in beats}.
  // Throws a Trouble for a file without a recipe, without notes, or with those of several parts.
  function ofTake(path) {
    var recipe = Files.readJson(Files.withSuffix(path, ".json"));
    if (!recipe || !recipe.request) {
      throw Trouble.saying("The recipe beside this take is gone, and with it the notes: render the take again.");
    }
    var found = own(recipe);
    return {part: found.part, notes: found.notes.map(function (note) {
      return {pitch: note[2], start: note[0], duration: note[1] - note[0], velocity: note[3]};
    })};
  }

  // The same, or null where there is none.
  function known(path) {
    try {
      return ofTake(path);
    } catch (trouble) {
      return null;
    }
  }

  // A part's notes are under its name; in an arrangement, a second part of that name is numbered: keys_2.
  function own(recipe) {
    var request = recipe.request;
    var notes = recipe.notes || {};
    var names = Object.keys(notes);
    var arranged = request.verb === "generate" && request.parts ? String(request.parts).split(",") : [];
    arranged = arranged.map(function (name) { return name.replace(/\s/g, ""); }).filter(Boolean);
    var part = arranged.length ? arranged[recipe.index] : request.part;
    var name = arranged.length ? numbered(arranged, recipe.index) : part;
    if (!arranged.length && names.length === 1) {
      name = names[0];
      part = part || name;
    }
    var isMix = arranged.length ? recipe.index >= arranged.length : names.length > 1 && !notes.hasOwnProperty(name);
    if (isMix) {
      throw Trouble.saying("This take is a mix: choose the take of one part, or drag the MIDI file beside it " +
        "(Reveal) into Live, which makes a track of each part.");
    }
    var list = notes.hasOwnProperty(name) ? notes[name] : [];
    if (!(list instanceof Array) || !list.length || !list.every(isNote)) {
      throw Trouble.saying("This take has no notes: it was played freely. Takes of Generate are composed, unless " +
        "their preset or model plays freely.");
    }
    return {part: part, notes: list};
  }

  function numbered(arranged, index) {
    var before = arranged.slice(0, index).filter(function (part) { return part === arranged[index]; }).length;
    return arranged[index] + (before ? "_" + (before + 1) : "");
  }

  function isNote(note) {
    return note instanceof Array && note.length === 4 && note.every(isFinite) && note[1] > note[0];
  }

  // Makes a clip of the take's notes in the next empty slot of a MIDI track; says where. The clip has the take's
  // name, by which `takeNamed` finds the take again. Throws a Trouble.
  function place(take, track) {
    if (!take) {
      throw Trouble.saying("There is no take yet: press Generate first.");
    }
    var notes = ofTake(take.path).notes;
    var why = Live.whyNoMidi(track);
    if (why) {
      throw Trouble.saying("Not placed: " + why + ". Choose a MIDI track in the Clip menu, or select one.");
    }
    var slot = Placing.freeSlot(track, true);
    Live.at(slot.path).call("create_clip", take.beats);
    // `call` answers alike whether it worked or not.
    if (!Live.flag(Live.at(slot.path), "has_clip")) {
      throw Trouble.saying("Live made no clip on " + Live.text(track, "name") + ": try another MIDI track.");
    }
    var clip = Live.at(slot.path + " clip");
    clip.set("name", stem(take.path));
    clip.set("color", COLOUR);
    write(clip, notes);
    var there = Clips.begun(clip, take.beats).length;
    if (there < notes.length) {
      throw Trouble.saying("Live took only " + there + " of the take's " + notes.length + " notes.");
    }
    return "Notes placed in scene " + (slot.scene + 1) + " of " + Live.text(track, "name") + ".";
  }

  function write(clip, notes) {
    for (var at = 0; at < notes.length; at += TOLD) {
      var told = new Dict();
      told.parse(JSON.stringify({notes: notes.slice(at, at + TOLD).map(function (note) {
        return {pitch: note.pitch, start_time: note.start, duration: note.duration, velocity: note.velocity};
      })}));
      clip.call("add_new_notes", told);
    }
  }

  // What an edited clip plays, in beats for a file of notes, and the take that it came from: {take, notes}. All of
  // the take's length counts, wherever the clip loops. Throws a Trouble.
  function edited(clip) {
    var take = takeNamed(Live.text(clip, "name"));
    if (!take) {
      throw Trouble.saying("Which take is this clip of? It must have the take's name, as Place notes gave it.");
    }
    var before = ofTake(take.path);
    var notes = Clips.begun(clip, take.beats).map(function (note) {
      return {pitch: note.pitch, start: note.start, duration: note.duration,
        velocity: Math.max(1, Math.round(note.velocity))};
    });
    if (!notes.length) {
      throw Trouble.saying("This clip has no notes, and a take needs some.");
    }
    if (areSame(notes, before.notes)) {
      throw Trouble.saying("The notes of this clip are those of its take: change some first.");
    }
    return {take: take, notes: notes.map(function (note) {
      return {pitch: note.pitch, start_beats: note.start, duration_beats: note.duration, velocity: note.velocity,
        part: before.part};
    })};
  }

  function areSame(notes, others) {
    function byStart(one, other) {
      return one.pitch - other.pitch || one.start - other.start;
    }
    var sorted = others.slice().sort(byStart);
    return notes.length === others.length && notes.slice().sort(byStart).every(function (note, index) {
      var other = sorted[index];
      return note.pitch === other.pitch && note.velocity === other.velocity &&
        Math.abs(note.start - other.start) < NEAR_BEATS && Math.abs(note.duration - other.duration) < NEAR_BEATS;
    });
  }

  function stem(path) {
    return Files.withSuffix(Files.baseName(path), "");
  }

  // The take of this name, of those that the device knows or else of the takes' folder; null where there is none.
  function takeNamed(name) {
    return Takes.named(name) || inFolder(name);
  }

  function inFolder(name) {
    var path = name && !/[\/\\]/.test(name) ? Files.join(Link.takesFolder(), name) : "";
    var recipe = path ? Files.readJson(path + ".json") : null;
    var suffix = recipe && recipe.request ? SUFFIXES[recipe.request.format] : "";
    return suffix ? Takes.describe(path + suffix, "") : null;
  }

  return {known: known, takeNamed: takeNamed, place: place, edited: edited};
})();
