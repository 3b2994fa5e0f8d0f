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
