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
