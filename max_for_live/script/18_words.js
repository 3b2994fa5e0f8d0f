// --- words: one sentence, the most urgent first ------------------------------------------------------------

var Words = (function () {
  var NOT_RUNNING = "Bridge not running: start it with `msanii-bridge serve`";
  var DONE_MS = 8000;
  var ADVICE_MS = 20000;
  var OF_TAKES = ["place", "place_notes", "place_all", "reveal", "previous", "next", "star", "preview"];

  // A preset of several parts says these itself.
  var OF_PLAYERS = ["count", "sound", "part"];

  var isOn = false;
  var hasKnocked = false;
  var worker = {state: "", model: "", device: "", problem: ""};
  var error = "";
  var notice = "";
  var noticeLight = Panel.GREEN;
  var enabledNow = {};

  function refresh() {
    if (!isOn) {
      return;
    }
    var line = urgent();
    Panel.status(line[0], line[1]);
    enable("generate", Link.up());
    enable("render_clip", Link.up());
    enable("complete", Link.up());
    enable("hear_clip", Link.up());
    enable("as_heard", Hearing.hasOffer());
    enable("cancel", Jobs.count() > 0);
    OF_TAKES.forEach(function (name) {
      enable(name, Takes.count() > 0);
    });
    OF_PLAYERS.forEach(function (name) {
      enable(name, !Music.isArranged());
    });
  }

  function urgent() {
    if (error) {
      return [Panel.RED, error];
    }
    if (notice) {
      return [noticeLight, notice];
    }
    if (!Link.up()) {
      return hasKnocked ? [Panel.RED, NOT_RUNNING] : [Panel.GREY, "Looking for the bridge."];
    }
    if (Jobs.count()) {
      // A hundred and one texts at most: few enough for Max's symbol table.
      return [Panel.YELLOW, Jobs.isAsking() ? "Asked the bridge." : "Rendering " + Jobs.percent() + " %"];
    }
    if (Hearing.isAsking()) {
      return [Panel.YELLOW, "Listening to the clip."];
    }
    if (worker.state === "no model") {
      return [Panel.RED, worker.problem || "The bridge has no model."];
    }
    if (worker.state !== "ready" && worker.state !== "rendering") {
      return [Panel.GREY, "The bridge is loading its model."];
    }
    var warning = Following.warning(worker.model);
    return warning ? [Panel.ORANGE, warning]
      : [Panel.GREEN, "Ready: " + worker.model + " on " + worker.device.toUpperCase()];
  }

  function enable(name, on) {
    if (enabledNow[name] !== on) {
      enabledNow[name] = on;
      outlet(0, "enable", name, on ? 1 : 0);
    }
  }

  // An error stays until the next button.
  function fail(sentence) {
    error = sentence;
    refresh();
  }

  // What was done; it goes by itself, since what comes after it matters more, or else after `milliseconds`.
  function tell(light, sentence, milliseconds) {
    error = "";
    notice = sentence;
    noticeLight = light;
    refresh();
    Later.once("notice", milliseconds || (light === Panel.GREEN ? DONE_MS : ADVICE_MS), function () {
      notice = "";
      refresh();
    });
  }

  function clear() {
    error = "";
    notice = "";
    Later.cancel("notice");
  }

  // How the bridge's worker is; null once the bridge is away, which is then the news.
  function bridge(itsWorker) {
    if (!itsWorker && worker.state) {
      clear();
    }
    hasKnocked = true;
    worker = itsWorker || {state: "", model: "", device: "", problem: ""};
    refresh();
  }

  function turn(on) {
    isOn = on;
    enabledNow = {};
    refresh();
  }

  return {refresh: refresh, fail: fail, tell: tell, clear: clear, bridge: bridge,
    turn: turn, areOn: function () { return isOn; }};
})();
