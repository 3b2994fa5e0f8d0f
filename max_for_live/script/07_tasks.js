// --- later ---------------------------------------------------------------------------------------------

// Max's [delay] stands still while audio is off; a Task does not. All of them end with the device.
var Later = (function () {
  var running = {};

  // Calls `work` once after so many milliseconds; a later call of the same name replaces an earlier one.
  function once(name, milliseconds, work) {
    cancel(name);
    running[name] = new Task(function () {
      delete running[name];
      work();
    });
    running[name].schedule(milliseconds);
  }

  function cancel(name) {
    if (running[name]) {
      running[name].cancel();
      delete running[name];
    }
  }

  function cancelAll() {
    Object.keys(running).forEach(cancel);
  }

  return {once: once, cancel: cancel, cancelAll: cancelAll};
})();
