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
