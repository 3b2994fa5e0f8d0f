// MsaniiLive.js: what the Msanii device does inside Live. Joined from max_for_live/script/*.js; edit those.
// ES5 for Max's classic [js]. One inlet, one outlet: what leaves is split by [route] in the patch.
"use strict";

inlets = 1;
outlets = 1;
autowatch = 0;

// What stops a button, as a sentence for the musician. Any other error is a mistake of this script, whose words
// would help nobody.
var Trouble = (function () {
  var UNEXPECTED = "The device met something that it did not expect, and stopped: try again, or take another clip.";

  function Sentence(text) {
    this.text = text;
  }

  function saying(text) {
    return new Sentence(text);
  }

  function words(problem) {
    return problem instanceof Sentence ? problem.text : UNEXPECTED;
  }

  return {saying: saying, words: words};
})();

// --- keys, chords and progressions -------------------------------------------------------------------

var Harmony = (function () {
  var SHARPS = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
  var FLATS = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];
  var MAJOR = [0, 2, 4, 5, 7, 9, 11];
  var MINOR = [0, 2, 3, 5, 7, 8, 10];
  // Scale names that the bridge reads as keys; others are heard as the major or minor that their third says.
  var MODES = ["major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian"];

  // Degrees of seven-note scales; "M" or "m" after a degree makes a chord major or minor against the scale.
  var PROGRESSIONS = [
    {name: "Pop: I V vi IV", major: ["1", "5", "6", "4"], minor: ["1", "6", "3", "7"]},
    {name: "Ballad: vi IV I V", major: ["6", "4", "1", "5"], minor: ["6", "7", "1", "1"]},
    {name: "Doo-wop: I vi IV V", major: ["1", "6", "4", "5"], minor: ["1", "6", "4", "5m"]},
    {name: "Folk: I IV V I", major: ["1", "4", "5", "1"], minor: ["1", "4", "5m", "1"]},
    {name: "Jazz: ii V I", major: ["2:7", "5:7", "1:7", "1:7"], minor: ["2:7", "5M:7", "1:7", "1:7"]},
    {name: "Canon", major: ["1", "5", "6", "3", "4", "1", "4", "5"],
      minor: ["1", "5m", "6", "3", "4", "1", "4", "5m"]},
    {name: "Descent: i VII VI V", major: ["6", "5", "4", "3M"], minor: ["1", "7", "6", "5M"]},
    {name: "Dorian vamp: i IV", major: ["2", "5"], minor: ["1", "4M"]},
    {name: "Blues: twelve bars", major: ["1M:b7", "4M:b7", "1M:b7", "1M:b7", "4M:b7", "4M:b7", "1M:b7", "1M:b7",
      "5M:b7", "4M:b7", "1M:b7", "5M:b7"], minor: ["1:7", "4:7", "1:7", "1:7", "4:7", "4:7", "1:7", "1:7",
      "6:7", "5M:7", "1:7", "5M:7"]}
  ];

  // Where a chord may go next, by degree: functional harmony, with more tickets for the commoner move.
  var NEXT = {
    major: {1: [4, 4, 5, 5, 6, 6, 2, 3], 2: [5, 5, 5, 4], 3: [6, 6, 4], 4: [5, 5, 1, 1, 2, 6],
      5: [1, 1, 6, 6, 4], 6: [4, 4, 2, 5, 3]},
    minor: {1: [6, 6, 4, 4, 7, 7, 3, 5], 3: [7, 6, 4], 4: [7, 5, 1, 6], 5: [1, 6, 6], 6: [7, 7, 3, 4],
      7: [1, 1, 3, 6]}
  };

  function contains(list, item) {
    return list.indexOf(item) >= 0;
  }

  function isMinorScale(intervals) {
    return contains(intervals, 3) && !contains(intervals, 4);
  }

  // A set's root note (0 to 11), scale name and intervals -> {root, name, mode, intervals, isMinor}.
  function key(root, scaleName, scaleIntervals) {
    var name = String(scaleName || "Major").toLowerCase();
    var intervals = scaleIntervals && scaleIntervals.length ? scaleIntervals : MAJOR;
    var minor = isMinorScale(intervals);
    var mode = contains(MODES, name) ? name : (minor ? "minor" : "major");
    // Chords are built on seven notes; a pentatonic or blues set lends its third alone.
    var seven = intervals.length === 7 ? intervals : (minor ? MINOR : MAJOR);
    var tonic = noteName(root, usesFlats(root, seven));
    return {root: root, mode: mode, isMinor: minor, intervals: seven,
      name: tonic + " " + mode, short: tonic + " " + mode.slice(0, 3)};
  }

  // Keys on the flat side of the circle of fifths are spelled with flats.
  function usesFlats(root, intervals) {
    var parentMajor = isMinorScale(intervals) ? (root + 3) % 12 : root;
    return contains([5, 10, 3, 8, 1], parentMajor);
  }

  function noteName(pitchClass, flats) {
    return (flats ? FLATS : SHARPS)[((pitchClass % 12) + 12) % 12];
  }

  // The chord on a degree (1 to 7) of a key, as text. `third` forces major or minor, `seventh` adds one.
  function degreeChord(inKey, degree, third, seventh) {
    var scale = inKey.intervals;
    function tone(steps) {
      var index = degree - 1 + steps;
      return scale[index % 7] + 12 * Math.floor(index / 7) - scale[degree - 1];
    }
    var isMinor = third ? third === "m" : tone(2) === 3;
    var fifth = third ? 7 : tone(4);
    var name = noteName(inKey.root + scale[degree - 1], usesFlats(inKey.root, scale));
    var suffix = isMinor ? (fifth === 6 ? "dim" : "m") : (fifth === 8 ? "aug" : "");
    if (!seventh || suffix === "aug") {
      return name + suffix;
    }
    var high = seventh === "b7" || third === "M" || tone(6) === 10;
    if (suffix === "dim") {
      return name + (tone(6) === 10 ? "m7b5" : "dim7");
    }
    return name + (isMinor ? (high ? "m7" : "m(maj7)") : (high ? "7" : "maj7"));
  }

  function progressionNames() {
    return PROGRESSIONS.map(function (one) { return one.name; });
  }

  // The chords of a named progression in a key, one for each bar; "" for a name that is not known.
  function progression(name, inKey) {
    for (var i = 0; i < PROGRESSIONS.length; i++) {
      if (PROGRESSIONS[i].name === name) {
        return PROGRESSIONS[i][inKey.isMinor ? "minor" : "major"].map(function (degree) {
          var parts = degree.split(":");
          return degreeChord(inKey, parseInt(parts[0], 10), parts[0].charAt(1), parts[1]);
        }).join(" ");
      }
    }
    return "";
  }

  // As many chords as bars (at most 16), begun on the tonic and led home; `random` gives numbers from 0 to 1.
  function dice(inKey, bars, random) {
    var count = Math.max(1, Math.min(16, Math.round(bars)));
    var table = NEXT[inKey.isMinor ? "minor" : "major"];
    var degrees = [1];
    while (degrees.length < count) {
      var here = degrees[degrees.length - 1];
      var choices = table[here].filter(function (degree) {
        return degree !== degrees[degrees.length - 2] || random() < 0.4;
      });
      choices = choices.length ? choices : table[here];
      degrees.push(choices[Math.floor(random() * choices.length) % choices.length]);
    }
    if (count > 2) {
      // The last chord leads back to the first: dominant, subdominant, or the seventh degree in minor.
      var turns = inKey.isMinor ? [5, 7, 4] : [5, 5, 4];
      degrees[count - 1] = turns[Math.floor(random() * turns.length) % turns.length];
      if (degrees[count - 2] === degrees[count - 1]) {
        degrees[count - 2] = (inKey.isMinor ? [6, 4, 3] : [2, 4, 6]).filter(function (degree) {
          return degree !== degrees[count - 1] && degree !== degrees[count - 3];
        })[0];
      }
    }
    var seventh = random() < 0.25 ? "7" : "";
    return degrees.map(function (degree) {
      // In minor the dominant is major, as its leading note wants.
      var dominant = inKey.mode === "minor" && degree === 5;
      return degreeChord(inKey, degree, dominant ? "M" : "", seventh);
    }).join(" ");
  }

  return {key: key, noteName: noteName, usesFlats: usesFlats, degreeChord: degreeChord,
    progressionNames: progressionNames, progression: progression, dice: dice};
})();

// --- chords in notes ---------------------------------------------------------------------------------

var Recognition = (function () {
  // Tones above the root, and what a chord must earn over plainer ones to be named.
  var TYPES = [
    {name: "", tones: [0, 4, 7], cost: 0}, {name: "m", tones: [0, 3, 7], cost: 0},
    {name: "7", tones: [0, 4, 7, 10], cost: 0.05}, {name: "maj7", tones: [0, 4, 7, 11], cost: 0.05},
    {name: "m7", tones: [0, 3, 7, 10], cost: 0.05}, {name: "6", tones: [0, 4, 7, 9], cost: 0.08},
    {name: "m6", tones: [0, 3, 7, 9], cost: 0.08}, {name: "dim", tones: [0, 3, 6], cost: 0.05},
    {name: "m7b5", tones: [0, 3, 6, 10], cost: 0.06}, {name: "dim7", tones: [0, 3, 6, 9], cost: 0.06},
    {name: "aug", tones: [0, 4, 8], cost: 0.06}, {name: "sus4", tones: [0, 5, 7], cost: 0.06},
    {name: "sus2", tones: [0, 2, 7], cost: 0.07}, {name: "add9", tones: [0, 2, 4, 7], cost: 0.08},
    {name: "5", tones: [0, 7], cost: 0.12}
  ];
  var MISSING = 0.12;
  // A tone that sounds for less of the time is a passing one.
  var PRESENT = 0.06;
  var FOREIGN = 1.2;
  var BASS_ROOT = 0.25;
  var SPLIT_GAIN = 0.12;

  // How long each pitch class sounds from `begin` to `end` (beats), of 1 altogether; and the lowest pitch.
  function weights(notes, begin, end) {
    var sums = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    var total = 0;
    var bass = null;
    for (var i = 0; i < notes.length; i++) {
      var note = notes[i];
      var length = Math.min(end, note.start + note.duration) - Math.max(begin, note.start);
      if (length > 1e-6) {
        sums[note.pitch % 12] += length;
        total += length;
        bass = bass === null ? note.pitch : Math.min(bass, note.pitch);
      }
    }
    for (var pitchClass = 0; pitchClass < 12 && total > 0; pitchClass++) {
      sums[pitchClass] /= total;
    }
    return {sums: sums, bass: bass};
  }

  // The chord that fits best: {text, score}; null where nothing sounds.
  function best(notes, begin, end, flats) {
    var heard = weights(notes, begin, end);
    if (heard.bass === null) {
      return null;
    }
    var bass = heard.bass % 12;
    var found = null;
    for (var root = 0; root < 12; root++) {
      for (var i = 0; i < TYPES.length; i++) {
        var score = fit(heard.sums, root, TYPES[i]) + (root === bass ? BASS_ROOT : 0);
        if (heard.sums[root] > 0 && (found === null || score > found.score + 1e-9)) {
          found = {root: root, type: TYPES[i], score: score};
        }
      }
    }
    var slash = found.root === bass ? "" : "/" + Harmony.noteName(bass, flats);
    return {text: Harmony.noteName(found.root, flats) + found.type.name + slash, score: found.score};
  }

  function fit(sums, root, type) {
    var inside = 0;
    var missing = 0;
    for (var i = 0; i < type.tones.length; i++) {
      var weight = sums[(root + type.tones[i]) % 12];
      inside += weight;
      missing += weight < PRESENT ? 1 : 0;
    }
    return inside - FOREIGN * (1 - inside) - MISSING * missing - type.cost;
  }

  // The chords of `bars` bars of `barBeats` quarter notes from `begin`: "Am F C G", or "Am F:2 G:2 C" where a
  // bar changes in its middle. A silent bar keeps the chord before it; "" where nothing sounds at all.
  function chords(notes, begin, bars, barBeats, flats) {
    var tokens = [];
    var before = null;
    for (var bar = 0; bar < bars; bar++) {
      var start = begin + bar * barBeats;
      var middle = start + barBeats / 2;
      var whole = best(notes, start, start + barBeats, flats);
      var first = best(notes, start, middle, flats);
      var second = best(notes, middle, start + barBeats, flats);
      var isSplit = whole && first && second && first.text !== second.text &&
        (first.score + second.score) / 2 > whole.score + SPLIT_GAIN;
      if (isSplit) {
        tokens.push(first.text + ":" + barBeats / 2, second.text + ":" + barBeats / 2);
        before = second.text;
      } else {
        before = whole ? whole.text : before;
        tokens.push(before || "N.C.");
      }
    }
    return before === null ? "" : tokens.join(" ");
  }

  return {chords: chords, best: best};
})();

// --- files ---------------------------------------------------------------------------------------------

