// --- what comes in: the functions that the patch calls -----------------------------------------------------

// By path, the root cut off. Whatever may come to an open port: what makes no sense is left alone, and a menu that
// somebody else filled is right again with the bridge's next beat.
var HANDLERS = {
  "welcome": function (nonce, version, takes, exchange) {
    Link.welcome(nonce, String(takes || ""), String(exchange || ""));
  },
  "notify.reply": function () {},
  "status.reply": function () { Device.status(arrayfromargs(arguments)); },
  "preset/list.reply": function () { Music.fillPresets(arrayfromargs(arguments)); },
  "style/list.reply": function () { Music.fillStyles(arrayfromargs(arguments)); },
  "preset/read.reply": function (name) { Controls.presetRead(name, arrayfromargs(arguments).slice(1)); },
  "queued": function (id, seed) { Device.queued(id, seed); },
  "synced": function (id) { Jobs.synced(id); },
  "progress": function (id, fraction) {
    Jobs.progress(id, fraction);
    Words.refresh();
  },
  "take": function (id, index, path, seconds, bpm) {
    Jobs.take(id, index, String(path || ""), seconds, bpm);
    Words.refresh();
  },
  "heard": Hearing.heard,
  "done": function (id) { Device.done(id); },
  "fail": function (about, code, sentence) { Device.failed(about, code, sentence); },
  "take/star.reply": function (name, on) { Takes.starred(name, on); }
};

function bang() {
  Device.start();
}

function control(name, value) {
  var taken = {
    takes: function () { Takes.choose(Math.round(value)); },
    preview: function () { Takes.preview(value); },
    star: function () { Takes.star(value); }
  };
  if (Menus.has(name) || taken.hasOwnProperty(name)) {
    // These are not kept by Live: what they say while the device loads is no wish of anybody.
    if (Device.isStarted()) {
      (taken[name] || Controls.moved)(name, value);
    }
  } else {
    Controls.moved(name, value);
  }
}

function press(name) {
  Buttons.press(name);
}

function stored(name) {
  if (!Panel.isStoring()) {
    var atoms = arrayfromargs(arguments).slice(1);
    Panel.keep(name, atoms);
    if (name === "takes") {
      Takes.restore(atoms);
    } else {
      Controls.kept(name, atoms);
    }
  }
}

function osc(path) {
  if (Device.isStarted() && HANDLERS.hasOwnProperty(path)) {
    HANDLERS[path].apply(null, arrayfromargs(arguments).slice(1));
  }
}

function sample_rate(hertz) {
  Controls.moved("sample_rate", hertz);
}

function preview_loaded() {
  Takes.loaded();
}

function enabled(on) {
  if (!on) {
    Takes.preview(0);
  }
}

function notifydeleted() {
  Device.stop();
}

// A patch of a newer version may say more: nothing happens then, and nothing in the Max console.
function anything() {}
