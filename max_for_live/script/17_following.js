// --- what the device follows: the set ------------------------------------------------------------------

var Following = (function () {
  var TOO_OLD = "Ready, but this Live cannot make clips of files (11.3.25, 12.0.5 and newer can). Start the bridge " +
    "with `msanii-bridge serve --drop-to live`, and drag takes in from the User Library.";

  var facts = null;
  var tracks = [];
  // Names are not unique and may change; the id of the chosen track stays while the set is open.
  var chosenId = 0;
  var label = "";
  var learned = {low: 0, high: 0, meters: []};

  // Tempo, meter and key of now; shown when they changed, with the key of the next takes: that of heard chords, else
  // the set's, where Scale is on.
  function read() {
    facts = Live.facts();
    var key = Music.heardKey() || (facts.isInKey ? facts.key.name : "");
    var text = Math.round(facts.tempo * 10) / 10 + " " + facts.numerator + "/" + facts.denominator +
      (key ? " " + key.replace(/( \w{3})\w*$/, "$1") : "");
    if (text !== label) {
      label = text;
      Panel.set("follows", text);
    }
    return facts;
  }

  // The tracks that take MIDI, as the menu has them: several of one name are numbered, past every number that is
  // part of another's name.
  function readTracks() {
    tracks = Live.midiTracks();
    var taken = tracks.map(function (track) { return track.name; });
    tracks.forEach(function (track) {
      var isAlone = taken.indexOf(track.name) === taken.lastIndexOf(track.name);
      track.label = isAlone ? track.name : numbered(track.name, taken);
      taken.push(track.label);
    });
    return tracks.map(function (track) { return track.label; });
  }

  function numbered(name, taken) {
    var number = 1;
    while (taken.indexOf(name + " (" + number + ")") >= 0) {
      number += 1;
    }
    return name + " (" + number + ")";
  }

  function firstTrack(property, value) {
    return tracks.filter(function (one) { return one[property] === value; })[0] || null;
  }

  // The chosen one of the tracks that were read last: it may have been moved or named anew. After a reload its
  // label is all that is known, and another track of its name may have come. null for one that is gone.
  function track(itsLabel) {
    var found = firstTrack("id", chosenId) || firstTrack("label", itsLabel) ||
      (chosenId ? null : firstTrack("name", itsLabel));
    chosenId = found ? found.id : chosenId;
    return found;
  }

  // Another one is chosen, by its label.
  function chooseTrack(itsLabel) {
    chosenId = 0;
    track(itsLabel);
  }

  // The meter that was read last, as numerator and denominator.
  function meter() {
    return facts ? [facts.numerator, facts.denominator] : [4, 4];
  }

  // What the bridge says of its model, in `status.reply`; zeros and "" where the model's card does not.
  function learn(said) {
    learned = {low: Number(said.bpm_low) || 0, high: Number(said.bpm_high) || 0,
      meters: said.meters ? String(said.meters).split(",") : []};
  }

  // What to know about tempo, meter and Live before asking; "" where all is as it should be.
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
    return facts.canPlace ? "" : TOO_OLD;
  }

  return {read: read, meter: meter, readTracks: readTracks, track: track,
    chooseTrack: chooseTrack, learn: learn, warning: warning};
})();
