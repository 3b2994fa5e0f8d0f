// --- Live's objects ------------------------------------------------------------------------------------

var Live = (function () {
  // Objects go stale when the set changes, so they are looked up anew each time and never kept.
  function at(path) {
    return new LiveAPI(path);
  }

  function byId(id) {
    return new LiveAPI("id " + id);
  }

  function exists(object) {
    return Boolean(object) && Number(String(object.id).replace("id ", "")) !== 0;
  }

  // `get` always answers with an array; a property that this Live lacks gives the `fallback`.
  function value(object, property, fallback) {
    var found = object.get(property);
    if (found === undefined || found === null) {
      return fallback;
    }
    if (!(found instanceof Array) && typeof found === "object" && found.length !== undefined) {
      found = arrayfromargs(found);
    }
    found = found instanceof Array ? found[0] : found;
    return found === undefined || found === null || found === "<empty>" ? fallback : found;
  }

  function number(object, property, fallback) {
    var found = parseFloat(value(object, property, fallback));
    return isFinite(found) ? found : fallback;
  }

  function flag(object, property) {
    return number(object, property, 0) !== 0;
  }

  function text(object, property) {
    return String(value(object, property, ""));
  }

  // Ids of a list of children: ["id", 3, "id", 8] -> [3, 8].
  function ids(object, property) {
    var found = object.get(property) || [];
    var list = [];
    for (var i = 0; i + 1 < found.length; i += 2) {
      if (found[i] === "id" && Number(found[i + 1]) !== 0) {
        list.push(Number(found[i + 1]));
      }
    }
    return list;
  }

  function path(object) {
    return String(object.unquotedpath || object.path || "").replace(/"/g, "");
  }

  // Where a path says `word N`: N, or -1.
  function index(object, word) {
    var match = new RegExp(word + " (\\d+)").exec(path(object));
    return match ? parseInt(match[1], 10) : -1;
  }

  // Live's version as [major, minor, patch].
  function version() {
    var said = at("live_app").call("get_version_string");
    var match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(said instanceof Array ? said.join(" ") : String(said));
    return match ? [Number(match[1]), Number(match[2]), Number(match[3] || 0)] : [0, 0, 0];
  }

  function isSince(live, first) {
    for (var i = 0; i < 3; i++) {
      if (live[i] !== first[i]) {
        return live[i] > first[i];
      }
    }
    return true;
  }

  // Clips can be made of files since 11.3.25, and in the next generation since 12.0.5. Asking whether the
  // function exists is no use: `call` answers as if every function did.
  function canMakeAudioClips() {
    var live = version();
    return isSince(live, live[0] >= 12 ? [12, 0, 5] : [11, 3, 25]);
  }

  // Older Live has no such switch, and asking for it writes into Max's console.
  function canSwitchScale() {
    return isSince(version(), [12, 0, 5]);
  }

  // Tempo, meter and key of the set, and whether this Live makes clips of files. `isInKey` is false where the set's
  // Scale is switched off: the key is then what Live keeps for when it is on, and nobody asked for it.
  function facts() {
    var set = at("live_set");
    var intervals = set.get("scale_intervals");
    var scale = [];
    for (var i = 0; intervals && i < intervals.length; i++) {
      if (typeof intervals[i] === "number") {
        scale.push(intervals[i]);
      }
    }
    var numerator = number(set, "signature_numerator", 4);
    var denominator = number(set, "signature_denominator", 4);
    return {
      tempo: number(set, "tempo", 120), numerator: numerator, denominator: denominator,
      barBeats: 4 * numerator / denominator,
      canPlace: canMakeAudioClips(), isInKey: !canSwitchScale() || flag(set, "scale_mode"),
      key: Harmony.key(number(set, "root_note", 0), text(set, "scale_name"), scale)
    };
  }

  // The track that the device is on, from inside any rack. null where it is on none yet.
  function deviceTrack() {
    var object = at("this_device");
    for (var depth = 0; depth < 32 && exists(object); depth++) {
      if (/^live_set (tracks \d+|return_tracks \d+|master_track)$/.test(path(object))) {
        return object;
      }
      object = at(path(object) + " canonical_parent");
    }
    return null;
  }

  // Why no audio clip can be put on the track, as the rest of a sentence; "" where one can.
  function whyNoAudio(track) {
    if (!track || !exists(track)) {
      return "the device is on no track";
    }
    if (!/^live_set tracks \d+$/.test(path(track))) {
      return "return tracks and the main track hold no clips";
    }
    if (flag(track, "is_foldable")) {
      return "a group track holds no clips";
    }
    if (flag(track, "has_midi_input")) {
      return "a MIDI track holds no audio clips";
    }
    if (flag(track, "is_frozen")) {
      return "the track is frozen: unfreeze it";
    }
    return "";
  }

  // Why no MIDI clip can be made on the track, as the rest of a sentence; "" where one can.
  function whyNoMidi(track) {
    if (!isSince(version(), [11, 0, 0])) {
      return "this Live cannot be told notes: that needs 11.0 or newer";
    }
    if (!track || !exists(track) || !/^live_set tracks \d+$/.test(path(track)) || !flag(track, "has_midi_input")) {
      return "the notes need a MIDI track";
    }
    if (flag(track, "is_frozen")) {
      return "the track is frozen: unfreeze it";
    }
    return "";
  }

  function selectedTrack() {
    var selected = ids(at("live_set view"), "selected_track");
    return selected.length ? byId(selected[0]) : null;
  }

  function selectedClip() {
    var view = at("live_set view");
    var clip = ids(view, "detail_clip");
    if (clip.length) {
      return byId(clip[0]);
    }
    var slot = ids(view, "highlighted_clip_slot");
    if (slot.length && flag(byId(slot[0]), "has_clip")) {
      return at(path(byId(slot[0])) + " clip");
    }
    return null;
  }

  // The set's tracks that take MIDI: where they are, their names, and ids that stay while the set is open.
  function midiTracks() {
    var set = at("live_set");
    var count = set.getcount("tracks");
    var found = [];
    for (var i = 0; i < count; i++) {
      var track = at("live_set tracks " + i);
      if (flag(track, "has_midi_input")) {
        found.push({index: i, name: text(track, "name"), id: Number(track.id)});
      }
    }
    return found;
  }

  // The clip that plays on a track, or else its first one; null where it has none.
  function clipOnTrack(trackIndex) {
    var track = at("live_set tracks " + trackIndex);
    var playing = playingClip(track);
    if (playing) {
      return playing;
    }
    var slots = track.getcount("clip_slots");
    for (var i = 0; i < slots; i++) {
      var clip = clipInScene(track, i);
      if (clip) {
        return clip;
      }
    }
    var arranged = ids(track, "arrangement_clips");
    return arranged.length ? byId(arranged[0]) : null;
  }

  // The clip of a track that plays, in Session or the Arrangement; null where none does.
  function playingClip(track) {
    var slot = number(track, "playing_slot_index", -1);
    return slot >= 0 ? clipInScene(track, slot) : clipAtPlayhead(track);
  }

  // null for an empty slot, and where there is no such scene.
  function clipInScene(track, scene) {
    var slot = scene >= 0 && scene < track.getcount("clip_slots") ? at(path(track) + " clip_slots " + scene) : null;
    return slot && flag(slot, "has_clip") ? at(path(slot) + " clip") : null;
  }

  // The clip that the Arrangement plays on a track; null where none sounds.
  function clipAtPlayhead(track) {
    var set = at("live_set");
    var now = number(set, "current_song_time", 0);
    var found = ids(track, "arrangement_clips").map(byId).filter(function (clip) {
      return number(clip, "start_time", 0) <= now && now < number(clip, "end_time", 0);
    });
    return flag(set, "is_playing") && found.length ? found[0] : null;
  }

  return {at: at, byId: byId, exists: exists, value: value, number: number, flag: flag, text: text, ids: ids,
    path: path, index: index, canMakeAudioClips: canMakeAudioClips, canSwitchScale: canSwitchScale, facts: facts,
    deviceTrack: deviceTrack, whyNoAudio: whyNoAudio, whyNoMidi: whyNoMidi, selectedTrack: selectedTrack,
    selectedClip: selectedClip, midiTracks: midiTracks, clipOnTrack: clipOnTrack, playingClip: playingClip,
    clipInScene: clipInScene};
})();
