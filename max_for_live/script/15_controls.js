// --- controls: their values, their menus, and what the Live set keeps of them --------------------------------

var Controls = (function () {
  var ANY = {sound: "any sound", part: "any part"};
  var DETAIL_CLIP = "selected clip";
  var FIRST_PRESET = "piano_loop";
  var TYPED = {chords: 1, seed: 1, daemon_port: 1};
  var OF_PRESET = ["bars", "steps", "guidance", "strength", "ratio", "side", "count", "loop"];

  var values = {
    verb: "generate", bars: 4, from_bar: 1, count: 1, steps: 12, guidance: 2.5, strength: 0.6, ratio: 0.5,
    side: "after", loop: 0, seed_lock: 0, use_notes: 0, place_in: "session", chords: "", seed: "", preset: "",
    sound: "", part: "", progression: "", clip_track: "", source: null, source_b: null, sample_rate: 44100,
    knows: {}
  };
  var ports = {port: 0, daemon_port: 9800};
  var menus = {preset: ["-"], sound: [ANY.sound], part: [ANY.part], progression: Harmony.progressionNames(),
    clip_track: [DETAIL_CLIP]};
  var applyPreset = "";

  // --- from the patch

  function moved(name, value) {
    if (menus[name]) {
      choose(name, Math.round(value));
    } else if (TYPED[name]) {
      typed(name, value === undefined || value === "bang" ? "" : String(value));
    } else if (values[name] !== undefined && typeof values[name] !== "object") {
      values[name] = value;
    }
    if (name === "seed_lock" && value) {
      Panel.store("seed", [values.seed || "-"]);
    }
  }

  function choose(name, index) {
    var item = menus[name][index];
    if (item === undefined || item === "-") {
      return;
    }
    values[name] = name === "preset" || name === "progression" || index > 0 ? item : "";
    Panel.store(name, [values[name] || "-"]);
    if (name === "preset") {
      applyPreset = item;
      Link.send("preset/read", [item]);
    } else if (name === "progression") {
      setChords(Harmony.progression(item, Following.read().key));
    }
  }

  // The patch sends what is typed again before Generate: only what changed counts.
  function typed(name, text) {
    if (name === "daemon_port") {
      typedPort(text);
    } else if (text !== values[name]) {
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

  // What the Live set kept. Shown, never acted upon.
  function kept(name, atoms) {
    var text = atoms.length === 0 || atoms[0] === "-" || atoms[0] === undefined ? "" : String(atoms[0]);
    if (name === "port" || name === "daemon_port") {
      var port = parseInt(text, 10);
      ports[name] = port > 0 ? port : ports[name];
    } else if (name === "source" || name === "source_b") {
      values[name] = text ? {path: text, label: String(atoms[1] || Files.baseName(text))} : null;
      Panel.set(name, text ? values[name].label : "-");
    } else if (typeof values[name] === "string") {
      values[name] = text;
    }
    if (TYPED[name]) {
      Panel.set(name, name === "daemon_port" ? String(ports.daemon_port) : text);
    }
  }

  // --- menus

  function fill(name, items) {
    if (menus[name].join("\n") !== items.join("\n")) {
      menus[name] = items;
      Panel.menu(name, items);
    }
    Panel.set(name, Math.max(0, items.indexOf(chosen(name))));
  }

  function chosen(name) {
    return values[name] || (name === "preset" ? FIRST_PRESET : "");
  }

  function showMenus() {
    Object.keys(menus).forEach(function (name) {
      Panel.menu(name, menus[name]);
      Panel.set(name, Math.max(0, menus[name].indexOf(chosen(name))));
    });
  }

  // Sounds or parts of the bridge's model, as names with commas between.
  function fillChoices(name, names) {
    var items = [ANY[name]].concat(names ? String(names).split(",") : []);
    if (menus[name].join("\n") !== items.join("\n")) {
      fill(name, items);
    }
  }

  function fillTracks(names) {
    fill("clip_track", [DETAIL_CLIP].concat(names));
  }

  function fillPresets(names) {
    var found = names.map(String).filter(Boolean);
    fill("preset", found.length ? found : ["-"]);
  }

  // --- from the bridge

  // `pairs` are shown only where the preset was chosen just now, not when the set was loaded.
  function presetRead(name, pairs) {
    var given = {};
    for (var i = 0; i + 1 < pairs.length; i += 2) {
      given[pairs[i]] = pairs[i + 1];
      values.knows[pairs[i]] = true;
    }
    if (applyPreset !== name) {
      return;
    }
    applyPreset = "";
    OF_PRESET.forEach(function (key) {
      if (typeof given[key] === typeof values[key]) {
        values[key] = given[key];
        Panel.set(key, values[key]);
      }
    });
    if (given.chords !== undefined) {
      setChords(String(given.chords));
    }
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

  function setChords(text) {
    values.chords = text;
    Panel.set("chords", text);
    Panel.store("chords", [text || "-"]);
  }

  function setSource(name, source) {
    values[name] = source;
    Panel.store(name, [source.path, source.label]);
    Panel.set(name, source.label);
  }

  function isMenu(name) {
    return menus.hasOwnProperty(name);
  }

  return {isMenu: isMenu, values: values, ports: ports, moved: moved, kept: kept, showMenus: showMenus, fillChoices: fillChoices,
    fillTracks: fillTracks, fillPresets: fillPresets, presetRead: presetRead, seedChosen: seedChosen,
    setChords: setChords, setSource: setSource, preset: function () { return chosen("preset"); }};
})();
