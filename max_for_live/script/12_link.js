// --- the bridge, at the other end of two sockets ---------------------------------------------------------

// The device hears at a port of its own. It tries one, says hello with that port and a nonce, and takes the
// next when no welcome with that nonce comes: another device has the port, or the bridge is not running.
var Link = (function () {
  var FIRST_PORT = 9810;
  var PORTS = 100;
  var WELCOME_MS = 500;
  var PATIENT_MS = 2000;
  var QUICK_TRIES = 6;
  var BEAT_MS = 2000;
  var MISSED_BEATS = 3;

  // Letters of this instance: jobs and welcomes that begin with them are ours.
  var nonce = "m4l" + Math.floor(Math.random() * 2176782336).toString(36) +
    (new Date().getTime() % 1679616).toString(36);
  var port = 0;
  var tries = 0;
  var missed = 0;
  var isUp = false;
  var exchange = "";
  var takesFolder = "";
  var onUp = function () {};
  var onDown = function () {};

  function send(path, args) {
    outlet.apply(null, [0, "osc", path].concat(args));
  }

  // Begins, or begins again: `lastPort` is the one that worked before, 0 for none.
  function start(lastPort, callbacks) {
    onUp = callbacks.up;
    onDown = callbacks.down;
    port = lastPort >= FIRST_PORT && lastPort < FIRST_PORT + PORTS ? lastPort
      : FIRST_PORT + Math.floor(Math.random() * 10);
    restart();
  }

  function restart() {
    var wasUp = isUp;
    isUp = false;
    tries = 0;
    Later.cancel("beat");
    if (wasUp) {
      onDown();
    }
    knock();
  }

  function knock() {
    outlet(0, "port", port);
    send("hello", [nonce, port]);
    tries += 1;
    Later.once("knock", tries <= QUICK_TRIES ? WELCOME_MS : PATIENT_MS, function () {
      port = FIRST_PORT + (port - FIRST_PORT + 1) % PORTS;
      if (tries === QUICK_TRIES) {
        onDown();
      }
      knock();
    });
  }

  function welcome(itsNonce, takes, folder) {
    if (itsNonce !== nonce) {
      return;
    }
    missed = 0;
    takesFolder = takes;
    exchange = folder;
    if (!isUp) {
      isUp = true;
      Later.cancel("knock");
      Panel.store("port", [port]);
      beat();
      onUp();
    }
  }

  // Renews the lease and asks for a sign of life. A bridge that was restarted has forgotten us: the next
  // beat subscribes again, so nothing has to notice the restart.
  function beat() {
    missed += 1;
    if (missed > MISSED_BEATS) {
      restart();
      return;
    }
    send("hello", [nonce, port]);
    send("notify", [1, port]);
    send("status", [1]);
    Later.once("beat", BEAT_MS, beat);
  }

  function stop() {
    if (isUp) {
      send("notify", [0, port]);
    }
    isUp = false;
  }

  function isOurs(jobId) {
    return String(jobId).indexOf(nonce + "-") === 0;
  }

  return {send: send, start: start, restart: restart, welcome: welcome, stop: stop, isOurs: isOurs,
    up: function () { return isUp; }, nonce: function () { return nonce; }, port: function () { return port; },
    exchange: function () { return exchange; }, takesFolder: function () { return takesFolder; }};
})();