var Files = (function () {
  // File.readstring and writestring stop at 32767 characters.
  var CHUNK = 30000;
  var LARGEST = 4000000;

  // Dialogs and drops on macOS say "Macintosh HD:/Users/..."; Live and the bridge say "/Users/...".
  function plain(path) {
    return String(path).replace(/^[^\/\\:]{2,}:(?=\/)/, "");
  }

  // Whether the path says where a file is, from its disk on.
  function isWhole(path) {
    return /^(\/|[A-Za-z]:[\/\\]|\\\\)/.test(path);
  }

  function forMax(path) {
    return plain(path).replace(/\\/g, "/");
  }

  // Older Max on macOS opens only paths that begin with the disk's name.
  function opened(path, access) {
    var tries = [forMax(path), "Macintosh HD:" + forMax(path)];
    for (var i = 0; i < tries.length; i++) {
      var file = new File(tries[i], access, "TEXT");
      if (file.isopen) {
        return file;
      }
      if (tries[i].charAt(0) !== "/") {
        break;
      }
    }
    return null;
  }

  function ascii(text) {
    return text.replace(/[\u007f-\uffff]/g, function (letter) {
      return "\\u" + ("000" + letter.charCodeAt(0).toString(16)).slice(-4);
    });
  }

  // Whether `value` now stands in the file as JSON.
  function writeJson(path, value) {
    var text = ascii(JSON.stringify(value));
    var file = opened(path, "write");
    if (!file) {
      return false;
    }
    file.position = 0;
    for (var at = 0; at < text.length; at += CHUNK) {
      file.writestring(text.substring(at, at + CHUNK));
    }
    file.eof = file.position;
    file.close();
    return true;
  }

  // What the file holds as JSON; null where there is none.
  function readJson(path) {
    var file = opened(path, "read");
    if (!file) {
      return null;
    }
    var text = "";
    while (file.position < file.eof && text.length < LARGEST) {
      var part = file.readstring(CHUNK);
      if (!part) {
        break;
      }
      text += part;
    }
    file.close();
    try {
      return JSON.parse(text);
    } catch (error) {
      return null;
    }
  }

  function baseName(path) {
    return String(path).split(/[\/\\]/).pop();
  }

  function folderOf(path) {
    return String(path).slice(0, String(path).length - baseName(path).length - 1);
  }

  function join(folder, name) {
    return folder + (folder.indexOf("\\") >= 0 && folder.indexOf("/") < 0 ? "\\" : "/") + name;
  }

  function withSuffix(path, suffix) {
    return String(path).replace(/\.[^.\/\\]*$/, "") + suffix;
  }

  // A folder or file as the address that a browser opens: "C:\\a b" -> "file:///C:/a%20b".
  function url(path) {
    var parts = forMax(path).split("/").map(encodeURIComponent).join("/");
    return "file://" + parts.replace(/^([A-Za-z])%3A/, "/$1:");
  }

  return {plain: plain, isWhole: isWhole, url: url, forMax: forMax, writeJson: writeJson, readJson: readJson,
    baseName: baseName, folderOf: folderOf, join: join, withSuffix: withSuffix};
})();

// --- Live's objects ------------------------------------------------------------------------------------

