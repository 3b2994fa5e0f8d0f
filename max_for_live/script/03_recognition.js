// --- chords in notes ---------------------------------------------------------------------------------

var Recognition = (function () {
  // Tones above the root, and what a chord must earn over plainer ones to be named.
  var TYPES = [
    {name: "", tones: [0, 4, 7], cost: 0}, {name: "m", tones: [0, 3, 7], cost: 0},
    {name: "7", tones: [0, 4, 7, 10], cost: 0.05}, {name: "maj7", tones: [0, 4, 7, 11], cost: 0.05},
    {name: "m7", tones: [0, 3, 7, 10], cost: 0.05}, {name: "6", tones: [0, 4, 7, 9], cost: 0.08},
    {name: "m6", tones: [0, 3, 7, 9], cost: 0.08}, {name: "dim", tones: [0, 3, 6], cost: 0.05},
    {name: "m7b5", tones: [0, 3, 6, 10], cost: 0.06}, {name: "dim7", tones: [0, 3, 6, 9], cost: 0.06},
    {name: "aug", tones: [0, 4, 8], cost: 0.06}, {name: "sus4", tones: [0, 5, 7], cost: 0.06},
    {name: "sus2", tones: [0, 2, 7], cost: 0.07}, {name: "add9", tones: [0, 2, 4, 7], cost: 0.08},
    {name: "5", tones: [0, 7], cost: 0.12}
  ];
  var MISSING = 0.12;
  // A tone that sounds for less of the time is a passing one.
  var PRESENT = 0.06;
  var FOREIGN = 1.2;
  var BASS_ROOT = 0.25;
  var SPLIT_GAIN = 0.12;

  // How long each pitch class sounds from `begin` to `end` (beats), of 1 altogether; and the lowest pitch.
  function weights(notes, begin, end) {
    var sums = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    var total = 0;
    var bass = null;
    for (var i = 0; i < notes.length; i++) {
      var note = notes[i];
      var length = Math.min(end, note.start + note.duration) - Math.max(begin, note.start);
      if (length > 1e-6) {
        sums[note.pitch % 12] += length;
        total += length;
        bass = bass === null ? note.pitch : Math.min(bass, note.pitch);
      }
    }
    for (var pitchClass = 0; pitchClass < 12 && total > 0; pitchClass++) {
      sums[pitchClass] /= total;
    }
    return {sums: sums, bass: bass};
  }

  // The chord that fits best: {text, score}; null where nothing sounds.
  function best(notes, begin, end, flats) {
    var heard = weights(notes, begin, end);
    if (heard.bass === null) {
      return null;
    }
    var bass = heard.bass % 12;
    var found = null;
    for (var root = 0; root < 12; root++) {
      for (var i = 0; i < TYPES.length; i++) {
        var score = fit(heard.sums, root, TYPES[i]) + (root === bass ? BASS_ROOT : 0);
        if (heard.sums[root] > 0 && (found === null || score > found.score + 1e-9)) {
          found = {root: root, type: TYPES[i], score: score};
        }
      }
    }
    var slash = found.root === bass ? "" : "/" + Harmony.noteName(bass, flats);
    return {text: Harmony.noteName(found.root, flats) + found.type.name + slash, score: found.score};
  }

  function fit(sums, root, type) {
    var inside = 0;
    var missing = 0;
    for (var i = 0; i < type.tones.length; i++) {
      var weight = sums[(root + type.tones[i]) % 12];
      inside += weight;
      missing += weight < PRESENT ? 1 : 0;
    }
    return inside - FOREIGN * (1 - inside) - MISSING * missing - type.cost;
  }

  // The chords of `bars` bars of `barBeats` quarter notes from `begin`: "Am F C G", or "Am F:2 G:2 C" where a
  // bar changes in its middle. A silent bar keeps the chord before it; "" where nothing sounds at all.
  function chords(notes, begin, bars, barBeats, flats) {
    var tokens = [];
    var before = null;
    for (var bar = 0; bar < bars; bar++) {
      var start = begin + bar * barBeats;
      var middle = start + barBeats / 2;
      var whole = best(notes, start, start + barBeats, flats);
      var first = best(notes, start, middle, flats);
      var second = best(notes, middle, start + barBeats, flats);
      var isSplit = whole && first && second && first.text !== second.text &&
        (first.score + second.score) / 2 > whole.score + SPLIT_GAIN;
      if (isSplit) {
        tokens.push(first.text + ":" + barBeats / 2, second.text + ":" + barBeats / 2);
        before = second.text;
      } else {
        before = whole ? whole.text : before;
        tokens.push(before || "N.C.");
      }
    }
    return before === null ? "" : tokens.join(" ");
  }

  return {chords: chords, best: best};
})();
