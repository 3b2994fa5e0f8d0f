// --- what becomes of requests ----------------------------------------------------------------------------------

var Jobs = (function () {
  var ANSWER_MS = 5000;
  var SOURCE_MS = 70000;
  var SYNC_MS = 200;
  var IDLE_REPLIES = 3;

  var counter = 0;
  // By job id: {verb, args, beats, state: "asked" or "queued", asked: how often, lost: how often in vain,
  // isCancelled: by the musician, though the bridge has not said so yet}.
  var active = {};
  // Given up while the bridge was away: it may have heard of them all the same.
  var unwanted = [];
  var idle = 0;
  var percent = 0;

  // One literal for each verb: the tests hold them against the bridge's table.
  var ASK = {
    generate: function (args) { Link.send("generate", args); },
    vary: function (args) { Link.send("vary", args); },
    interpolate: function (args) { Link.send("interpolate", args); },
    inpaint: function (args) { Link.send("inpaint", args); },
    outpaint: function (args) { Link.send("outpaint", args); },
    edit: function (args) { Link.send("edit", args); },
    complete: function (args) { Link.send("complete", args); }
  };

  // Asks for takes. Throws a Trouble.
  function ask(controls, facts, notes) {
    var list = Requests.pairs(controls, facts);
    if (notes && notes.length) {
      list.push("notes", Requests.writeNotes(notes));
    }
    begin(controls.verb, list, controls.verb === "generate" ? controls.bars * facts.barBeats : 0);
  }

  // Asks for a take once more with other notes. Throws a Trouble.
  function edit(take, notes) {
    begin("edit", [take.path, "notes", Requests.writeNotes(notes, take.beats)], take.beats);
  }

  // Asks for the part that is missing. Throws a Trouble.
  function complete(controls, facts, found) {
    begin("complete", Requests.completing(controls, facts, found), found.bars * facts.barBeats);
  }

  function begin(verb, args, beats) {
    counter += 1;
    var id = Link.nonce() + "-" + counter;
    active[id] = {verb: verb, args: [id].concat(args), beats: beats, state: "asked", asked: 0, lost: 0,
      isCancelled: false};
    post(id);
  }

  function post(id) {
    var job = active[id];
    job.asked += 1;
    ASK[job.verb](job.args);
    Link.send("sync", [id]);
    var readsAudio = job.verb === "edit" || Requests.needsSource(job.verb);
    Later.once("answer " + id, readsAudio ? SOURCE_MS : ANSWER_MS, function () {
      // Without the bridge nothing is counted: it is asked again when it is back.
      if (Link.up()) {
        again(id);
      }
    });
  }

  // The bridge has read all that was sent before this: a request that it did not confirm never arrived.
  function synced(id) {
    if (isActive(id) && active[id].state === "asked") {
      Later.once("answer " + id, SYNC_MS, function () {
        again(id);
      });
    }
  }

  // A request that was lost on the way is asked once more; the id makes sure that it is rendered once.
  function again(id) {
    if (!isActive(id) || active[id].state !== "asked" || active[id].isCancelled) {
      return;
    }
    active[id].lost += 1;
    if (active[id].lost > 1) {
      delete active[id];
      Words.fail("The bridge did not answer this request: ask again.");
      return;
    }
    post(id);
  }

  // While the bridge is away, what it never confirmed is given up at once; the rest waits until it is back.
  function cancel() {
    Object.keys(active).forEach(function (id) {
      active[id].isCancelled = true;
      if (!Link.up() && active[id].state === "asked") {
        unwanted.push(id);
        ended(id);
      }
    });
    insist();
  }

  // A bridge that goes in that moment, or comes back, has not heard of it: it is told until it answers.
  function insist() {
    Object.keys(active).concat(unwanted).forEach(function (id) {
      if (Link.up() && (!isActive(id) || active[id].isCancelled)) {
        Link.send("cancel", [id]);
      }
    });
    unwanted = Link.up() ? [] : unwanted;
  }

  function isCancelled(id) {
    return isActive(id) && active[id].isCancelled;
  }

  // --- events

  // An id from outside may be any word, `constructor` among them.
  function isActive(id) {
    return active.hasOwnProperty(id);
  }

  // Whether the job is ours.
  function queued(id) {
    if (isActive(id)) {
      active[id].state = "queued";
      Later.cancel("answer " + id);
    }
    return isActive(id);
  }

  function progress(id, fraction) {
    if (isActive(id) && isFinite(fraction)) {
      active[id].state = "queued";
      percent = Math.floor(100 * Math.max(0, Math.min(1, fraction)));
      Panel.progress(fraction);
    }
  }

  // Of a job that was given up, or went by unheard, the recipe beside the file knows how much of it is music.
  function take(id, index, path, seconds, bpm) {
    if (Link.isOurs(id) && Files.isWhole(path) && isLength(seconds) && isLength(bpm)) {
      var told = isActive(id) ? Takes.make(path, seconds, bpm, active[id].beats, id)
        : Takes.describe(path, id) || Takes.make(path, seconds, bpm, 0, id);
      Takes.add(told, index === 0);
    }
  }

  function isLength(number) {
    return number > 0 && isFinite(number);
  }

  // Whether the job was ours and has ended.
  function ended(id) {
    Later.cancel("answer " + id);
    var wasOurs = isActive(id);
    delete active[id];
    percent = 0;
    if (!count()) {
      Panel.progress(0);
    }
    return wasOurs;
  }

  // Whether the failure ends nothing: a request that was asked again had been heard the first time.
  function isHeardBefore(id, code) {
    if (code === "exists" && isActive(id) && active[id].asked > 1) {
      active[id].state = "queued";
      Later.cancel("answer " + id);
      return true;
    }
    return false;
  }

  // After the bridge came back: what it never confirmed is asked again, the rest is in its journal.
  function resume() {
    idle = 0;
    Object.keys(active).forEach(function (id) {
      if (active[id].state === "asked" && !active[id].isCancelled) {
        post(id);
      }
    });
    insist();
  }

  // Jobs whose end went by unheard, while the bridge was away: it has none left, and says so again and again.
  function settle(unfinished) {
    var waiting = Object.keys(active).filter(function (id) { return active[id].state === "queued"; });
    idle = unfinished === 0 && waiting.length ? idle + 1 : 0;
    if (idle < IDLE_REPLIES) {
      return false;
    }
    idle = 0;
    waiting.forEach(ended);
    return true;
  }

  function count() {
    return Object.keys(active).length;
  }

  function isAsking() {
    return Object.keys(active).every(function (id) { return active[id].state === "asked"; });
  }

  return {ask: ask, edit: edit, complete: complete, cancel: cancel, insist: insist, isCancelled: isCancelled,
    synced: synced, queued: queued, progress: progress, take: take, ended: ended, isHeardBefore: isHeardBefore,
    resume: resume, settle: settle, count: count, isAsking: isAsking, percent: function () { return percent; }};
})();
