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
