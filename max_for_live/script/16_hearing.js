// --- hearing: what the bridge hears in an audio clip, and its chords on offer ------------------------------------

var Hearing = (function () {
  // Longer than the bridge needs for the longest clip on a busy machine.
  var ANSWER_MS = 300000;
  var WORDS_MS = 20000;
  var SURE = 0.5;
  var SAME_TEMPO = 0.04;
  var OCTAVES = {0.5: " (double the set's tempo)", 1: "", 2: " (half the set's tempo)"};
  var MOST_SHOWN = 40;
  var NO_OFFER = "Writes the chords that were heard in an audio clip, with their key.";

  // The clip whose answer is awaited; null for none.
  var clip = null;
  // How many answers are awaited, those about earlier clips too: an error does not say which it is about.
  var awaited = 0;
  // {chords, key, name} of the clip that was heard last; null where no chords were.
  var offer = null;

  // Asks what is heard in an audio clip, as Live plays it. Throws a Trouble.
  function begin(object) {
    if (!Link.up()) {
      return; // the status says so already
    }
    var facts = Following.read();
    var source = Requests.describeSource(object, "heard");
    clip = {path: source.path, name: source.label.slice(0, 24), isWarped: source.clip.warping,
      tempo: facts.tempo, barBeats: facts.barBeats, rate: Live.number(object, "sample_rate", 44100),
      beats: Clips.heardBeats(source.clip, facts.tempo)};
    setOffer(null);
    awaited += 1;
    Link.send("listen", [clip.path]);
    Later.once("heard", ANSWER_MS, function () {
      drop();
      Words.fail("The bridge did not say what it hears in this clip: press Hear clip again.");
    });
  }

  // No answer will come any more.
  function drop() {
    clip = null;
    awaited = 0;
    Later.cancel("heard");
  }

  // The bridge's answer; one about an earlier clip is left alone.
  function heard(path, bpm, numerator, denominator, firstBeat, key, chords, confidence) {
    awaited = Math.max(0, awaited - 1);
    if (!clip || path !== clip.path) {
      return;
    }
    var asked = clip;
    clip = null;
    Later.cancel("heard");
    tell(asked, {bpm: bpm, meter: numerator > 0 ? numerator + "/" + denominator : "",
      barBeats: numerator > 0 ? 4 * numerator / denominator : asked.barBeats,
      seconds: Math.max(0, firstBeat) / asked.rate, key: key, chords: chords, confidence: confidence});
  }

  // The bridge refused a clip, and the status says why; where that was an earlier one, the answer still comes.
  function failed() {
    awaited = Math.max(0, awaited - 1);
    if (!awaited) {
      drop();
    }
  }

  function tell(asked, said) {
    var octave = octaveOf(said.bpm, asked.tempo);
    // The clip's beat on which the chords begin.
    var start = octave ? Math.round(said.seconds * asked.tempo / 60) : 0;
    var all = said.chords ? laidOut(asked, said, octave, start) : [];
    var list = fitting(all);
    setOffer(list.length ? {chords: list.join(" "), key: said.key, name: asked.name} : null);
    var offBeats = start % asked.barBeats;
    var warnings = [octave ? "" : misfit(asked, said),
      offer && offBeats ? "Its bars begin on beat " + (offBeats + 1) + " of the clip's." : "",
      list.indexOf("N.C.") >= 0 ? "N.C. stands where no chord is sure." : "",
      list.length < all.length ? "They are too many: the last ones are left out." : ""].filter(Boolean);
    var isFine = offer && said.confidence >= SURE && !warnings.length;
    Words.tell(isFine ? Panel.GREEN : Panel.ORANGE, [whatIsSure(asked, said, octave)].concat(
      offer ? "As heard takes its chords: " + shortened(offer.chords) + "." : [], warnings).join(" "), WORDS_MS);
  }

  function whatIsSure(asked, said, octave) {
    if (!said.bpm && !said.key && !said.chords) {
      return "Heard nothing in " + asked.name + " that is sure: no tempo, key or chords.";
    }
    var tempo = said.bpm ? Math.round(said.bpm * 10) / 10 + " bpm" + (OCTAVES[octave] || "") : "no sure tempo";
    var facts = [tempo, said.meter, said.key || "no sure key", said.chords ? "" : "no sure chords"].filter(Boolean);
    return (said.bpm && said.confidence < SURE ? "Not quite sure: " : "") + asked.name + ": " + facts.join(", ") + ".";
  }

  function misfit(asked, said) {
    if (!said.bpm) {
      return offer ? "They may not line up with the clip." : "";
    }
    return "That is not the set's tempo: " + (asked.isWarped ? "mend the clip's warp markers" : "warp the clip") +
      (offer ? ", and they line up." : ".");
  }

  function shortened(chords) {
    return chords.length > MOST_SHOWN ? chords.slice(0, chords.lastIndexOf(" ", MOST_SHOWN)) + " ..." : chords;
  }

  // How many of the set's quarter notes pass in one that was heard; 0 where the tempos are no octaves of each other.
  function octaveOf(bpm, tempo) {
    return [1, 2, 0.5].filter(function (octave) {
      return Math.abs(bpm * octave / tempo - 1) <= SAME_TEMPO;
    })[0] || 0;
  }

  // The chords as the field has them, from the clip's beginning to its end; at another tempo a bar of the set's for
  // each that was heard. Chords that repeat go on before and after the bars that were heard.
  function laidOut(asked, said, octave, start) {
    var bars = said.chords.split(/ *\| */);
    var unit = octave || asked.barBeats / said.barBeats;
    var barBeats = said.barBeats * unit;
    var period = periodOf(bars);
    function slots(bar) {
      var text = bars[bar] || (period ? bars[(bar % period + period) % period] : "N.C.");
      return text.split(" ").map(function (word) {
        var parts = word.split(":");
        return {text: parts[0], beats: (Number(parts[1]) || said.barBeats) * unit};
      });
    }
    var first = -Math.floor(start / barBeats);
    var end = Math.max(bars.length, octave && Math.floor((asked.beats - start) / barBeats + 1e-6));
    var list = [{text: slots(first - 1).pop().text, beats: start % barBeats}];
    for (var bar = first; bar < end; bar++) {
      list = list.concat(slots(bar));
    }
    // The clip's end may cut a bar.
    var rest = asked.beats - start - end * barBeats;
    var cut = period ? slots(end)[0] : list[list.length - 1];
    list.push({text: cut.text, beats: octave && rest});
    return once(list.filter(function (slot) { return slot.beats >= 0.125; }).map(function (slot) {
      var isBar = Math.abs(slot.beats - asked.barBeats) < 1e-6;
      return isBar ? slot.text : slot.text + ":" + Number(slot.beats.toFixed(6));
    }));
  }

  // After how many items a list repeats, heard twice at least; 0 for never.
  function periodOf(list) {
    for (var period = 1; period <= list.length / 2; period++) {
      if (list.slice(period).join() === list.slice(0, -period).join()) {
        return period;
      }
    }
    return 0;
  }

  // A progression repeats by itself.
  function once(list) {
    var period = periodOf(list);
    return period && list.length % period === 0 ? list.slice(0, period) : list;
  }

  function fitting(chords) {
    var length = -1;
    return chords.filter(function (chord) {
      length += chord.length + 1;
      return length <= Requests.MOST_CHORD_CHARACTERS;
    });
  }

  function setOffer(itsOffer) {
    offer = itsOffer;
    Panel.annotate("as_heard", offer ? (offer.name + ": " + offer.chords).slice(0, 250) : NO_OFFER);
  }

  // Writes the chords on offer. Throws a Trouble where there are none.
  function use() {
    if (!offer) {
      throw Trouble.saying("No chords were heard: select an audio clip, and press Hear clip.");
    }
    Music.write(offer.chords, offer.key);
    Words.tell(Panel.GREEN, "These are the chords of " + offer.name + (offer.key ? ", in " + offer.key : "") + ".");
  }

  return {begin: begin, drop: drop, heard: heard, failed: failed, use: use,
    isAsking: function () { return clip !== null; }, hasOffer: function () { return offer !== null; }};
})();
