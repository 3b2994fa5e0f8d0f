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
