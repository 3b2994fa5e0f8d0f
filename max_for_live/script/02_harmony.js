// --- keys, chords and progressions -------------------------------------------------------------------

var Harmony = (function () {
  var SHARPS = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
  var FLATS = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];
  var MAJOR = [0, 2, 4, 5, 7, 9, 11];
  var MINOR = [0, 2, 3, 5, 7, 8, 10];
  // Scale names that the bridge reads as keys; others are heard as the major or minor that their third says.
  var MODES = ["major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian"];

  // Degrees of seven-note scales; "M" or "m" after a degree makes a chord major or minor against the scale.
  var PROGRESSIONS = [
    {name: "Pop: I V vi IV", major: ["1", "5", "6", "4"], minor: ["1", "6", "3", "7"]},
    {name: "Ballad: vi IV I V", major: ["6", "4", "1", "5"], minor: ["6", "7", "1", "1"]},
    {name: "Doo-wop: I vi IV V", major: ["1", "6", "4", "5"], minor: ["1", "6", "4", "5m"]},
    {name: "Folk: I IV V I", major: ["1", "4", "5", "1"], minor: ["1", "4", "5m", "1"]},
    {name: "Jazz: ii V I", major: ["2:7", "5:7", "1:7", "1:7"], minor: ["2:7", "5M:7", "1:7", "1:7"]},
    {name: "Canon", major: ["1", "5", "6", "3", "4", "1", "4", "5"],
      minor: ["1", "5m", "6", "3", "4", "1", "4", "5m"]},
    {name: "Descent: i VII VI V", major: ["6", "5", "4", "3M"], minor: ["1", "7", "6", "5M"]},
    {name: "Dorian vamp: i IV", major: ["2", "5"], minor: ["1", "4M"]},
    {name: "Blues: twelve bars", major: ["1M:b7", "4M:b7", "1M:b7", "1M:b7", "4M:b7", "4M:b7", "1M:b7", "1M:b7",
      "5M:b7", "4M:b7", "1M:b7", "5M:b7"], minor: ["1:7", "4:7", "1:7", "1:7", "4:7", "4:7", "1:7", "1:7",
      "6:7", "5M:7", "1:7", "5M:7"]}
  ];

  // Where a chord may go next, by degree: functional harmony, with more tickets for the commoner move.
  var NEXT = {
    major: {1: [4, 4, 5, 5, 6, 6, 2, 3], 2: [5, 5, 5, 4], 3: [6, 6, 4], 4: [5, 5, 1, 1, 2, 6],
      5: [1, 1, 6, 6, 4], 6: [4, 4, 2, 5, 3]},
    minor: {1: [6, 6, 4, 4, 7, 7, 3, 5], 3: [7, 6, 4], 4: [7, 5, 1, 6], 5: [1, 6, 6], 6: [7, 7, 3, 4],
      7: [1, 1, 3, 6]}
  };

  function contains(list, item) {
    return list.indexOf(item) >= 0;
  }

  function isMinorScale(intervals) {
    return contains(intervals, 3) && !contains(intervals, 4);
  }

  // A set's root note (0 to 11), scale name and intervals -> {root, name, mode, intervals, isMinor}.
  function key(root, scaleName, scaleIntervals) {
    var name = String(scaleName || "Major").toLowerCase();
    var intervals = scaleIntervals && scaleIntervals.length ? scaleIntervals : MAJOR;
    var minor = isMinorScale(intervals);
    var mode = contains(MODES, name) ? name : (minor ? "minor" : "major");
    // Chords are built on seven notes; a pentatonic or blues set lends its third alone.
    var seven = intervals.length === 7 ? intervals : (minor ? MINOR : MAJOR);
    var tonic = noteName(root, usesFlats(root, seven));
    return {root: root, mode: mode, isMinor: minor, intervals: seven,
      name: tonic + " " + mode, short: tonic + " " + mode.slice(0, 3)};
  }

  // Keys on the flat side of the circle of fifths are spelled with flats.
  function usesFlats(root, intervals) {
    var parentMajor = isMinorScale(intervals) ? (root + 3) % 12 : root;
    return contains([5, 10, 3, 8, 1], parentMajor);
  }

  function noteName(pitchClass, flats) {
    return (flats ? FLATS : SHARPS)[((pitchClass % 12) + 12) % 12];
  }

  // The chord on a degree (1 to 7) of a key, as text. `third` forces major or minor, `seventh` adds one.
  function degreeChord(inKey, degree, third, seventh) {
    var scale = inKey.intervals;
    function tone(steps) {
      var index = degree - 1 + steps;
      return scale[index % 7] + 12 * Math.floor(index / 7) - scale[degree - 1];
    }
    var isMinor = third ? third === "m" : tone(2) === 3;
    var fifth = third ? 7 : tone(4);
    var name = noteName(inKey.root + scale[degree - 1], usesFlats(inKey.root, scale));
    var suffix = isMinor ? (fifth === 6 ? "dim" : "m") : (fifth === 8 ? "aug" : "");
    if (!seventh || suffix === "aug") {
      return name + suffix;
    }
    var high = seventh === "b7" || third === "M" || tone(6) === 10;
    if (suffix === "dim") {
      return name + (tone(6) === 10 ? "m7b5" : "dim7");
    }
    return name + (isMinor ? (high ? "m7" : "m(maj7)") : (high ? "7" : "maj7"));
  }

  function progressionNames() {
    return PROGRESSIONS.map(function (one) { return one.name; });
  }

  // The chords of a named progression in a key, one for each bar; "" for a name that is not known.
  function progression(name, inKey) {
    for (var i = 0; i < PROGRESSIONS.length; i++) {
      if (PROGRESSIONS[i].name === name) {
        return PROGRESSIONS[i][inKey.isMinor ? "minor" : "major"].map(function (degree) {
          var parts = degree.split(":");
          return degreeChord(inKey, parseInt(parts[0], 10), parts[0].charAt(1), parts[1]);
        }).join(" ");
      }
    }
    return "";
  }

  // As many chords as bars (at most 16), begun on the tonic and led home; `random` gives numbers from 0 to 1.
  function dice(inKey, bars, random) {
    var count = Math.max(1, Math.min(16, Math.round(bars)));
    var table = NEXT[inKey.isMinor ? "minor" : "major"];
    var degrees = [1];
    while (degrees.length < count) {
      var here = degrees[degrees.length - 1];
      var choices = table[here].filter(function (degree) {
        return degree !== degrees[degrees.length - 2] || random() < 0.4;
      });
      choices = choices.length ? choices : table[here];
      degrees.push(choices[Math.floor(random() * choices.length) % choices.length]);
    }
    if (count > 2) {
      // The last chord leads back to the first: dominant, subdominant, or the seventh degree in minor.
      var turns = inKey.isMinor ? [5, 7, 4] : [5, 5, 4];
      degrees[count - 1] = turns[Math.floor(random() * turns.length) % turns.length];
      if (degrees[count - 2] === degrees[count - 1]) {
        degrees[count - 2] = (inKey.isMinor ? [6, 4, 3] : [2, 4, 6]).filter(function (degree) {
          return degree !== degrees[count - 1] && degree !== degrees[count - 3];
        })[0];
      }
    }
    var seventh = random() < 0.25 ? "7" : "";
    return degrees.map(function (degree) {
      // In minor the dominant is major, as its leading note wants.
      var dominant = inKey.mode === "minor" && degree === 5;
      return degreeChord(inKey, degree, dominant ? "M" : "", seventh);
    }).join(" ");
  }

  return {key: key, noteName: noteName, usesFlats: usesFlats, degreeChord: degreeChord,
    progressionNames: progressionNames, progression: progression, dice: dice};
})();