var Live = (function () {
  // Objects go stale when the set changes, so they are looked up anew each time and never kept.
  function at(path) {
    return new LiveAPI(path);
  }

  function byId(id) {
    return new LiveAPI("id " + id);
  }

  function exists(object) {
    return Boolean(object) && Number(String(object.id).replace("id ", "")) !== 0;
  }

  // `get` always answers with an array; a property that this Live lacks gives the `fallback`.
  function value(object, property, fallback) {
    var found = object.get(property);
    if (found === undefined || found === null) {
      return fallback;
    }
    if (!(found instanceof Array) && typeof found === "object" && found.length !== undefined) {
      found = arrayfromargs(found);
    }
    found = found instanceof Array ? found[0] : found;
    return found === undefined || found === null || found === "<empty>" ? fallback : found;
  }

  function number(object, property, fallback) {
    var found = parseFloat(value(object, property, fallback));
    return isFinite(found) ? found : fallback;
  }

  function flag(object, property) {
    return number(object, property, 0) !== 0;
  }

  function text(object, property) {
    return String(value(object, property, ""));
  }

  // Ids of a list of children: ["id", 3, "id", 8] -> [3, 8].
  function ids(object, property) {
    var found = object.get(property) || [];
    var list = [];
    for (var i = 0; i + 1 < found.length; i += 2) {
      if (found[i] === "id" && Number(found[i + 1]) !== 0) {
        list.push(Number(found[i + 1]));
      }
    }
    return list;
  }

  function path(object) {
    return String(object.unquotedpath || object.path || "").replace(/"/g, "");
  }

  // Where a path says `word N`: N, or -1.
  function index(object, word) {
    var match = new RegExp(word + " (\\d+)").exec(path(object));
    return match ? parseInt(match[1], 10) : -1;
  }

  // Live's version as [major, minor, patch].
  function version() {
    var said = at("live_app").call("get_version_string");
    var match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(said instanceof Array ? said.join(" ") : String(said));
    return match ? [Number(match[1]), Number(match[2]), Number(match[3] || 0)] : [0, 0, 0];
  }

  function isSince(live, first) {
    for (var i = 0; i < 3; i++) {
      if (live[i] !== first[i]) {
        return live[i] > first[i];
      }
    }
    return true;
  }

  // Clips can be made of files since 11.3.25, and in the next generation since 12.0.5. Asking whether the
  // function exists is no use: `call` answers as if every function did.
  function canMakeAudioClips() {
    var live = version();
    return isSince(live, live[0] >= 12 ? [12, 0, 5] : [11, 3, 25]);
  }

  // Older Live has no such switch, and asking for it writes into Max's console.
  function canSwitchScale() {
    return isSince(version(), [12, 0, 5]);
  }

  // Tempo, meter and key of the set, and whether this Live makes clips of files. `isInKey` is false where the set's
  // Scale is switched off: the key is then what Live keeps for when it is on, and nobody asked for it.
  function facts() {
    var set = at("live_set");
    var intervals = set.get("scale_intervals");
    var scale = [];
    for (var i = 0; intervals && i < intervals.length; i++) {
      if (typeof intervals[i] === "number") {
        scale.push(intervals[i]);
      }
    }
    var numerator = number(set, "signature_numerator", 4);
    var denominator = number(set, "signature_denominator", 4);
    return {
      tempo: number(set, "tempo", 120), numerator: numerator, denominator: denominator,
      barBeats: 4 * numerator / denominator,
      canPlace: canMakeAudioClips(), isInKey: !canSwitchScale() || flag(set, "scale_mode"),
      key: Harmony.key(number(set, "root_note", 0), text(set, "scale_name"), scale)
    };
  }

  // The track that the device is on, from inside any rack. null where it is on none yet.
  function deviceTrack() {
    var object = at("this_device");
    for (var depth = 0; depth < 32 && exists(object); depth++) {
      if (/^live_set (tracks \d+|return_tracks \d+|master_track)$/.test(path(object))) {
        return object;
      }
      object = at(path(object) + " canonical_parent");
    }
    return null;
  }

  // Why no audio clip can be put on the track, as the rest of a sentence; "" where one can.
  function whyNoAudio(track) {
    if (!track || !exists(track)) {
      return "the device is on no track";
    }
    if (!/^live_set tracks \d+$/.test(path(track))) {
      return "return tracks and the main track hold no clips";
    }
    if (flag(track, "is_foldable")) {
      return "a group track holds no clips";
    }
    if (flag(track, "has_midi_input")) {
      return "a MIDI track holds no audio clips";
    }
    if (flag(track, "is_frozen")) {
      return "the track is frozen: unfreeze it";
    }
    return "";
  }

  // Why no MIDI clip can be made on the track, as the rest of a sentence; "" where one can.
  function whyNoMidi(track) {
    if (!isSince(version(), [11, 0, 0])) {
      return "this Live cannot be told notes: that needs 11.0 or newer";
    }
    if (!track || !exists(track) || !/^live_set tracks \d+$/.test(path(track)) || !flag(track, "has_midi_input")) {
      return "the notes need a MIDI track";
    }
    if (flag(track, "is_frozen")) {
      return "the track is frozen: unfreeze it";
    }
    return "";
  }

  function selectedTrack() {
    var selected = ids(at("live_set view"), "selected_track");
    return selected.length ? byId(selected[0]) : null;
  }

  function selectedClip() {
    var view = at("live_set view");
    var clip = ids(view, "detail_clip");
    if (clip.length) {
      return byId(clip[0]);
    }
    var slot = ids(view, "highlighted_clip_slot");
    if (slot.length && flag(byId(slot[0]), "has_clip")) {
      return at(path(byId(slot[0])) + " clip");
    }
    return null;
  }

  // The set's tracks that take MIDI: where they are, their names, and ids that stay while the set is open.
  function midiTracks() {
    var set = at("live_set");
    var count = set.getcount("tracks");
    var found = [];
    for (var i = 0; i < count; i++) {
      var track = at("live_set tracks " + i);
      if (flag(track, "has_midi_input")) {
        found.push({index: i, name: text(track, "name"), id: Number(track.id)});
      }
    }
    return found;
  }

  // The clip that plays on a track, or else its first one; null where it has none.
  function clipOnTrack(trackIndex) {
    var track = at("live_set tracks " + trackIndex);
    var playing = playingClip(track);
    if (playing) {
      return playing;
    }
    var slots = track.getcount("clip_slots");
    for (var i = 0; i < slots; i++) {
      var clip = clipInScene(track, i);
      if (clip) {
        return clip;
      }
    }
    var arranged = ids(track, "arrangement_clips");
    return arranged.length ? byId(arranged[0]) : null;
  }

  // The clip of a track that plays, in Session or the Arrangement; null where none does.
  function playingClip(track) {
    var slot = number(track, "playing_slot_index", -1);
    return slot >= 0 ? clipInScene(track, slot) : clipAtPlayhead(track);
  }

  // null for an empty slot, and where there is no such scene.
  function clipInScene(track, scene) {
    var slot = scene >= 0 && scene < track.getcount("clip_slots") ? at(path(track) + " clip_slots " + scene) : null;
    return slot && flag(slot, "has_clip") ? at(path(slot) + " clip") : null;
  }

  // The clip that the Arrangement plays on a track; null where none sounds.
  function clipAtPlayhead(track) {
    var set = at("live_set");
    var now = number(set, "current_song_time", 0);
    var found = ids(track, "arrangement_clips").map(byId).filter(function (clip) {
      return number(clip, "start_time", 0) <= now && now < number(clip, "end_time", 0);
    });
    return flag(set, "is_playing") && found.length ? found[0] : null;
  }

  return {at: at, byId: byId, exists: exists, value: value, number: number, flag: flag, text: text, ids: ids,
    path: path, index: index, canMakeAudioClips: canMakeAudioClips, canSwitchScale: canSwitchScale, facts: facts,
    deviceTrack: deviceTrack, whyNoAudio: whyNoAudio, whyNoMidi: whyNoMidi, selectedTrack: selectedTrack,
    selectedClip: selectedClip, midiTracks: midiTracks, clipOnTrack: clipOnTrack, playingClip: playingClip,
    clipInScene: clipInScene};
})();

// --- what a clip holds -----------------------------------------------------------------------------------

var Clips = (function () {
  var SHORTEST_BEATS = 0.05;

  // The notes inside a MIDI clip's loop, from its beginning: [{pitch, start, duration, velocity}], in beats,
  // with the length of that loop. Muted notes are left out, those over its borders are cut.
  function notes(clip) {
    var begin = Live.number(clip, "loop_start", 0);
    var end = Live.number(clip, "loop_end", begin);
    return {notes: inside(end > begin ? sounding(clip, begin, end) : [], begin, end), beats: end - begin};
  }

  // Notes that lie in a stretch, cut at its borders; their starts count from its beginning.
  function inside(notes, begin, end) {
    return notes.map(function (note) {
      var start = Math.max(begin, note.start);
      return {pitch: note.pitch, start: start - begin, velocity: note.velocity,
        duration: Math.min(end, note.start + note.duration) - start};
    }).filter(function (note) { return note.duration > 1e-6; });
  }

  // The notes of a MIDI clip that begin in its first `beats`, however long they ring, and wherever it loops.
  function begun(clip, beats) {
    return sounding(clip, 0, beats);
  }

  function sounding(clip, begin, end) {
    return said(clip, begin, end).filter(function (note) { return !note.mute; }).map(function (note) {
      return {pitch: note.pitch, start: note.start_time, duration: note.duration, velocity: note.velocity};
    });
  }

  // Live's own words for the notes that begin from `from` on and before `to`. One of Max's symbols holds 32767
  // characters, which are about 200 notes: what cannot be read whole is read in halves.
  function said(clip, from, to) {
    var text = clip.call("get_notes_extended", 0, 128, from, to - from);
    try {
      return JSON.parse(text instanceof Array ? text.join(" ") : String(text)).notes || [];
    } catch (error) {
      if (to - from < SHORTEST_BEATS) {
        throw Trouble.saying("Live did not say which notes the clip holds: try a shorter loop.");
      }
    }
    var middle = (from + to) / 2;
    return said(clip, from, middle).concat(said(clip, middle, to));
  }

  // The loop's notes again and again until `beats` are full.
  function tiled(found, beats) {
    var list = [];
    var turns = found.beats > 0 ? Math.ceil(beats / found.beats - 1e-9) : 0;
    for (var turn = 0; turn < Math.min(turns, 1024); turn++) {
      for (var i = 0; i < found.notes.length; i++) {
        var note = found.notes[i];
        var start = note.start + turn * found.beats;
        if (start < beats - 1e-9) {
          list.push({pitch: note.pitch, start_beats: start,
            duration_beats: Math.min(note.duration, beats - start), velocity: note.velocity});
        }
      }
    }
    return list;
  }

  // Describes an audio clip as Live plays it, for bridge/requests/clip_description.py.
  // Throws a Trouble where there is none.
  function heard(clip) {
    if (!clip || !Live.exists(clip)) {
      throw Trouble.saying("Select an audio clip first, in Session or Arrangement.");
    }
    if (!Live.flag(clip, "is_audio_clip")) {
      throw Trouble.saying("The selected clip holds MIDI; select an audio clip.");
    }
    var warping = Live.flag(clip, "warping");
    var tempo = Live.number(Live.at("live_set"), "tempo", 120);
    var markers = warping ? warpMarkers(clip) : [];
    if (warping && markers.length < 2) {
      // Several hundred are more than one of Max's symbols holds.
      throw Trouble.saying("Live did not say how this clip is warped: consolidate it (Cmd-J or Ctrl-J), " +
        "then take it again.");
    }
    return {
      path: Files.plain(Live.text(clip, "file_path")), name: Live.text(clip, "name").slice(0, 200),
      warping: warping, warp_mode: Live.number(clip, "warp_mode", 0),
      warp_markers: markers,
      regions: regions(clip, warping, tempo),
      semitones: Live.number(clip, "pitch_coarse", 0), cents: Live.number(clip, "pitch_fine", 0),
      gain_db: gainDb(clip), tempo: tempo
    };
  }

  // How many beats of the set last what `heard` described; unwarped, a higher pitch goes by faster.
  function heardBeats(description, tempo) {
    var length = description.regions.reduce(function (sum, region) { return sum + region[1] - region[0]; }, 0);
    return description.warping ? length
      : length * tempo / 60 / speed(description.semitones, description.cents);
  }

  function speed(semitones, cents) {
    return Math.pow(2, (semitones + cents / 100) / 12);
  }

  // [{sample_time (seconds), beat_time}], Live's hidden last marker included.
  function warpMarkers(clip) {
    var parsed;
    try {
      parsed = JSON.parse(String(Live.value(clip, "warp_markers", "{}")));
    } catch (error) {
      parsed = {};
    }
    return (parsed.warp_markers || []).map(function (marker) {
      return {sample_time: marker.sample_time, beat_time: marker.beat_time};
    });
  }

  // Live shows decibels as text alone: the number behind `gain` follows a curve of its own.
  function gainDb(clip) {
    var shown = Live.text(clip, "gain_display_string");
    var found = parseFloat(shown);
    return isFinite(found) ? found : (/inf/.test(shown) ? -200 : 0);
  }

  // In beats when warped, else in seconds of the file, which go by faster the higher the clip is transposed.
  function regions(clip, warping, tempo) {
    var begin = Live.number(clip, "loop_start", 0);
    var end = Live.number(clip, "loop_end", begin);
    if (!Live.flag(clip, "is_arrangement_clip")) {
      return [[begin, end]];
    }
    var faster = speed(Live.number(clip, "pitch_coarse", 0), Live.number(clip, "pitch_fine", 0));
    return arranged(clip, begin, end, warping ? 1 : 60 / tempo * faster);
  }

  // What sounds of a clip in the Arrangement: inside the arrangement's loop where that is on and meets it, and
  // unrolled where the clip itself loops. `unit` is a beat's length in what the clip counts in.
  function arranged(clip, loopStart, loopEnd, unit) {
    var set = Live.at("live_set");
    var clipStart = Live.number(clip, "start_time", 0);
    var from = clipStart;
    var to = Live.number(clip, "end_time", clipStart);
    if (Live.flag(set, "loop")) {
      var low = Live.number(set, "loop_start", 0);
      var high = low + Live.number(set, "loop_length", 0);
      if (low < to && high > from) {
        from = Math.max(from, low);
        to = Math.min(to, high);
      }
    }
    var looping = Live.flag(clip, "looping") && loopEnd > loopStart;
    var place = (looping ? Live.number(clip, "start_marker", loopStart) : loopStart) + (from - clipStart) * unit;
    var left = (to - from) * unit;
    if (!looping) {
      return [[place, place + left]];
    }
    var list = [];
    if (place >= loopEnd) {
      place = loopStart + (place - loopStart) % (loopEnd - loopStart);
    }
    while (left > 1e-9 && list.length < 2048) {
      var stop = Math.min(loopEnd, place + left);
      list.push([place, stop]);
      left -= stop - place;
      place = loopStart;
    }
    return list;
  }

  return {notes: notes, begun: begun, inside: inside,
    tiled: tiled, heard: heard, heardBeats: heardBeats, warpMarkers: warpMarkers};
})();

// --- later ---------------------------------------------------------------------------------------------

// Max's [delay] stands still while audio is off; a Task does not. All of them end with the device.
var Later = (function () {
  var running = {};

  // Calls `work` once after so many milliseconds; a later call of the same name replaces an earlier one.
  function once(name, milliseconds, work) {
    cancel(name);
    running[name] = new Task(function () {
      delete running[name];
      work();
    });
    running[name].schedule(milliseconds);
  }

  function cancel(name) {
    if (running[name]) {
      running[name].cancel();
      delete running[name];
    }
  }

  function cancelAll() {
    Object.keys(running).forEach(cancel);
  }

  return {once: once, cancel: cancel, cancelAll: cancelAll};
})();

// --- takes into the set ----------------------------------------------------------------------------------

// A take here is {path, name, seconds, fileBeats, beats}: a file that rings on after its last bar has more beats
// than its music. Every function calls `done(error, sentence)` once: `error` is a sentence or "", the other says
// where the clip went. The set is changed by buttons and tasks alone.
var Placing = (function () {
  var COLOUR = 0x3dc300;
  var COMPLEX = 4;
  // Live sets `warping` a moment later by itself, so what was set is read back after this time.
  var SETTLE_MS = 120;
  var NEAR_BEATS = 1e-3;
  var NEAR_SECONDS = 2e-3;

  var GONE = "The clip went away while it was set up.";
  var FALLBACK = " Its file is in the takes folder (Reveal): drag it in from there.";

  function session(take, done) {
    var ready = prepared(take);
    if (ready.error) {
      done(ready.error + FALLBACK, "");
      return;
    }
    var slot = freeSlot(ready.track, true);
    made(slot.path, take, function (error) {
      done(error, "Placed in scene " + (slot.scene + 1) + " of " + ready.where + ".");
    });
  }

  // At the playhead. A clip is made and set up in Session, copied, and taken away again: made in the
  // Arrangement directly, its length would be whatever Live's preferences say.
  function arrangement(take, done) {
    var ready = prepared(take);
    if (ready.error) {
      done(ready.error + FALLBACK, "");
      return;
    }
    var beats = Live.number(Live.at("live_set"), "current_song_time", 0);
    var slot = freeSlot(ready.track, false);
    var trackPath = Live.path(ready.track);
    made(slot.path, take, function (error) {
      var clip = Live.at(slot.path + " clip");
      var isMade = Live.exists(clip);
      if (isMade) {
        Live.at(trackPath).call("duplicate_clip_to_arrangement", ["id", Number(clip.id)], beats);
        Live.at(slot.path).call("delete_clip");
      }
      if (slot.isNewScene) {
        Live.at("live_set").call("delete_scene", slot.scene);
      }
      if (isMade && !arrangedAt(trackPath, beats)) {
        error = "Live put no clip at the playhead: is something recorded on this track?" + FALLBACK;
      }
      done(error, "Placed in the Arrangement, at the playhead, on " + ready.where + ".");
    });
  }

  // {track, where} for what the take can go to, in words too; or {error}.
  function prepared(take) {
    if (!take) {
      return {error: "There is no take yet: press Generate first."};
    }
    if (!Live.canMakeAudioClips()) {
      return {error: "This Live cannot make clips of files: that needs 11.3.25, 12.0.5 or newer."};
    }
    if (!Files.isWhole(take.path)) {
      return {error: "The take has no whole path: ask for it again."};
    }
    var track = Live.deviceTrack();
    var why = Live.whyNoAudio(track);
    if (!why) {
      return {track: track, where: "this track"};
    }
    // Where the device cannot place beside itself, the selected track may do.
    var other = Live.selectedTrack();
    if (!Live.whyNoAudio(other)) {
      return {track: other, where: "the selected track " + Live.text(other, "name")};
    }
    return {error: "Not placed: " + why + ". Put the device on an audio track, or select one."};
  }

  // The next empty slot from the selected scene down; else a new scene's. `below` false takes any empty one.
  function freeSlot(track, below) {
    var trackPath = Live.path(track);
    var selected = Live.ids(Live.at("live_set view"), "selected_scene");
    var first = below && selected.length ? Math.max(0, Live.index(Live.byId(selected[0]), "scenes")) : 0;
    var count = track.getcount("clip_slots");
    for (var scene = first; scene < count; scene++) {
      var path = trackPath + " clip_slots " + scene;
      if (!Live.flag(Live.at(path), "has_clip")) {
        return {path: path, scene: scene, isNewScene: false};
      }
    }
    Live.at("live_set").call("create_scene", -1);
    return {path: trackPath + " clip_slots " + count, scene: count, isNewScene: true};
  }

  // Makes the clip in an empty slot, sets it up and reads it back; `then(error)`.
  function made(slotPath, take, then) {
    var slot = Live.at(slotPath);
    slot.call("create_audio_clip", take.path);
    // `call` answers alike whether it worked or not.
    if (!Live.flag(Live.at(slotPath), "has_clip")) {
      then("Live made no clip of " + take.name + ": is the file still there?" + FALLBACK);
      return;
    }
    var clip = Live.at(slotPath + " clip");
    clip.set("name", Files.withSuffix(take.name, ""));
    clip.set("color", COLOUR);
    clip.set("warping", 1);
    Later.once("warp " + slotPath, SETTLE_MS, function () {
      warped(slotPath, take, then);
    });
  }

  function warped(slotPath, take, then) {
    var clip = Live.at(slotPath + " clip");
    if (!Live.exists(clip)) {
      then(GONE);
      return;
    }
    if (Live.flag(clip, "warping")) {
      straighten(clip, take);
      clip.set("warp_mode", COMPLEX);
      clip.set("looping", 1);
      // The end goes first: a loop's beginning must lie before it.
      clip.set("loop_end", take.beats);
      clip.set("loop_start", 0);
      clip.set("loop_end", take.beats);
      clip.set("end_marker", take.beats);
      clip.set("start_marker", 0);
    }
    Later.once("verify " + slotPath, SETTLE_MS, function () {
      var found = Live.at(slotPath + " clip");
      if (!Live.exists(found)) {
        then(GONE);
      } else if (isRight(found, take)) {
        then("");
      } else {
        unwarp(slotPath, take, then);
      }
    });
  }

  // The whole file over its own beats, whatever tempo Live guessed: one straight line.
  function straighten(clip, take) {
    var markers = Clips.warpMarkers(clip);
    if (markers.length < 2 || isStraight(markers, take)) {
      return;
    }
    var first = markers[0];
    // The hidden last marker cannot be moved; it follows the one before it.
    for (var i = markers.length - 2; i > 0; i--) {
      clip.call("remove_warp_marker", markers[i].beat_time);
    }
    // Live likes to pin the first transient rather than the file's beginning: it goes where the line has it.
    var wanted = first.sample_time * take.fileBeats / take.seconds;
    if (Math.abs(first.beat_time - wanted) > 1e-9) {
      clip.call("move_warp_marker", first.beat_time, wanted - first.beat_time);
    }
    var last = new Dict();
    last.set("sample_time", take.seconds);
    last.set("beat_time", take.fileBeats);
    clip.call("add_warp_marker", last);
  }

  function isStraight(markers, take) {
    var per = take.seconds / take.fileBeats;
    return markers.every(function (marker) {
      return Math.abs(marker.sample_time - marker.beat_time * per) < NEAR_SECONDS;
    });
  }

  function isRight(clip, take) {
    function near(property, wanted) {
      return Math.abs(Live.number(clip, property, NaN) - wanted) < NEAR_BEATS;
    }
    return Live.flag(clip, "warping") && Live.flag(clip, "looping") && near("loop_start", 0) &&
      near("loop_end", take.beats) && near("start_marker", 0) && isStraight(Clips.warpMarkers(clip), take);
  }

  // What Live warped in its own way plays unwarped instead, whole and exact at its own tempo.
  function unwarp(slotPath, take, then) {
    Live.at(slotPath + " clip").set("warping", 0);
    Later.once("unwarp " + slotPath, SETTLE_MS, function () {
      var clip = Live.at(slotPath + " clip");
      if (!Live.exists(clip)) {
        then(GONE);
        return;
      }
      if (Live.flag(clip, "warping")) {
        then("Placed, but Live warped it in its own way: switch Warp off in the clip, and it plays at its own tempo.");
        return;
      }
      // Unwarped, these count in seconds.
      clip.set("loop_end", take.seconds);
      clip.set("loop_start", 0);
      clip.set("end_marker", take.seconds);
      clip.set("start_marker", 0);
      then("Placed, but Live warped it in its own way, so Warp is off now: it plays exactly at its own tempo.");
    });
  }

  function arrangedAt(trackPath, beats) {
    return Live.ids(Live.at(trackPath), "arrangement_clips").some(function (id) {
      return Math.abs(Live.number(Live.byId(id), "start_time", NaN) - beats) < NEAR_BEATS;
    });
  }

  return {session: session, arrangement: arrangement, freeSlot: freeSlot};
})();

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

// --- what plays in the set -------------------------------------------------------------------------------

// The clips that play now; where none with notes does, those of the selected scene. Notes are those of MIDI clips, and
// of audio clips that are takes.
var Ensemble = (function () {
  var MOST_BARS = 64;
  var LOW_PITCH = 48;
  // Words in the names of clips and tracks that tell a part, the surest first.
  var WORDS = [
    ["drums", /drum|\bkit\b|beat|perc|kick|snare|hi-?hat/],
    ["bass", /bass|sub/],
    ["pad", /pad|string|choir/],
    ["lead", /lead|melod|voc|voice|vox|solo/],
    ["keys", /key|piano|chord|organ|rhodes|guitar/]
  ];

  // What the others play, where `part` is to be written: {notes for a file, beats, hasPitches}, as long as the longest
  // loop, in whole bars; shorter loops are repeated. Throws a Trouble.
  function without(part, barBeats) {
    var all = voices();
    var others = all.filter(function (voice) { return voice.part !== part; });
    if (!others.length) {
      throw Trouble.saying(all.length ? "Nothing but " + part + " plays: choose another part in the Part menu."
        : "No notes play: launch clips with notes, or select a scene that has some.");
    }
    var longest = Math.max.apply(null, others.map(function (voice) { return voice.beats; }));
    var bars = Math.max(1, Math.min(MOST_BARS, Math.ceil(longest / barBeats - 1e-6)));
    var notes = [];
    others.forEach(function (voice) {
      Clips.tiled(voice, bars * barBeats).forEach(function (note) {
        note.part = voice.part;
        note.velocity = Math.max(1, Math.round(note.velocity));
        notes.push(note);
      });
    });
    return {notes: notes, bars: bars,
      hasPitches: others.some(function (voice) { return voice.part !== "drums"; })};
  }

  function voices() {
    var playing = [];
    var selected = [];
    var scene = selectedScene();
    var count = Live.at("live_set").getcount("tracks");
    for (var i = 0; i < count; i++) {
      var track = Live.at("live_set tracks " + i);
      if (isHeard(track)) {
        keep(playing, track, Live.playingClip(track));
        keep(selected, track, Live.clipInScene(track, scene));
      }
    }
    return playing.length ? playing : selected;
  }

  function selectedScene() {
    var found = Live.ids(Live.at("live_set view"), "selected_scene");
    return found.length ? Live.index(Live.byId(found[0]), "scenes") : -1;
  }

  function isHeard(track) {
    return !Live.flag(track, "is_foldable") && !Live.flag(track, "mute") && !Live.flag(track, "muted_via_solo");
  }

  function keep(list, track, clip) {
    var voice = clip && !Live.flag(clip, "muted") ? read(track, clip) : null;
    if (voice && voice.notes.length) {
      list.push(voice);
    }
  }

  // A clip's loop: {part, notes, beats}; null for audio that is no take.
  function read(track, clip) {
    if (Live.flag(clip, "is_midi_clip")) {
      var found = Clips.notes(clip);
      return {part: partOf(track, clip, found.notes), notes: found.notes, beats: found.beats};
    }
    var path = Files.plain(Live.text(clip, "file_path"));
    var take = Takes.describe(path, "");
    var score = take && Scores.known(path);
    if (!score) {
      return null;
    }
    var isWarped = Live.flag(clip, "warping");
    var begin = isWarped ? Live.number(clip, "loop_start", 0) : 0;
    var end = isWarped ? Live.number(clip, "loop_end", take.beats) : take.beats;
    return {part: score.part, notes: Clips.inside(score.notes, begin, end), beats: end - begin};
  }

  // Who plays a MIDI clip: the part of the take that it is of, a Drum Rack, a word in a name; else low notes are the
  // bass's, others the keys'.
  function partOf(track, clip, notes) {
    var name = Live.text(clip, "name");
    var take = Scores.takeNamed(name);
    var score = take && Scores.known(take.path);
    if (score) {
      return score.part;
    }
    return hasDrumRack(track) ? "drums" : inName(name) || inName(Live.text(track, "name")) || byPitch(notes);
  }

  function hasDrumRack(track) {
    return Live.ids(track, "devices").some(function (id) { return Live.flag(Live.byId(id), "can_have_drum_pads"); });
  }

  function inName(name) {
    var found = WORDS.filter(function (one) { return one[1].test(name.toLowerCase()); });
    return found.length ? found[0][0] : "";
  }

  function byPitch(notes) {
    var sum = notes.reduce(function (total, note) { return total + note.pitch; }, 0);
    return sum < LOW_PITCH * notes.length ? "bass" : "keys";
  }

  return {without: without};
})();

// --- what the device shows and keeps -----------------------------------------------------------------

// Everything that leaves goes through here. Equal messages are not repeated, and each text that leaves is
// from a small fixed stock: every new one would stay in Max's symbol table for good.
var Panel = (function () {
  var GREY = 0;
  var RED = 1;
  var GREEN = 2;
  var YELLOW = 3;
  var ORANGE = 4;

  var shownStatus = "";
  var shownProgress = -1;
  var isStoring = false;
  var keeps = {};
  var annotations = {};

  function status(light, text) {
    var line = light + " " + text;
    if (line !== shownStatus) {
      shownStatus = line;
      outlet(0, "status", light, text.slice(0, 250));
    }
  }

  function progress(fraction) {
    var steps = Math.round(Math.max(0, Math.min(1, fraction)) * 200) / 200;
    if (steps !== shownProgress) {
      shownProgress = steps;
      outlet(0, "progress", steps);
    }
  }

  function set(name, value) {
    outlet(0, "set", name, value);
  }

  // What Live's info view says of a control.
  function annotate(name, text) {
    if (annotations[name] !== text) {
      annotations[name] = text;
      outlet(0, "annotate", name, text);
    }
  }

  function menu(name, items) {
    outlet.apply(null, [0, "menu", name].concat(items.length ? items : ["-"]));
  }

  // Each may be a step of undo, so what is stored already is not stored again. The patch says `stored` while
  // it stores, which is no news.
  function store(name, atoms) {
    var kept = atoms.length ? atoms : ["-"];
    if (keeps[name] === kept.join("\n")) {
      return;
    }
    keep(name, kept);
    isStoring = true;
    outlet.apply(null, [0, "store", name].concat(kept));
    isStoring = false;
  }

  // What the Live set has by now.
  function keep(name, atoms) {
    keeps[name] = atoms.join("\n");
  }

  // After a reload of the patch nothing is shown yet.
  function forget() {
    shownStatus = "";
    shownProgress = -1;
    annotations = {};
  }

  return {GREY: GREY, RED: RED, GREEN: GREEN, YELLOW: YELLOW, ORANGE: ORANGE,
    status: status, progress: progress, set: set, annotate: annotate, menu: menu, store: store, keep: keep,
    forget: forget, isStoring: function () { return isStoring; }};
})();

// --- the bridge, at the other end of two sockets ---------------------------------------------------------

// The device hears at a port of its own. It tries one, says hello with that port and a nonce, and takes the
// next when no welcome with that nonce comes: another device has the port, or the bridge is not running.
var Link = (function () {
  var FIRST_PORT = 9810;
  var PORTS = 100;
  var WELCOME_MS = 500;
  var PATIENT_MS = 2000;
  var QUICK_TRIES = 6;
  var BEAT_MS = 2000;
  var MISSED_BEATS = 3;

  // Letters of this instance: jobs and welcomes that begin with them are ours.
  var nonce = "m4l" + Math.floor(Math.random() * 2176782336).toString(36) +
    (new Date().getTime() % 1679616).toString(36);
  var port = 0;
  var tries = 0;
  var missed = 0;
  var isUp = false;
  var exchange = "";
  var takesFolder = "";
  var onUp = function () {};
  var onDown = function () {};

  function send(path, args) {
    outlet.apply(null, [0, "osc", path].concat(args));
  }

  // Begins, or begins again: `lastPort` is the one that worked before, 0 for none.
  function start(lastPort, callbacks) {
    onUp = callbacks.up;
    onDown = callbacks.down;
    port = lastPort >= FIRST_PORT && lastPort < FIRST_PORT + PORTS ? lastPort
      : FIRST_PORT + Math.floor(Math.random() * 10);
    restart();
  }

  function restart() {
    var wasUp = isUp;
    isUp = false;
    tries = 0;
    Later.cancel("beat");
    if (wasUp) {
      onDown();
    }
    knock();
  }

  function knock() {
    outlet(0, "port", port);
    send("hello", [nonce, port]);
    tries += 1;
    Later.once("knock", tries <= QUICK_TRIES ? WELCOME_MS : PATIENT_MS, function () {
      port = FIRST_PORT + (port - FIRST_PORT + 1) % PORTS;
      if (tries === QUICK_TRIES) {
        onDown();
      }
      knock();
    });
  }

  function welcome(itsNonce, takes, folder) {
    if (itsNonce !== nonce) {
      return;
    }
    missed = 0;
    takesFolder = takes;
    exchange = folder;
    if (!isUp) {
      isUp = true;
      Later.cancel("knock");
      Panel.store("port", [port]);
      beat();
      onUp();
    }
  }

  // Renews the lease and asks for a sign of life. A bridge that was restarted has forgotten us: the next
  // beat subscribes again, so nothing has to notice the restart.
  function beat() {
    missed += 1;
    if (missed > MISSED_BEATS) {
      restart();
      return;
    }
    send("hello", [nonce, port]);
    send("notify", [1, port]);
    send("status", [1]);
    Later.once("beat", BEAT_MS, beat);
  }

  function stop() {
    if (isUp) {
      send("notify", [0, port]);
    }
    isUp = false;
  }

  function isOurs(jobId) {
    return String(jobId).indexOf(nonce + "-") === 0;
  }

  return {send: send, start: start, restart: restart, welcome: welcome, stop: stop, isOurs: isOurs,
    up: function () { return isUp; }, nonce: function () { return nonce; }, port: function () { return port; },
    exchange: function () { return exchange; }, takesFolder: function () { return takesFolder; }};
})();

// --- takes: a list, one of them heard ----------------------------------------------------------------

var Takes = (function () {
  var MOST = 16;
  var GATE_MS = 30;
  var LOAD_MS = 4000;
  var SNAP_BEATS = 0.01;
  var NO_TAKE = "The takes of this device; the chosen one is heard.";

  var list = [];
  var current = -1;
  var previewing = false;
  var loadedPath = "";
  var onTrouble = function () {};

  // A take as the recipe beside it says; null where there is none.
  function describe(path, jobId) {
    var recipe = Files.readJson(Files.withSuffix(path, ".json"));
    var request = recipe && recipe.request;
    if (!request || !(recipe.seconds > 0) || !(request.bpm > 0)) {
      return null;
    }
    // The bars of other verbs are not their length: an outpainted take is longer by its source. An edited take has
    // those of the take that it was made of.
    var isAsAsked = (request.verb === "generate" || request.renew_bars) && request.bars > 0;
    return make(path, recipe.seconds, request.bpm,
      isAsAsked ? request.bars * 4 * request.numerator / request.denominator : 0, jobId);
  }

  // `asked`: the beats that were asked for, 0 where the source said how long it is. The file may have more
  // than its music: what rings on after the last bar.
  function make(path, seconds, bpm, asked, jobId) {
    var fileBeats = countedBeats(seconds * bpm / 60, asked);
    return {path: path, name: Files.baseName(path), seconds: seconds, fileBeats: fileBeats,
      beats: asked > 0 && asked < fileBeats ? asked : fileBeats, jobId: jobId, starred: false};
  }

  // A length that is nearly the asked one, or nearly whole sixteenths, is so exactly.
  function countedBeats(beats, asked) {
    var sixteenths = Math.round(beats * 4) / 4;
    var exact = [asked, sixteenths].filter(function (one) {
      return one > 0 && Math.abs(beats - one) < SNAP_BEATS;
    });
    return exact.length ? exact[0] : beats;
  }

  // What tells takes apart where a closed menu shows a dozen letters: the number in the file's name, then its
  // part, verb or preset. "four_parts_120bpm_Cmajor_2bars_572610199_lead_8.wav" -> "8 lead"
  function label(name) {
    var stem = Files.withSuffix(name, "");
    var match = /^(.+?)_[\d.]+bpm_(?:.+_)?(?:[\d.]+(?:bars|s)|([a-z]+))_\d+_(?:([a-z]+)_)?(\d+)$/.exec(stem);
    if (match) {
      return match[4] + " " + (match[3] || match[2] || match[1]);
    }
    // A name by another template: its number first, whatever else is cut off.
    var number = /\d+$/.exec(stem);
    return number ? number[0] + " " + stem : stem;
  }

  function add(take, isFirst) {
    list = list.filter(function (other) { return other.path !== take.path; }).concat([take]).slice(-MOST);
    keep();
    if (isFirst || current < 0) {
      choose(list.length - 1);
    } else {
      current = Math.min(current, list.length - 1);
      show();
    }
  }

  // What the Live set kept. Files that are gone, or without their recipe, are left out.
  function restore(paths) {
    if (list.length) {
      return;
    }
    for (var i = 0; i < paths.length; i++) {
      var take = paths[i] && paths[i] !== "-" ? describe(String(paths[i]), "") : null;
      if (take) {
        list.push(take);
      }
    }
    current = list.length - 1;
    show();
  }

  function keep() {
    Panel.store("takes", list.map(function (take) { return take.path; }));
  }

  function choose(index) {
    if (index >= 0 && index < list.length) {
      current = index;
      show();
      if (previewing) {
        load();
      }
    }
  }

  function step(by) {
    if (list.length) {
      choose((current + by + list.length) % list.length);
    }
  }

  function show() {
    var take = heard();
    Panel.menu("takes", list.map(function (one) { return label(one.name); }));
    Panel.set("takes", Math.max(0, current));
    Panel.set("take", take ? (current + 1) + " of " + list.length : "-");
    Panel.set("star", take && take.starred ? 1 : 0);
    // The closed menu has no room for a whole name.
    Panel.annotate("takes", take ? take.name : NO_TAKE);
  }

  function heard() {
    return current >= 0 ? list[current] : null;
  }

  // The take whose file has this name, without its ending; the newest, and null where there is none.
  function named(stem) {
    return list.filter(function (take) { return Files.withSuffix(take.name, "") === stem; }).pop() || null;
  }

  // All takes of the request that the heard one came from; after a reload nobody knows, so all there are.
  function together() {
    var take = heard();
    return list.filter(function (other) { return take && other.jobId === take.jobId; });
  }

  function preview(on) {
    previewing = Boolean(on) && Boolean(heard());
    Panel.set("preview", previewing ? 1 : 0);
    if (previewing) {
      load();
    } else {
      Later.cancel("load");
      Later.cancel("loaded");
      outlet(0, "preview_gate", 0);
    }
    return previewing;
  }

  // Closed, changed, opened: a buffer that changes while it sounds clicks.
  function load() {
    outlet(0, "preview_gate", 0);
    Later.once("load", GATE_MS, function () {
      loadedPath = heard().path;
      outlet(0, "preview_load", Files.forMax(loadedPath));
      Later.once("loaded", LOAD_MS, function () {
        preview(0);
        onTrouble("The take cannot be read any more: its file was moved or deleted.");
      });
    });
  }

  function loaded() {
    Later.cancel("loaded");
    var take = heard();
    if (previewing && take && take.path === loadedPath) {
      outlet(0, "preview_length", take.beats, take.seconds * 1000 * take.beats / take.fileBeats);
      outlet(0, "preview_gate", 1);
    }
  }

  // Without the bridge nobody keeps the star: it goes out again, and the status says why.
  function star(on) {
    var take = heard();
    if (take && Link.up()) {
      take.starred = Boolean(on);
      Link.send("take/star", [take.path, on ? 1 : 0]);
    }
    show();
  }

  // What the bridge says became of a star.
  function starred(name, on) {
    list.forEach(function (take) {
      if (take.name === name) {
        take.starred = Boolean(on);
      }
    });
    show();
  }

  return {describe: describe, make: make, add: add, restore: restore, choose: choose, step: step, heard: heard,
    named: named, together: together, preview: preview, loaded: loaded, star: star, starred: starred, show: show,
    count: function () { return list.length; },
    whenTrouble: function (work) { onTrouble = work; }};
})();

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

// --- what becomes of requests ----------------------------------------------------------------------------------

var Jobs = (function () {
  var ANSWER_MS = 5000;
  var SOURCE_MS = 70000;
  var SYNC_MS = 200;
  var IDLE_REPLIES = 3;

  var counter = 0;
  // By job id: {verb, args, beats, state: "asked" or "queued", asked: how often, lost: how often in vain,
  // isCancelled: by the musician, though the bridge has not said so yet}.
  var active = {};
  // Given up while the bridge was away: it may have heard of them all the same.
  var unwanted = [];
  var idle = 0;
  var percent = 0;

  // One literal for each verb: the tests hold them against the bridge's table.
  var ASK = {
    generate: function (args) { Link.send("generate", args); },
    vary: function (args) { Link.send("vary", args); },
    interpolate: function (args) { Link.send("interpolate", args); },
    inpaint: function (args) { Link.send("inpaint", args); },
    outpaint: function (args) { Link.send("outpaint", args); },
    edit: function (args) { Link.send("edit", args); },
    complete: function (args) { Link.send("complete", args); }
  };

  // Asks for takes. Throws a Trouble.
  function ask(controls, facts, notes) {
    var list = Requests.pairs(controls, facts);
    if (notes && notes.length) {
      list.push("notes", Requests.writeNotes(notes));
    }
    begin(controls.verb, list, controls.verb === "generate" ? controls.bars * facts.barBeats : 0);
  }

  // Asks for a take once more with other notes. Throws a Trouble.
  function edit(take, notes) {
    begin("edit", [take.path, "notes", Requests.writeNotes(notes, take.beats)], take.beats);
  }

  // Asks for the part that is missing. Throws a Trouble.
  function complete(controls, facts, found) {
    begin("complete", Requests.completing(controls, facts, found), found.bars * facts.barBeats);
  }

  function begin(verb, args, beats) {
    counter += 1;
    var id = Link.nonce() + "-" + counter;
    active[id] = {verb: verb, args: [id].concat(args), beats: beats, state: "asked", asked: 0, lost: 0,
      isCancelled: false};
    post(id);
  }

  function post(id) {
    var job = active[id];
    job.asked += 1;
    ASK[job.verb](job.args);
    Link.send("sync", [id]);
    var readsAudio = job.verb === "edit" || Requests.needsSource(job.verb);
    Later.once("answer " + id, readsAudio ? SOURCE_MS : ANSWER_MS, function () {
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
    if (!isActive(id) || active[id].state !== "asked" || active[id].isCancelled) {
      return;
    }
    active[id].lost += 1;
    if (active[id].lost > 1) {
      delete active[id];
      Words.fail("The bridge did not answer this request: ask again.");
      return;
    }
    post(id);
  }

  // While the bridge is away, what it never confirmed is given up at once; the rest waits until it is back.
  function cancel() {
    Object.keys(active).forEach(function (id) {
      active[id].isCancelled = true;
      if (!Link.up() && active[id].state === "asked") {
        unwanted.push(id);
        ended(id);
      }
    });
    insist();
  }

  // A bridge that goes in that moment, or comes back, has not heard of it: it is told until it answers.
  function insist() {
    Object.keys(active).concat(unwanted).forEach(function (id) {
      if (Link.up() && (!isActive(id) || active[id].isCancelled)) {
        Link.send("cancel", [id]);
      }
    });
    unwanted = Link.up() ? [] : unwanted;
  }

  function isCancelled(id) {
    return isActive(id) && active[id].isCancelled;
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

  // Of a job that was given up, or went by unheard, the recipe beside the file knows how much of it is music.
  function take(id, index, path, seconds, bpm) {
    if (Link.isOurs(id) && Files.isWhole(path) && isLength(seconds) && isLength(bpm)) {
      var told = isActive(id) ? Takes.make(path, seconds, bpm, active[id].beats, id)
        : Takes.describe(path, id) || Takes.make(path, seconds, bpm, 0, id);
      Takes.add(told, index === 0);
    }
  }

  function isLength(number) {
    return number > 0 && isFinite(number);
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
      if (active[id].state === "asked" && !active[id].isCancelled) {
        post(id);
      }
    });
    insist();
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

  return {ask: ask, edit: edit, complete: complete, cancel: cancel, insist: insist, isCancelled: isCancelled,
    synced: synced, queued: queued, progress: progress, take: take, ended: ended, isHeardBefore: isHeardBefore,
    resume: resume, settle: settle, count: count, isAsking: isAsking, percent: function () { return percent; }};
})();

// --- hearing: what the bridge hears in an audio clip, and its chords on offer ------------------------------------

var Hearing = (function () {
  // Longer than the bridge needs for the longest clip on a busy machine.
  var ANSWER_MS = 300000;
  var WORDS_MS = 20000;
  var SURE = 0.5;
  var SAME_TEMPO = 0.04;
  var OCTAVES = {0.5: " (double the set's tempo)", 1: "", 2: " (half the set's tempo)"};
  var MOST_SHOWN = 40;
  var NO_OFFER = "Writes the chords that were heard in an audio clip, with their key.";

  // The clip whose answer is awaited; null for none.
  var clip = null;
  // How many answers are awaited, those about earlier clips too: an error does not say which it is about.
  var awaited = 0;
  // {chords, key, name} of the clip that was heard last; null where no chords were.
  var offer = null;

  // Asks what is heard in an audio clip, as Live plays it. Throws a Trouble.
  function begin(object) {
    if (!Link.up()) {
      return; // the status says so already
    }
    var facts = Following.read();
    var source = Requests.describeSource(object, "heard");
    clip = {path: source.path, name: source.label.slice(0, 24), isWarped: source.clip.warping,
      tempo: facts.tempo, barBeats: facts.barBeats, rate: Live.number(object, "sample_rate", 44100),
      beats: Clips.heardBeats(source.clip, facts.tempo)};
    setOffer(null);
    awaited += 1;
    Link.send("listen", [clip.path]);
    Later.once("heard", ANSWER_MS, function () {
      drop();
      Words.fail("The bridge did not say what it hears in this clip: press Hear clip again.");
    });
  }

  // No answer will come any more.
  function drop() {
    clip = null;
    awaited = 0;
    Later.cancel("heard");
  }

  // The bridge's answer; one about an earlier clip is left alone.
  function heard(path, bpm, numerator, denominator, firstBeat, key, chords, confidence) {
    awaited = Math.max(0, awaited - 1);
    if (!clip || path !== clip.path) {
      return;
    }
    var asked = clip;
    clip = null;
    Later.cancel("heard");
    tell(asked, {bpm: bpm, meter: numerator > 0 ? numerator + "/" + denominator : "",
      barBeats: numerator > 0 ? 4 * numerator / denominator : asked.barBeats,
      seconds: Math.max(0, firstBeat) / asked.rate, key: key, chords: chords, confidence: confidence});
  }

  // The bridge refused a clip, and the status says why; where that was an earlier one, the answer still comes.
  function failed() {
    awaited = Math.max(0, awaited - 1);
    if (!awaited) {
      drop();
    }
  }

  function tell(asked, said) {
    var octave = octaveOf(said.bpm, asked.tempo);
    // The clip's beat on which the chords begin.
    var start = octave ? Math.round(said.seconds * asked.tempo / 60) : 0;
    var all = said.chords ? laidOut(asked, said, octave, start) : [];
    var list = fitting(all);
    setOffer(list.length ? {chords: list.join(" "), key: said.key, name: asked.name} : null);
    var offBeats = start % asked.barBeats;
    var warnings = [octave ? "" : misfit(asked, said),
      offer && offBeats ? "Its bars begin on beat " + (offBeats + 1) + " of the clip's." : "",
      list.indexOf("N.C.") >= 0 ? "N.C. stands where no chord is sure." : "",
      list.length < all.length ? "They are too many: the last ones are left out." : ""].filter(Boolean);
    var isFine = offer && said.confidence >= SURE && !warnings.length;
    Words.tell(isFine ? Panel.GREEN : Panel.ORANGE, [whatIsSure(asked, said, octave)].concat(
      offer ? "As heard takes its chords: " + shortened(offer.chords) + "." : [], warnings).join(" "), WORDS_MS);
  }

  function whatIsSure(asked, said, octave) {
    if (!said.bpm && !said.key && !said.chords) {
      return "Heard nothing in " + asked.name + " that is sure: no tempo, key or chords.";
    }
    var tempo = said.bpm ? Math.round(said.bpm * 10) / 10 + " bpm" + (OCTAVES[octave] || "") : "no sure tempo";
    var facts = [tempo, said.meter, said.key || "no sure key", said.chords ? "" : "no sure chords"].filter(Boolean);
    return (said.bpm && said.confidence < SURE ? "Not quite sure: " : "") + asked.name + ": " + facts.join(", ") + ".";
  }

  function misfit(asked, said) {
    if (!said.bpm) {
      return offer ? "They may not line up with the clip." : "";
    }
    return "That is not the set's tempo: " + (asked.isWarped ? "mend the clip's warp markers" : "warp the clip") +
      (offer ? ", and they line up." : ".");
  }

  function shortened(chords) {
    return chords.length > MOST_SHOWN ? chords.slice(0, chords.lastIndexOf(" ", MOST_SHOWN)) + " ..." : chords;
  }

  // How many of the set's quarter notes pass in one that was heard; 0 where the tempos are no octaves of each other.
  function octaveOf(bpm, tempo) {
    return [1, 2, 0.5].filter(function (octave) {
      return Math.abs(bpm * octave / tempo - 1) <= SAME_TEMPO;
    })[0] || 0;
  }

  // The chords as the field has them, from the clip's beginning to its end; at another tempo a bar of the set's for
  // each that was heard. Chords that repeat go on before and after the bars that were heard.
  function laidOut(asked, said, octave, start) {
    var bars = said.chords.split(/ *\| */);
    var unit = octave || asked.barBeats / said.barBeats;
    var barBeats = said.barBeats * unit;
    var period = periodOf(bars);
    function slots(bar) {
      var text = bars[bar] || (period ? bars[(bar % period + period) % period] : "N.C.");
      return text.split(" ").map(function (word) {
        var parts = word.split(":");
        return {text: parts[0], beats: (Number(parts[1]) || said.barBeats) * unit};
      });
    }
    var first = -Math.floor(start / barBeats);
    var end = Math.max(bars.length, octave && Math.floor((asked.beats - start) / barBeats + 1e-6));
    var list = [{text: slots(first - 1).pop().text, beats: start % barBeats}];
    for (var bar = first; bar < end; bar++) {
      list = list.concat(slots(bar));
    }
    // The clip's end may cut a bar.
    var rest = asked.beats - start - end * barBeats;
    var cut = period ? slots(end)[0] : list[list.length - 1];
    list.push({text: cut.text, beats: octave && rest});
    return once(list.filter(function (slot) { return slot.beats >= 0.125; }).map(function (slot) {
      var isBar = Math.abs(slot.beats - asked.barBeats) < 1e-6;
      return isBar ? slot.text : slot.text + ":" + Number(slot.beats.toFixed(6));
    }));
  }

  // After how many items a list repeats, heard twice at least; 0 for never.
  function periodOf(list) {
    for (var period = 1; period <= list.length / 2; period++) {
      if (list.slice(period).join() === list.slice(0, -period).join()) {
        return period;
      }
    }
    return 0;
  }

  // A progression repeats by itself.
  function once(list) {
    var period = periodOf(list);
    return period && list.length % period === 0 ? list.slice(0, period) : list;
  }

  function fitting(chords) {
    var length = -1;
    return chords.filter(function (chord) {
      length += chord.length + 1;
      return length <= Requests.MOST_CHORD_CHARACTERS;
    });
  }

  function setOffer(itsOffer) {
    offer = itsOffer;
    Panel.annotate("as_heard", offer ? (offer.name + ": " + offer.chords).slice(0, 250) : NO_OFFER);
  }

  // Writes the chords on offer. Throws a Trouble where there are none.
  function use() {
    if (!offer) {
      throw Trouble.saying("No chords were heard: select an audio clip, and press Hear clip.");
    }
    Music.write(offer.chords, offer.key);
    Words.tell(Panel.GREEN, "These are the chords of " + offer.name + (offer.key ? ", in " + offer.key : "") + ".");
  }

  return {begin: begin, drop: drop, heard: heard, failed: failed, use: use,
    isAsking: function () { return clip !== null; }, hasOffer: function () { return offer !== null; }};
})();

// --- what the device follows: the set ------------------------------------------------------------------

var Following = (function () {
  var TOO_OLD = "Ready, but this Live cannot make clips of files (11.3.25, 12.0.5 and newer can). Start the bridge " +
    "with `msanii-bridge serve --drop-to live`, and drag takes in from the User Library.";

  var facts = null;
  var tracks = [];
  // Names are not unique and may change; the id of the chosen track stays while the set is open.
  var chosenId = 0;
  var label = "";
  var learned = {low: 0, high: 0, meters: []};

  // Tempo, meter and key of now; shown when they changed, with the key of the next takes: that of heard chords, else
  // the set's, where Scale is on.
  function read() {
    facts = Live.facts();
    var key = Music.heardKey() || (facts.isInKey ? facts.key.name : "");
    var text = Math.round(facts.tempo * 10) / 10 + " " + facts.numerator + "/" + facts.denominator +
      (key ? " " + key.replace(/( \w{3})\w*$/, "$1") : "");
    if (text !== label) {
      label = text;
      Panel.set("follows", text);
    }
    return facts;
  }

  // The tracks that take MIDI, as the menu has them: several of one name are numbered, past every number that is
  // part of another's name.
  function readTracks() {
    tracks = Live.midiTracks();
    var taken = tracks.map(function (track) { return track.name; });
    tracks.forEach(function (track) {
      var isAlone = taken.indexOf(track.name) === taken.lastIndexOf(track.name);
      track.label = isAlone ? track.name : numbered(track.name, taken);
      taken.push(track.label);
    });
    return tracks.map(function (track) { return track.label; });
  }

  function numbered(name, taken) {
    var number = 1;
    while (taken.indexOf(name + " (" + number + ")") >= 0) {
      number += 1;
    }
    return name + " (" + number + ")";
  }

  function firstTrack(property, value) {
    return tracks.filter(function (one) { return one[property] === value; })[0] || null;
  }

  // The chosen one of the tracks that were read last: it may have been moved or named anew. After a reload its
  // label is all that is known, and another track of its name may have come. null for one that is gone.
  function track(itsLabel) {
    var found = firstTrack("id", chosenId) || firstTrack("label", itsLabel) ||
      (chosenId ? null : firstTrack("name", itsLabel));
    chosenId = found ? found.id : chosenId;
    return found;
  }

  // Another one is chosen, by its label.
  function chooseTrack(itsLabel) {
    chosenId = 0;
    track(itsLabel);
  }

  // The meter that was read last, as numerator and denominator.
  function meter() {
    return facts ? [facts.numerator, facts.denominator] : [4, 4];
  }

  // What the bridge says of its model, in `status.reply`; zeros and "" where the model's card does not.
  function learn(said) {
    learned = {low: Number(said.bpm_low) || 0, high: Number(said.bpm_high) || 0,
      meters: said.meters ? String(said.meters).split(",") : []};
  }

  // What to know about tempo, meter and Live before asking; "" where all is as it should be.
  function warning(model) {
    if (!facts) {
      return "";
    }
    if (learned.high > 0 && (facts.tempo < learned.low || facts.tempo > learned.high)) {
      return "Ready, but the set's tempo is outside what the model " + model + " learned (" + learned.low +
        " to " + learned.high + " bpm): the groove may not follow it.";
    }
    if (learned.meters.length && learned.meters.indexOf(facts.numerator + "/" + facts.denominator) < 0) {
      return "Ready, but the model " + model + " learned " + learned.meters.join(", ") +
        " alone: the length will be right, the accents may not.";
    }
    return facts.canPlace ? "" : TOO_OLD;
  }

  return {read: read, meter: meter, readTracks: readTracks, track: track,
    chooseTrack: chooseTrack, learn: learn, warning: warning};
})();

// --- words: one sentence, the most urgent first ------------------------------------------------------------

var Words = (function () {
  var NOT_RUNNING = "Bridge not running: start it with `msanii-bridge serve`";
  var DONE_MS = 8000;
  var ADVICE_MS = 20000;
  var OF_TAKES = ["place", "place_notes", "place_all", "reveal", "previous", "next", "star", "preview"];

  // A preset of several parts says these itself.
  var OF_PLAYERS = ["count", "sound", "part"];

  var isOn = false;
  var hasKnocked = false;
  var worker = {state: "", model: "", device: "", problem: ""};
  var error = "";
  var notice = "";
  var noticeLight = Panel.GREEN;
  var enabledNow = {};

  function refresh() {
    if (!isOn) {
      return;
    }
    var line = urgent();
    Panel.status(line[0], line[1]);
    enable("generate", Link.up());
    enable("render_clip", Link.up());
    enable("complete", Link.up());
    enable("hear_clip", Link.up());
    enable("as_heard", Hearing.hasOffer());
    enable("cancel", Jobs.count() > 0);
    OF_TAKES.forEach(function (name) {
      enable(name, Takes.count() > 0);
    });
    OF_PLAYERS.forEach(function (name) {
      enable(name, !Music.isArranged());
    });
  }

  function urgent() {
    if (error) {
      return [Panel.RED, error];
    }
    if (notice) {
      return [noticeLight, notice];
    }
    if (!Link.up()) {
      return hasKnocked ? [Panel.RED, NOT_RUNNING] : [Panel.GREY, "Looking for the bridge."];
    }
    if (Jobs.count()) {
      // A hundred and one texts at most: few enough for Max's symbol table.
      return [Panel.YELLOW, Jobs.isAsking() ? "Asked the bridge." : "Rendering " + Jobs.percent() + " %"];
    }
    if (Hearing.isAsking()) {
      return [Panel.YELLOW, "Listening to the clip."];
    }
    if (worker.state === "no model") {
      return [Panel.RED, worker.problem || "The bridge has no model."];
    }
    if (worker.state !== "ready" && worker.state !== "rendering") {
      return [Panel.GREY, "The bridge is loading its model."];
    }
    var warning = Following.warning(worker.model);
    return warning ? [Panel.ORANGE, warning]
      : [Panel.GREEN, "Ready: " + worker.model + " on " + worker.device.toUpperCase()];
  }

  function enable(name, on) {
    if (enabledNow[name] !== on) {
      enabledNow[name] = on;
      outlet(0, "enable", name, on ? 1 : 0);
    }
  }

  // An error stays until the next button.
  function fail(sentence) {
    error = sentence;
    refresh();
  }

  // What was done; it goes by itself, since what comes after it matters more, or else after `milliseconds`.
  function tell(light, sentence, milliseconds) {
    error = "";
    notice = sentence;
    noticeLight = light;
    refresh();
    Later.once("notice", milliseconds || (light === Panel.GREEN ? DONE_MS : ADVICE_MS), function () {
      notice = "";
      refresh();
    });
  }

  function clear() {
    error = "";
    notice = "";
    Later.cancel("notice");
  }

  // How the bridge's worker is; null once the bridge is away, which is then the news.
  function bridge(itsWorker) {
    if (!itsWorker && worker.state) {
      clear();
    }
    hasKnocked = true;
    worker = itsWorker || {state: "", model: "", device: "", problem: ""};
    refresh();
  }

  function turn(on) {
    isOn = on;
    enabledNow = {};
    refresh();
  }

  return {refresh: refresh, fail: fail, tell: tell, clear: clear, bridge: bridge,
    turn: turn, areOn: function () { return isOn; }};
})();

// --- menus that the script fills -----------------------------------------------------------------------------

// What each offers, as values: "" is the item that chooses nothing. A chosen name that is not offered stands
// last, as "x (missing)": it is what would be asked.
var Menus = (function () {
  var NOTHING = {sound: "any sound", part: "any part", style: "any style", progression: "-", clip_track: "selected"};
  var offered = {preset: [], sound: [""], part: [""], style: [""], progression: [""].concat(Harmony.progressionNames()),
    clip_track: [""]};
  // What the patch shows now: a menu's values, and its words.
  var values = {};
  var words = {};

  // Whether that is news.
  function offer(name, names) {
    var before = offered[name].join("\n");
    offered[name] = (name in NOTHING ? [""] : []).concat(names);
    return offered[name].join("\n") !== before;
  }

  // Whether there is a name to choose.
  function hasChoice(name) {
    return offered[name].some(Boolean);
  }

  // `words` stand for the chosen value where it is none that a menu offers.
  function show(name, chosen, itsWords) {
    var list = offered[name].slice();
    if (list.indexOf(chosen) < 0 && chosen && (itsWords || isAsked(name))) {
      list.push(chosen);
    }
    var items = list.map(function (value) {
      return value === chosen && itsWords ? itsWords : label(name, value);
    });
    values[name] = itsWords ? offered[name].slice() : list;
    if (words[name] !== items.join("\n")) {
      words[name] = items.join("\n");
      Panel.menu(name, items);
    }
    Panel.set(name, Math.max(0, list.indexOf(chosen)));
  }

  // A progression was written into the chords and asks nothing; a model without sounds is asked for none.
  function isAsked(name) {
    return name !== "progression" && (name === "preset" || name === "clip_track" || hasChoice(name));
  }

  // A preset may have several sounds at once, as names with commas between, and spelled as the bridge lets them.
  function isOffered(name, value) {
    var names = name === "sound" ? String(value).split(",").map(plainly) : [value];
    return offered[name].indexOf(value) >= 0 ||
      names.every(function (one) { return offered[name].indexOf(one) >= 0; });
  }

  function plainly(sound) {
    return sound.toLowerCase().replace(/[\s_\-]+/g, " ").replace(/^ | $/g, "");
  }

  // Before the bridge has said which presets there are, none is missing.
  function isMissing(name, value) {
    return !isOffered(name, value) && (name === "clip_track" || hasChoice(name));
  }

  function label(name, value) {
    if (value === "") {
      return NOTHING[name];
    }
    return value + (isMissing(name, value) ? " (missing)" : "");
  }

  // What an item stands for; undefined for one that nobody can choose.
  function at(name, index) {
    var value = (values[name] || [])[index];
    return isOffered(name, value) ? value : undefined;
  }

  // After a reload of the patch nothing is shown yet.
  function forget() {
    words = {};
  }

  return {offer: offer, hasChoice: hasChoice, show: show, at: at, forget: forget,
    has: function (name) { return offered.hasOwnProperty(name); }};
})();

// --- music: the preset, and what is played and by whom ---------------------------------------------------------

// A preset lends chords and players to new music. A clip of the musician's own has both already, and gets others
// only where somebody chose them for it: with a verb that works on a clip, what is lent is neither shown nor asked.
var Music = (function () {
  var FIRST_PRESET = "piano_loop";
  var LENDS = ["chords", "part", "sound", "style"];
  // Kept beside a value that a preset lent.
  var LENT = "preset";
  // An answer comes within milliseconds; where one was lost on the way, the bridge is asked again.
  var ANSWER_MS = 500;
  var AGAIN_MS = 2000;

  var values = {preset: "", chords: "", part: "", sound: "", style: ""};
  var isLent = {};
  // The key in which the chords were heard, while they or what is made of them stand; "" for the set's.
  var heardKey = "";
  // The preset that was chosen just now, and the one before. Its values are shown when they come, and the Live set
  // keeps it no sooner, or another preset's would stand beside its name.
  var wanted = "";
  var before = "";
  // What was chosen or typed since, while its values are still to come: they do not replace it.
  var byHand = {};
  // How often the bridge was asked what the preset holds, since its last answer.
  var asks = 0;
  // What cannot be done before that answer.
  var waiting = null;
  // What the device does not show of its preset.
  var hidden = {preset: "", parts: "", sound: "", end: ""};

  function has(name) {
    return values.hasOwnProperty(name);
  }

  function preset() {
    return values.preset || FIRST_PRESET;
  }

  function isWanted(name) {
    return wanted === name && name === preset();
  }

  // The value that is asked, and shown.
  function asked(name) {
    return isLent[name] && isOnClip() ? "" : values[name];
  }

  function isOnClip() {
    return Requests.needsSource(Controls.values.verb);
  }

  // Whether the preset has parts, a take for each, with players and number of takes of their own.
  function isArranged() {
    return !isOnClip() && hidden.preset === preset() && hidden.parts !== "";
  }

  // Completes what a request is made of.
  function addTo(all) {
    LENDS.forEach(function (name) { all[name] = asked(name); });
    all.preset = preset();
    all.key = heardKey;
    all.isArranged = isArranged();
    all.end = hidden.preset === preset() ? hidden.end : "";
    // A model that knows none would refuse them, and parts have players of their own.
    all.players = {part: !isArranged() && Menus.hasChoice("part"), sound: !isArranged() && Menus.hasChoice("sound"),
      style: Menus.hasChoice("style")};
  }

  // --- chosen, typed, written

  function choose(name, item) {
    if (name === "preset") {
      choosePreset(item);
    } else {
      puts(name, item);
      showPlayers();
    }
  }

  function choosePreset(item) {
    before = wanted ? before : values.preset;
    values.preset = item;
    wanted = item;
    byHand = {};
    read();
  }

  // Chords that are changed stay in their key.
  function type(chords) {
    puts("chords", chords, chords && heardKey);
    Following.read();
  }

  // By hand; chords may bring their key.
  function puts(name, text, key) {
    put(name, text, false, key);
    touch(name);
    keep();
  }

  // The musician changed what presets have, too.
  function touch(name) {
    byHand[name] = true;
  }

  function isByHand(name) {
    return byHand.hasOwnProperty(name);
  }

  function write(chords, key) {
    puts("chords", chords, key);
    showChords();
  }

  // `compose` makes chords of the set's key; where Scale is off, of the one that Live keeps, and that is said.
  function writeInKey(compose) {
    var facts = Following.read();
    write(compose(facts.key));
    if (!facts.isInKey) {
      Words.tell(Panel.GREEN, "Scale is off in this set, so these chords are in " + facts.key.name + ".");
    }
  }

  function put(name, text, byPreset, key) {
    values[name] = text;
    isLent[name] = byPreset;
    if (name === "chords") {
      heardKey = key || "";
    }
  }

  // All of it together: after a reload, the part of it that nobody touched must not be another.
  function keep() {
    Panel.store("preset", [(wanted ? before : values.preset) || "-"]);
    LENDS.forEach(function (name) {
      var mark = isLent[name] ? LENT : name === "chords" && heardKey;
      Panel.store(name, [values[name] || "-"].concat(mark || []));
    });
  }

  // What the Live set has: `mark` says that a preset lent it, or in which key chords were heard.
  function kept(name, text, mark) {
    if (name === "preset") {
      wanted = "";
    }
    put(name, text, mark === LENT, mark === LENT ? "" : mark);
  }

  // --- shown

  function show() {
    showPreset();
    showChords();
    showPlayers();
  }

  function showPreset() {
    Menus.show("preset", preset());
  }

  function showChords() {
    Panel.set("chords", asked("chords"));
    Following.read();
  }

  function showPlayers() {
    if (isArranged()) {
      var parts = hidden.parts.split(",").length;
      Menus.show("part", hidden.parts, parts + (parts === 1 ? " part" : " parts"));
      Menus.show("sound", hidden.sound, hidden.sound ? "the preset's" : "");
    } else {
      Menus.show("part", asked("part"));
      Menus.show("sound", asked("sound"));
    }
    Menus.show("style", asked("style"));
  }

  // After another verb. Chords that are as they were stay alone: somebody may be typing.
  function showChanged(chordsBefore) {
    if (asked("chords") !== chordsBefore) {
      showChords();
    }
    showPlayers();
  }

  // After an undo, the preset may hold other things that the device does not show.
  function showKept(name) {
    if (name === "preset") {
      showPreset();
      if (Link.up()) {
        read();
      }
    } else if (name === "chords") {
      Following.read();
    } else {
      showPlayers();
    }
  }

  // --- from the bridge

  // Sounds and parts of its model, as names with commas between; nothing where it knows none.
  function fillPlayers(sounds, parts) {
    var areNews = [["sound", sounds], ["part", parts]].filter(function (one) {
      return Menus.offer(one[0], one[1] ? String(one[1]).split(",") : []);
    });
    if (areNews.length) {
      showPlayers();
    }
  }

  // Of the set's meter.
  function fillStyles(names) {
    if (Menus.offer("style", names.map(String).filter(Boolean))) {
      showPlayers();
    }
  }

  function fillPresets(names) {
    if (Menus.offer("preset", names.map(String).filter(Boolean))) {
      showPreset();
    }
  }

  // Asks what the preset holds, until the bridge says it.
  function read() {
    asks += 1;
    Link.send("preset/read", [preset()]);
    Later.once("preset", AGAIN_MS, function () {
      if (Link.up()) {
        read();
      }
    });
  }

  // Does `work` once the preset is known: until then a request would name it beside another's values.
  function whenRead(work) {
    if (!asks || !Link.up()) {
      work();
      return;
    }
    waiting = work;
    Later.once("waiting", ANSWER_MS, function () {
      if (wanted) {
        waiting = null;
        Words.fail("The bridge has not said yet what this preset holds: press Generate again.");
      }
      goOn();
    });
  }

  function goOn() {
    var work = waiting;
    waiting = null;
    Later.cancel("waiting");
    if (work) {
      work();
    }
  }

  function answered() {
    asks = 0;
    Later.cancel("preset");
    goOn();
  }

  // A device on which nobody chose anything takes its first preset's music; that is stored with the first choice,
  // since nobody wants a step of undo before.
  function presetRead(name, given) {
    if (name !== preset() || !asks) {
      return;
    }
    hidden = {preset: name, parts: String(given.parts || ""), sound: String(given.sound || ""),
      end: String(given.end || "")};
    if (isWanted(name)) {
      borrow(given, isOnClip());
      wanted = "";
      keep();
    } else if (isUntouched()) {
      values.preset = name;
      borrow(given, false);
    }
    showPlayers();
    answered();
  }

  // A preset that is gone, or holds a mistake: where it was chosen just now, the one before stands again.
  function presetRefused() {
    if (asks > 1) {
      // Nobody knows which of them was refused.
      asks = 0;
      read();
      return;
    }
    if (wanted) {
      values.preset = before;
      wanted = "";
      waiting = null; // nobody pressed Generate for the one before
      showPreset();
      showPlayers();
    }
    answered();
  }

  function isUntouched() {
    return Object.keys(values).every(function (name) { return values[name] === ""; });
  }

  // Players of a preset that was chosen for a clip are meant for it; its chords are a tune of its own.
  function borrow(given, forClip) {
    LENDS.filter(function (name) { return !wanted || !isByHand(name); }).forEach(function (name) {
      // Each of several parts has a player of its own.
      var isOfParts = hidden.parts && (name === "part" || name === "sound");
      put(name, isOfParts ? "" : String(given[name] || ""), !(name !== "chords" && forClip));
    });
    showChords();
  }

  return {has: has, isWanted: isWanted, asked: asked, isArranged: isArranged, addTo: addTo, choose: choose,
    type: type, touch: touch, isByHand: isByHand, write: write, writeInKey: writeInKey, kept: kept, show: show,
    showChanged: showChanged, showKept: showKept, fillPlayers: fillPlayers, fillStyles: fillStyles,
    fillPresets: fillPresets, read: read, whenRead: whenRead, presetRead: presetRead, presetRefused: presetRefused,
    heardKey: function () { return heardKey; }};
})();

// --- controls: their values, and what the Live set keeps of them ----------------------------------------------

var Controls = (function () {
  var TYPED = {chords: 1, seed: 1, daemon_port: 1};
  var OF_PRESET = ["bars", "steps", "guidance", "strength", "ratio", "side", "count", "loop"];
  var values = {
    verb: "generate", bars: 4, from_bar: 1, count: 1, steps: 16, guidance: 3, strength: 0.4, ratio: 0.5,
    side: "after", loop: 0, seed_lock: 0, use_notes: 0, place_in: "session", seed: "",
    progression: "", clip_track: "", source: null, source_b: null, sample_rate: 44100,
    knows: {}
  };
  var ports = {port: 0, daemon_port: 9800};
  // The chosen track's label as the set keeps it.
  var keptTrack = "";

  // --- from the patch

  function moved(name, value) {
    if (name === "verb") {
      chooseVerb(value);
    } else if (Menus.has(name)) {
      choose(name, Math.round(value));
    } else if (TYPED[name]) {
      typed(name, value === undefined || value === "bang" ? "" : String(value));
    } else if (values[name] !== undefined && typeof values[name] !== "object" && values[name] !== value) {
      values[name] = value;
      Music.touch(name);
    }
    if (name === "seed_lock" && value) {
      Panel.store("seed", [values.seed || "-"]);
    }
  }

  function chooseVerb(verb) {
    var chords = Music.asked("chords");
    values.verb = verb;
    if (Words.areOn()) {
      Music.showChanged(chords);
      Words.refresh();
    }
  }

  function choose(name, index) {
    var item = Menus.at(name, index);
    if (item === undefined) {
      return;
    }
    if (Music.has(name)) {
      Music.choose(name, item);
      return;
    }
    values[name] = item;
    Panel.store(name, [item || "-"]);
    if (name === "clip_track") {
      keptTrack = item;
      Following.chooseTrack(item);
    } else if (item) {
      Music.writeInKey(function (key) { return Harmony.progression(item, key); });
    }
  }

  // The patch sends what is typed again before Generate: only what changed counts.
  function typed(name, text) {
    if (name === "daemon_port") {
      typedPort(text);
    } else if (name === "chords" && text !== Music.asked(name)) {
      Music.type(text);
    } else if (name === "seed" && text !== values[name]) {
      values[name] = text;
      Panel.store(name, [text || "-"]);
    }
  }

  function typedPort(text) {
    var port = Number(text);
    if (text === String(ports.daemon_port)) {
      return;
    }
    if (port !== Math.floor(port) || port < 1024 || port > 65535) {
      Panel.set("daemon_port", String(ports.daemon_port));
      Words.fail("The bridge's port must be a whole number from 1024 to 65535; its own is 9800.");
      return;
    }
    ports.daemon_port = port;
    Panel.store("daemon_port", [port]);
    outlet(0, "daemon_port", port);
    Words.clear();
    if (Words.areOn()) {
      Link.restart();
    }
  }

  // What the Live set kept, or keeps again after an undo. Shown, never acted upon.
  function kept(name, atoms) {
    var text = atoms.length === 0 || atoms[0] === "-" || atoms[0] === undefined ? "" : String(atoms[0]);
    if (name === "port" || name === "daemon_port") {
      var port = parseInt(text, 10);
      ports[name] = port > 0 ? port : ports[name];
    } else if (name === "source" || name === "source_b") {
      values[name] = text ? {path: text, label: String(atoms[1] || Files.baseName(text))} : null;
      Panel.set(name, text ? values[name].label : "-");
    } else if (Music.has(name)) {
      Music.kept(name, text, atoms[1]);
    } else if (name === "clip_track") {
      keptClipTrack(text);
    } else if (typeof values[name] === "string") {
      values[name] = text;
    }
    if (TYPED[name]) {
      Panel.set(name, shownText(name, text));
    }
    if (Words.areOn()) {
      showKept(name);
    }
  }

  function showKept(name) {
    if (Music.has(name)) {
      Music.showKept(name);
    } else if (Menus.has(name)) {
      showMenu(name);
    }
  }

  // The same label again says nothing new of a track that has another name by now.
  function keptClipTrack(label) {
    if (label !== keptTrack) {
      keptTrack = label;
      values.clip_track = label;
      Following.chooseTrack(label);
    }
  }

  function shownText(name, text) {
    if (name === "daemon_port") {
      return String(ports.daemon_port);
    }
    return name === "chords" ? Music.asked(name) : text;
  }

  function show() {
    Music.show();
    showMenu("progression");
    showMenu("clip_track");
  }

  function showMenu(name) {
    Menus.show(name, values[name]);
  }

  // Everything that a request can be made of, as the device shows it.
  function asked() {
    var all = {};
    Object.keys(values).forEach(function (name) { all[name] = values[name]; });
    Music.addTo(all);
    return all;
  }

  // --- from the set

  // The track that is chosen in the menu, as the set is now; null for none, or for one that is gone.
  function readTrack() {
    Menus.offer("clip_track", Following.readTracks());
    var track = values.clip_track ? Following.track(values.clip_track) : null;
    values.clip_track = track ? track.label : values.clip_track;
    showMenu("clip_track");
    return track;
  }

  // The same when somebody presses a button: a new name of it is kept then, at no step of undo of its own.
  function useTrack() {
    var track = readTrack();
    if (track) {
      keptTrack = track.label;
      Panel.store("clip_track", [track.label]);
    }
    return track;
  }

  // --- from the bridge

  // `pairs` are shown only where the preset was chosen just now, not when the set was loaded.
  function presetRead(name, pairs) {
    var given = {};
    for (var i = 0; i + 1 < pairs.length; i += 2) {
      given[pairs[i]] = pairs[i + 1];
      values.knows[pairs[i]] = true;
    }
    if (Music.isWanted(name)) {
      showValues(given);
    }
    Music.presetRead(name, given);
    Words.refresh();
  }

  function showValues(given) {
    OF_PRESET.forEach(function (key) {
      if (typeof given[key] === typeof values[key] && !Music.isByHand(key)) {
        values[key] = given[key];
        Panel.set(key, values[key]);
      }
    });
  }

  // Shown, and kept where it is locked: a step of undo for every render would bury the musician's own.
  function seedChosen(seed) {
    if (typeof seed !== "number") {
      return;
    }
    var isEmpty = values.seed === "";
    if (!values.seed_lock || isEmpty) {
      values.seed = String(seed);
      Panel.set("seed", values.seed);
    }
    if (values.seed_lock && isEmpty) {
      Panel.store("seed", [values.seed]);
    }
  }

  // --- from buttons

  function setSource(name, source) {
    values[name] = source;
    Panel.store(name, [source.path, source.label]);
    Panel.set(name, source.label);
  }

  return {values: values, ports: ports, moved: moved, kept: kept, show: show, asked: asked, readTrack: readTrack,
    useTrack: useTrack, presetRead: presetRead, seedChosen: seedChosen, setSource: setSource};
})();

// --- buttons -----------------------------------------------------------------------------------------------

var Buttons = (function () {
  var values = Controls.values;
  var MOST_BARS = 64;
  var ALL_PLACED = {
    session: "All takes placed, one below the other.",
    arrangement: "All takes placed in Session, one below the other: in the Arrangement, Place puts one at a time."
  };

  var PRESSED = {
    generate: generate,
    cancel: cancel,
    dice: dice,
    chords_from_clip: chordsFromClip,
    hear_clip: function () { Hearing.begin(Live.selectedClip()); },
    as_heard: Hearing.use,
    source: function () {
      takeSource("source");
      Hearing.begin(Live.selectedClip());
    },
    source_b: function () { takeSource("source_b"); },
    previous: function () { Takes.step(-1); },
    next: function () { Takes.step(1); },
    place: function () { place([Takes.heard()]); },
    place_notes: placeNotes,
    render_clip: renderClip,
    complete: complete,
    place_all: function () { place(Takes.together()); },
    reveal: reveal
  };

  function press(name) {
    if (!PRESSED.hasOwnProperty(name)) {
      return;
    }
    Words.clear();
    attempt(PRESSED[name]);
  }

  function attempt(work) {
    try {
      work();
    } catch (problem) {
      Words.fail(Trouble.words(problem));
    }
    Words.refresh();
  }

  function generate() {
    Music.whenRead(function () { attempt(ask); });
  }

  function ask() {
    if (!Link.up()) {
      return; // the status says so already
    }
    var facts = Following.read();
    if (Requests.needsSource(values.verb) && !values.source) {
      takeSource("source");
    }
    if (values.verb === "interpolate" && !values.source_b) {
      throw Trouble.saying("Interpolate needs two clips: select the second and press Source B.");
    }
    var controls = Controls.asked();
    var notes = values.use_notes ? Clips.tiled(Clips.notes(chosenClip()), Requests.noteBeats(controls, facts)) : [];
    Jobs.ask(controls, facts, notes);
  }

  // The bridge itself says what it cancelled; while it is away the device says what will become of it.
  function cancel() {
    var wasAsked = Jobs.count() > 0;
    Jobs.cancel();
    if (wasAsked && !Link.up()) {
      Words.tell(Panel.GREEN, Jobs.count() ? "Will be cancelled as soon as the bridge is back." : "Cancelled.");
    }
  }

  function dice() {
    Music.writeInKey(function (key) { return Harmony.dice(key, values.bars, Math.random); });
  }

  // The track that the Clip menu names; null where none is.
  function chosenTrack() {
    var track = Controls.useTrack();
    if (values.clip_track && !track) {
      throw Trouble.saying("There is no track " + values.clip_track + " any more: choose another in the Clip menu.");
    }
    return track;
  }

  // The MIDI clip of that track, or else the selected one.
  function chosenClip() {
    var track = chosenTrack();
    var clip = track ? Live.clipOnTrack(track.index) : Live.selectedClip();
    if (!clip || !Live.exists(clip) || !Live.flag(clip, "is_midi_clip")) {
      throw Trouble.saying(track ? "The track " + track.name + " has no MIDI clip: choose another."
        : "Select a MIDI clip first, or choose a track that has one.");
    }
    return clip;
  }

  function chordsFromClip() {
    var found = Clips.notes(chosenClip());
    var facts = Following.read();
    var bars = Math.max(1, Math.min(MOST_BARS, Math.ceil(found.beats / facts.barBeats - 1e-6)));
    var flats = Harmony.usesFlats(facts.key.root, facts.key.intervals);
    var text = Recognition.chords(found.notes, 0, bars, facts.barBeats, flats);
    if (!text) {
      throw Trouble.saying("No note sounds inside the loop of that clip.");
    }
    Music.write(text);
  }

  // The bars whose notes were changed in a clip of a take.
  function renderClip() {
    if (Link.up()) {
      var edited = Scores.edited(chosenClip());
      Jobs.edit(edited.take, edited.notes);
    }
  }

  function complete() {
    Music.whenRead(function () { attempt(askMissing); });
  }

  // The part that the Part menu names, to the clips that play.
  function askMissing() {
    if (!Link.up()) {
      return;
    }
    var controls = Controls.asked();
    if (controls.isArranged) {
      throw Trouble.saying("This preset has parts of its own: choose another, and in the Part menu what is missing.");
    }
    if (!controls.part || controls.part === "mix") {
      throw Trouble.saying("Choose in the Part menu what is missing: Complete writes one part.");
    }
    var facts = Following.read();
    Jobs.complete(controls, facts, Ensemble.without(controls.part, facts.barBeats));
  }

  function takeSource(name) {
    Controls.setSource(name, Requests.describeSource(Live.selectedClip(), name));
  }

  // One take after the other, each read back before the next. Several go to Session, one below the other: in the
  // Arrangement each would lie over the one before.
  function place(takes) {
    var list = takes.length ? takes : [null];
    var put = values.place_in === "arrangement" && list.length === 1 ? Placing.arrangement : Placing.session;
    var problem = "";
    function next(index, sentence) {
      if (index < list.length) {
        put(list[index], function (why, where) {
          problem = problem || why;
          next(index + 1, where);
        });
        return;
      }
      var words = index > 1 ? ALL_PLACED[values.place_in] : sentence;
      Words.tell(problem ? Panel.ORANGE : Panel.GREEN, problem || words);
    }
    next(0, "");
  }

  // On the track that the Clip menu names, or else on the selected one.
  function placeNotes() {
    var track = chosenTrack();
    var onto = track ? Live.at("live_set tracks " + track.index) : Live.selectedTrack();
    Words.tell(Panel.GREEN, Scores.place(Takes.heard(), onto));
  }

  function reveal() {
    var take = Takes.heard();
    var folder = take ? Files.folderOf(take.path) : Link.takesFolder();
    max.launchbrowser(Files.url(folder));
    Words.tell(Panel.GREEN, take ? "This take is " + take.path : "The takes lie in " + folder);
  }

  return {press: press};
})();

// --- the device: its beginning, its end, and the bridge's words ------------------------------------------------

var Device = (function () {
  var WATCHED = ["tempo", "signature_numerator", "signature_denominator", "root_note", "scale_name", "tracks"];
  var SET_MS = 1000;

  var observers = [];
  var started = false;

  // Max may bang again, after an undo in older Live: then everything is shown again, and no more.
  function start() {
    var isFirst = !started;
    started = true;
    Panel.forget();
    Menus.forget();
    Words.turn(true);
    outlet(0, "controls");
    readSet();
    Controls.show();
    if (!isFirst) {
      Takes.show();
      return;
    }
    Takes.whenTrouble(Words.fail);
    outlet(0, "daemon_port", Controls.ports.daemon_port);
    watch();
    Link.start(Controls.ports.port, {up: up, down: down});
  }

  // Observers tell that something changed, from inside Live: what follows is done later, and once.
  function watch() {
    observers = WATCHED.concat(Live.canSwitchScale() ? ["scale_mode"] : []).map(function (property) {
      var observer = new LiveAPI(function () {
        Later.once("set", SET_MS, readSet);
      }, "live_set");
      observer.property = property;
      return observer;
    });
  }

  function readSet() {
    Following.read();
    Controls.readTrack();
    Words.refresh();
  }

  function stop() {
    Jobs.cancel();
    Link.stop();
    Later.cancelAll();
    observers.forEach(function (observer) {
      observer.property = "";
    });
    observers = [];
    Words.turn(false);
    started = false;
  }

  // --- the bridge

  function up() {
    Music.read();
    Jobs.resume();
    Words.refresh();
  }

  function down() {
    Hearing.drop();
    Words.bridge(null);
  }

  // Pairs of name and value; a later bridge may say more. Presets may have come or gone as well.
  function status(words) {
    var said = {};
    for (var i = 0; i + 1 < words.length; i += 2) {
      said[words[i]] = words[i + 1];
    }
    Following.learn(said);
    Music.fillPlayers(said.sounds, said.parts);
    Link.send("preset/list", [1]);
    Link.send("style/list", Following.meter());
    Jobs.insist();
    if (Jobs.settle(said.unfinished)) {
      Words.fail("The bridge ended this render while it was away: look into its takes folder, or press Generate.");
    }
    Words.bridge({state: String(said.worker || ""), model: String(said.model || ""),
      device: String(said.device || ""), problem: String(said.problem || "")});
  }

  function queued(id, seed) {
    if (Jobs.queued(id)) {
      Controls.seedChosen(seed);
      Words.refresh();
    }
  }

  function done(id) {
    if (Jobs.ended(id)) {
      Words.tell(Panel.GREEN, "Done: preview it, or place it.");
    }
  }

  // About a job of ours, or about an address: answers come to us alone, so what was asked there was ours.
  function failed(about, code, sentence) {
    if (Jobs.isHeardBefore(about, code)) {
      Words.refresh();
      return;
    }
    if (/\/preset\/read$/.test(about)) {
      Music.presetRefused();
    }
    if (/\/listen$/.test(about)) {
      Hearing.failed();
    }
    var isCancelled = code === "cancelled" || Jobs.isCancelled(about);
    var wasOurs = Jobs.ended(about);
    if (!isCancelled) {
      if (wasOurs || String(about).charAt(0) === "/") {
        Words.fail(String(sentence || "The bridge refused this, and did not say why."));
      }
    } else if (wasOurs) {
      Words.tell(Panel.GREEN, "Cancelled.");
    }
  }

  return {start: start, stop: stop, status: status, queued: queued, done: done, failed: failed,
    isStarted: function () { return started; }};
})();

// --- what comes in: the functions that the patch calls -----------------------------------------------------

// By path, the root cut off. Whatever may come to an open port: what makes no sense is left alone, and a menu that
// somebody else filled is right again with the bridge's next beat.
var HANDLERS = {
  "welcome": function (nonce, version, takes, exchange) {
    Link.welcome(nonce, String(takes || ""), String(exchange || ""));
  },
  "notify.reply": function () {},
  "status.reply": function () { Device.status(arrayfromargs(arguments)); },
  "preset/list.reply": function () { Music.fillPresets(arrayfromargs(arguments)); },
  "style/list.reply": function () { Music.fillStyles(arrayfromargs(arguments)); },
  "preset/read.reply": function (name) { Controls.presetRead(name, arrayfromargs(arguments).slice(1)); },
  "queued": function (id, seed) { Device.queued(id, seed); },
  "synced": function (id) { Jobs.synced(id); },
  "progress": function (id, fraction) {
    Jobs.progress(id, fraction);
    Words.refresh();
  },
  "take": function (id, index, path, seconds, bpm) {
    Jobs.take(id, index, String(path || ""), seconds, bpm);
    Words.refresh();
  },
  "heard": Hearing.heard,
  "done": function (id) { Device.done(id); },
  "fail": function (about, code, sentence) { Device.failed(about, code, sentence); },
  "take/star.reply": function (name, on) { Takes.starred(name, on); }
};

function bang() {
  Device.start();
}

function control(name, value) {
  var taken = {
    takes: function () { Takes.choose(Math.round(value)); },
    preview: function () { Takes.preview(value); },
    star: function () { Takes.star(value); }
  };
  if (Menus.has(name) || taken.hasOwnProperty(name)) {
    // These are not kept by Live: what they say while the device loads is no wish of anybody.
    if (Device.isStarted()) {
      (taken[name] || Controls.moved)(name, value);
    }
  } else {
    Controls.moved(name, value);
  }
}

function press(name) {
  Buttons.press(name);
}

function stored(name) {
  if (!Panel.isStoring()) {
    var atoms = arrayfromargs(arguments).slice(1);
    Panel.keep(name, atoms);
    if (name === "takes") {
      Takes.restore(atoms);
    } else {
      Controls.kept(name, atoms);
    }
  }
}

function osc(path) {
  if (Device.isStarted() && HANDLERS.hasOwnProperty(path)) {
    HANDLERS[path].apply(null, arrayfromargs(arguments).slice(1));
  }
}

function sample_rate(hertz) {
  Controls.moved("sample_rate", hertz);
}

function preview_loaded() {
  Takes.loaded();
}

function enabled(on) {
  if (!on) {
    Takes.preview(0);
  }
}

function notifydeleted() {
  Device.stop();
}

// A patch of a newer version may say more: nothing happens then, and nothing in the Max console.
function anything() {}
