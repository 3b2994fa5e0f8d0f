// --- takes: a list, one of them heard ----------------------------------------------------------------

var Takes = (function () {
  var MOST = 16;
  var GATE_MS = 30;
  var LOAD_MS = 4000;
  var SNAP_BEATS = 0.01;

  var list = [];
  var current = -1;
  var previewing = false;
  var loadedPath = "";
  var onTrouble = function () {};

  // A take in full: what the bridge said of it, or else what the recipe beside it says.
  function describe(path) {
    var recipe = Files.readJson(Files.withSuffix(path, ".json"));
    var request = recipe && recipe.request;
    if (!request || !(recipe.seconds > 0) || !(request.bpm > 0)) {
      return null;
    }
    return make(path, recipe.seconds, request.bpm, request.bars > 0 ?
      request.bars * 4 * request.numerator / request.denominator : 0, "");
  }

  // Without `beats` they are counted from the length: what was in time with the set is whole sixteenths long.
  function make(path, seconds, bpm, beats, jobId) {
    var counted = seconds * bpm / 60;
    var snapped = Math.round(counted * 4) / 4;
    var exact = Math.abs(counted - snapped) < SNAP_BEATS && snapped > 0 ? snapped : counted;
    // What was asked counts only where the file has that length: an outpainted take is longer than its bars.
    var isAsAsked = beats > 0 && Math.abs(counted - beats) < SNAP_BEATS;
    return {path: path, name: Files.baseName(path), seconds: seconds, beats: isAsAsked ? beats : exact,
      jobId: jobId, starred: false};
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
      var take = paths[i] && paths[i] !== "-" ? describe(String(paths[i])) : null;
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
    Panel.menu("takes", list.map(function (one) { return one.name; }));
    Panel.set("takes", Math.max(0, current));
    Panel.set("take", take ? (current + 1) + " of " + list.length : "-");
    Panel.set("star", take && take.starred ? 1 : 0);
  }

  function heard() {
    return current >= 0 ? list[current] : null;
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
      outlet(0, "preview_length", take.beats, take.seconds * 1000);
      outlet(0, "preview_gate", 1);
    }
  }

  function star(on) {
    var take = heard();
    if (take) {
      take.starred = Boolean(on);
      Link.send("take/star", [take.path, on ? 1 : 0]);
    }
    show();
    return Boolean(take);
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
    together: together, preview: preview, loaded: loaded, star: star, starred: starred, show: show,
    count: function () { return list.length; },
    whenTrouble: function (work) { onTrouble = work; }};
})();
