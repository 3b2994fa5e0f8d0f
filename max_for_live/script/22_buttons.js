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
