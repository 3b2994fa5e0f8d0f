// --- music: the preset, and what is played and by whom ---------------------------------------------------------

// A preset lends chords and players to new music. A clip of the musician's own has both already, and gets others
// only where somebody chose them for it: with a verb that works on a clip, what is lent is neither shown nor asked.
var Music = (function () {
  var FIRST_PRESET = "piano_loop";
  var LENDS = ["chords", "part", "sound"];
  // Kept beside a value that a preset lent.
  var LENT = "preset";

  var values = {preset: "", chords: "", part: "", sound: ""};
  var isLent = {};
  // The preset that was chosen just now: its values are shown when they come.
  var wanted = "";
  // What the device does not show of its preset.
  var hidden = {preset: "", parts: "", sounds: "", end: ""};

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
    all.isArranged = isArranged();
    all.end = hidden.preset === preset() ? hidden.end : "";
    // A model that knows none would refuse them, and parts have players of their own.
    all.players = {part: !isArranged() && Menus.hasChoice("part"), sound: !isArranged() && Menus.hasChoice("sound")};
  }

  // --- chosen, typed, written

  function choose(name, item) {
    if (name === "preset") {
      values.preset = item;
      wanted = item;
      Panel.store("preset", [item]);
      Link.send("preset/read", [item]);
    } else {
      put(name, item, false);
      keep();
      showPlayers();
    }
  }

  function type(chords) {
    put("chords", chords, false);
    keep();
  }

  function write(chords) {
    type(chords);
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

  function put(name, text, byPreset) {
    values[name] = text;
    isLent[name] = byPreset;
  }

  // All of it together: after a reload, the part of it that nobody touched must not be another.
  function keep() {
    Panel.store("preset", [values.preset || "-"]);
    LENDS.forEach(function (name) {
      Panel.store(name, [values[name] || "-"].concat(isLent[name] ? [LENT] : []));
    });
  }

  // What the Live set has: `mark` says whether a preset lent it.
  function kept(name, text, mark) {
    put(name, text, mark === LENT);
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
  }

  function showPlayers() {
    if (isArranged()) {
      var parts = hidden.parts.split(",").length;
      Menus.show("part", hidden.parts, parts + (parts === 1 ? " part" : " parts"));
      Menus.show("sound", hidden.sounds, hidden.sounds ? "the preset's" : "");
    } else {
      Menus.show("part", asked("part"));
      Menus.show("sound", asked("sound"));
    }
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
        Link.send("preset/read", [preset()]);
      }
    } else if (name !== "chords") {
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

  function fillPresets(names) {
    Menus.offer("preset", names.map(String).filter(Boolean));
    showPreset();
  }

  // A device on which nobody chose anything takes its first preset's music; that is stored with the first choice,
  // since nobody wants a step of undo before.
  function presetRead(name, given) {
    if (name !== preset()) {
      return;
    }
    hidden = {preset: name, parts: String(given.parts || ""), sounds: String(given.sound || ""),
      end: String(given.end || "")};
    if (isWanted(name)) {
      wanted = "";
      borrow(given, isOnClip());
      keep();
    } else if (isUntouched()) {
      values.preset = name;
      borrow(given, false);
    }
    showPlayers();
  }

  function isUntouched() {
    return Object.keys(values).every(function (name) { return values[name] === ""; });
  }

  // Players of a preset that was chosen for a clip are meant for it; its chords are a tune of its own.
  function borrow(given, forClip) {
    LENDS.forEach(function (name) {
      var isPlayer = name !== "chords";
      put(name, isPlayer && hidden.parts ? "" : String(given[name] || ""), !(isPlayer && forClip));
    });
    showChords();
  }

  return {has: has, preset: preset, isWanted: isWanted, asked: asked, isArranged: isArranged, addTo: addTo,
    choose: choose, type: type, write: write, writeInKey: writeInKey, kept: kept, show: show,
    showChanged: showChanged, showKept: showKept, fillPlayers: fillPlayers, fillPresets: fillPresets,
    presetRead: presetRead};
})();
