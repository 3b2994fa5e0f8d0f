// --- the device: its beginning, its end, and the bridge's words ------------------------------------------------

var Device = (function () {
  var WATCHED = ["tempo", "signature_numerator", "signature_denominator", "root_note", "scale_name", "tracks"];
  var SET_MS = 1000;

  var observers = [];
  var started = false;

  // Max may bang again, after an undo in older Live: then everything is shown again, and no more.
  function start() {
    var isFirst = !started;
    started = true;
    Panel.forget();
    Menus.forget();
    Words.turn(true);
    outlet(0, "controls");
    readSet();
    Controls.show();
    if (!isFirst) {
      Takes.show();
      return;
    }
    Takes.whenTrouble(Words.fail);
    outlet(0, "daemon_port", Controls.ports.daemon_port);
    watch();
    Link.start(Controls.ports.port, {up: up, down: down});
  }

  // Observers tell that something changed, from inside Live: what follows is done later, and once.
  function watch() {
    observers = WATCHED.concat(Live.canSwitchScale() ? ["scale_mode"] : []).map(function (property) {
      var observer = new LiveAPI(function () {
        Later.once("set", SET_MS, readSet);
      }, "live_set");
      observer.property = property;
      return observer;
    });
  }

  function readSet() {
    Following.read();
    Controls.readTrack();
    Words.refresh();
  }

  function stop() {
    Jobs.cancel();
    Link.stop();
    Later.cancelAll();
    observers.forEach(function (observer) {
      observer.property = "";
    });
    observers = [];
    Words.turn(false);
    started = false;
  }

  // --- the bridge

  function up() {
    Music.read();
    Jobs.resume();
    Words.refresh();
  }

  function down() {
    Hearing.drop();
    Words.bridge(null);
  }

  // Pairs of name and value; a later bridge may say more. Presets may have come or gone as well.
  function status(words) {
    var said = {};
    for (var i = 0; i + 1 < words.length; i += 2) {
      said[words[i]] = words[i + 1];
    }
    Following.learn(said);
    Music.fillPlayers(said.sounds, said.parts);
    Link.send("preset/list", [1]);
    Link.send("style/list", Following.meter());
    Jobs.insist();
    if (Jobs.settle(said.unfinished)) {
      Words.fail("The bridge ended this render while it was away: look into its takes folder, or press Generate.");
    }
    Words.bridge({state: String(said.worker || ""), model: String(said.model || ""),
      device: String(said.device || ""), problem: String(said.problem || "")});
  }

  function queued(id, seed) {
    if (Jobs.queued(id)) {
      Controls.seedChosen(seed);
      Words.refresh();
    }
  }

  function done(id) {
    if (Jobs.ended(id)) {
      Words.tell(Panel.GREEN, "Done: preview it, or place it.");
    }
  }

  // About a job of ours, or about an address: answers come to us alone, so what was asked there was ours.
  function failed(about, code, sentence) {
    if (Jobs.isHeardBefore(about, code)) {
      Words.refresh();
      return;
    }
    if (/\/preset\/read$/.test(about)) {
      Music.presetRefused();
    }
    if (/\/listen$/.test(about)) {
      Hearing.failed();
    }
    var isCancelled = code === "cancelled" || Jobs.isCancelled(about);
    var wasOurs = Jobs.ended(about);
    if (!isCancelled) {
      if (wasOurs || String(about).charAt(0) === "/") {
        Words.fail(String(sentence || "The bridge refused this, and did not say why."));
      }
    } else if (wasOurs) {
      Words.tell(Panel.GREEN, "Cancelled.");
    }
  }

  return {start: start, stop: stop, status: status, queued: queued, done: done, failed: failed,
    isStarted: function () { return started; }};
})();
