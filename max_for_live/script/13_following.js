// --- what the device follows: the set ------------------------------------------------------------------

var Following = (function () {
  var facts = null;
  var tracks = [];
  var label = "";
  var learned = {low: 0, high: 0, meters: []};

  // Tempo, meter and key of now; shown when they changed.
  function read() {
    facts = Live.facts();
    var text = Math.round(facts.tempo * 10) / 10 + " " + facts.numerator + "/" + facts.denominator + " " +
      facts.key.short;
    if (text !== label) {
      label = text;
      Panel.set("follows", text);
    }
    return facts;
  }

  // The tracks that take MIDI; a chosen one is found by its name.
  function readTracks() {
    tracks = Live.midiTracks();
    return tracks.map(function (track) { return track.name; });
  }

  // As the set is now: a track may have moved a moment ago. null for one that is gone.
  function track(name) {
    readTracks();
    return tracks.filter(function (one) { return one.name === name; })[0] || null;
  }

  // What the bridge says of its model, in `status.reply`; zeros and "" where the model's card does not.
  function learn(said) {
    learned = {low: Number(said.bpm_low) || 0, high: Number(said.bpm_high) || 0,
      meters: said.meters ? String(said.meters).split(",") : []};
  }

  // What to know about tempo and meter before asking; "" where all is as the model learned it.
  function warning(model) {
    if (!facts) {
      return "";
    }
    if (learned.high > 0 && (facts.tempo < learned.low || facts.tempo > learned.high)) {
      return "Ready, but the set's tempo is outside what the model " + model + " learned (" + learned.low +
        " to " + learned.high + " bpm): the groove may not follow it.";
    }
    if (learned.meters.length && learned.meters.indexOf(facts.numerator + "/" + facts.denominator) < 0) {
      return "Ready, but the model " + model + " learned " + learned.meters.join(", ") +
        " alone: the length will be right, the accents may not.";
    }
    return "";
  }

  return {read: read, readTracks: readTracks, track: track, learn: learn, warning: warning};
})();
