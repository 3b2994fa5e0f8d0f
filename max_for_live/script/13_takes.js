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
