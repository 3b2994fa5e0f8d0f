// --- what a clip holds -----------------------------------------------------------------------------------

var Clips = (function () {
  var SHORTEST_BEATS = 0.05;

  // The notes inside a MIDI clip's loop, from its beginning: [{pitch, start, duration, velocity}], in beats,
  // with the length of that loop. Muted notes are left out, those over its borders are cut.
  function notes(clip) {
    var begin = Live.number(clip, "loop_start", 0);
    var end = Live.number(clip, "loop_end", begin);
    return {notes: inside(end > begin ? sounding(clip, begin, end) : [], begin, end), beats: end - begin};
  }

  // Notes that lie in a stretch, cut at its borders; their starts count from its beginning.
  function inside(notes, begin, end) {
    return notes.map(function (note) {
      var start = Math.max(begin, note.start);
      return {pitch: note.pitch, start: start - begin, velocity: note.velocity,
        duration: Math.min(end, note.start + note.duration) - start};
    }).filter(function (note) { return note.duration > 1e-6; });
  }

  // The notes of a MIDI clip that begin in its first `beats`, however long they ring, and wherever it loops.
  function begun(clip, beats) {
    return sounding(clip, 0, beats);
  }

  function sounding(clip, begin, end) {
    return said(clip, begin, end).filter(function (note) { return !note.mute; }).map(function (note) {
      return {pitch: note.pitch, start: note.start_time, duration: note.duration, velocity: note.velocity};
    });
  }

  // Live's own words for the notes that begin from `from` on and before `to`. One of Max's symbols holds 32767
  // characters, which are about 200 notes: what cannot be read whole is read in halves.
  function said(clip, from, to) {
    var text = clip.call("get_notes_extended", 0, 128, from, to - from);
    try {
      return JSON.parse(text instanceof Array ? text.join(" ") : String(text)).notes || [];
    } catch (error) {
      if (to - from < SHORTEST_BEATS) {
        throw Trouble.saying("Live did not say which notes the clip holds: try a shorter loop.");
      }
    }
    var middle = (from + to) / 2;
    return said(clip, from, middle).concat(said(clip, middle, to));
  }

  // The loop's notes again and again until `beats` are full.
  function tiled(found, beats) {
    var list = [];
    var turns = found.beats > 0 ? Math.ceil(beats / found.beats - 1e-9) : 0;
    for (var turn = 0; turn < Math.min(turns, 1024); turn++) {
      for (var i = 0; i < found.notes.length; i++) {
        var note = found.notes[i];
        var start = note.start + turn * found.beats;
        if (start < beats - 1e-9) {
          list.push({pitch: note.pitch, start_beats: start,
            duration_beats: Math.min(note.duration, beats - start), velocity: note.velocity});
        }
      }
    }
    return list;
  }

  // Describes an audio clip as Live plays it, for bridge/requests/clip_description.py.
  // Throws a Trouble where there is none.
  function heard(clip) {
    if (!clip || !Live.exists(clip)) {
      throw Trouble.saying("Select an audio clip first, in Session or Arrangement.");
    }
    if (!Live.flag(clip, "is_audio_clip")) {
      throw Trouble.saying("The selected clip holds MIDI; select an audio clip.");
    }
    var warping = Live.flag(clip, "warping");
    var tempo = Live.number(Live.at("live_set"), "tempo", 120);
    var markers = warping ? warpMarkers(clip) : [];
    if (warping && markers.length < 2) {
      // Several hundred are more than one of Max's symbols holds.
      throw Trouble.saying("Live did not say how this clip is warped: consolidate it (Cmd-J or Ctrl-J), " +
        "then take it again.");
    }
    return {
      path: Files.plain(Live.text(clip, "file_path")), name: Live.text(clip, "name").slice(0, 200),
      warping: warping, warp_mode: Live.number(clip, "warp_mode", 0),
      warp_markers: markers,
      regions: regions(clip, warping, tempo),
      semitones: Live.number(clip, "pitch_coarse", 0), cents: Live.number(clip, "pitch_fine", 0),
      gain_db: gainDb(clip), tempo: tempo
    };
  }

  // How many beats of the set last what `heard` described; unwarped, a higher pitch goes by faster.
  function heardBeats(description, tempo) {
    var length = description.regions.reduce(function (sum, region) { return sum + region[1] - region[0]; }, 0);
    return description.warping ? length
      : length * tempo / 60 / speed(description.semitones, description.cents);
  }

  function speed(semitones, cents) {
    return Math.pow(2, (semitones + cents / 100) / 12);
  }

  // [{sample_time (seconds), beat_time}], Live's hidden last marker included.
  function warpMarkers(clip) {
    var parsed;
    try {
      parsed = JSON.parse(String(Live.value(clip, "warp_markers", "{}")));
    } catch (error) {
      parsed = {};
    }
    return (parsed.warp_markers || []).map(function (marker) {
      return {sample_time: marker.sample_time, beat_time: marker.beat_time};
    });
  }

  // Live shows decibels as text alone: the number behind `gain` follows a curve of its own.
  function gainDb(clip) {
    var shown = Live.text(clip, "gain_display_string");
    var found = parseFloat(shown);
    return isFinite(found) ? found : (/inf/.test(shown) ? -200 : 0);
  }

  // In beats when warped, else in seconds of the file, which go by faster the higher the clip is transposed.
  function regions(clip, warping, tempo) {
    var begin = Live.number(clip, "loop_start", 0);
    var end = Live.number(clip, "loop_end", begin);
    if (!Live.flag(clip, "is_arrangement_clip")) {
      return [[begin, end]];
    }
    var faster = speed(Live.number(clip, "pitch_coarse", 0), Live.number(clip, "pitch_fine", 0));
    return arranged(clip, begin, end, warping ? 1 : 60 / tempo * faster);
  }

  // What sounds of a clip in the Arrangement: inside the arrangement's loop where that is on and meets it, and
  // unrolled where the clip itself loops. `unit` is a beat's length in what the clip counts in.
  function arranged(clip, loopStart, loopEnd, unit) {
    var set = Live.at("live_set");
    var clipStart = Live.number(clip, "start_time", 0);
    var from = clipStart;
    var to = Live.number(clip, "end_time", clipStart);
    if (Live.flag(set, "loop")) {
      var low = Live.number(set, "loop_start", 0);
      var high = low + Live.number(set, "loop_length", 0);
      if (low < to && high > from) {
        from = Math.max(from, low);
        to = Math.min(to, high);
      }
    }
    var looping = Live.flag(clip, "looping") && loopEnd > loopStart;
    var place = (looping ? Live.number(clip, "start_marker", loopStart) : loopStart) + (from - clipStart) * unit;
    var left = (to - from) * unit;
    if (!looping) {
      return [[place, place + left]];
    }
    var list = [];
    if (place >= loopEnd) {
      place = loopStart + (place - loopStart) % (loopEnd - loopStart);
    }
    while (left > 1e-9 && list.length < 2048) {
      var stop = Math.min(loopEnd, place + left);
      list.push([place, stop]);
      left -= stop - place;
      place = loopStart;
    }
    return list;
  }

  return {notes: notes, begun: begun, inside: inside,
    tiled: tiled, heard: heard, heardBeats: heardBeats, warpMarkers: warpMarkers};
})();
