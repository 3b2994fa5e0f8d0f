// --- takes into the set ----------------------------------------------------------------------------------

// A take here is {path, name, seconds, fileBeats, beats}: a file that rings on after its last bar has more beats
// than its music. Every function calls `done(error, sentence)` once: `error` is a sentence or "", the other says
// where the clip went. The set is changed by buttons and tasks alone.
var Placing = (function () {
  var COLOUR = 0x3dc300;
  var COMPLEX = 4;
  // Live sets `warping` a moment later by itself, so what was set is read back after this time.
  var SETTLE_MS = 120;
  var NEAR_BEATS = 1e-3;
  var NEAR_SECONDS = 2e-3;

  var GONE = "The clip went away while it was set up.";
  var FALLBACK = " Its file is in the takes folder (Reveal): drag it in from there.";

  function session(take, done) {
    var ready = prepared(take);
    if (ready.error) {
      done(ready.error + FALLBACK, "");
      return;
    }
    var slot = freeSlot(ready.track, true);
    made(slot.path, take, function (error) {
      done(error, "Placed in scene " + (slot.scene + 1) + " of " + ready.where + ".");
    });
  }

  // At the playhead. A clip is made and set up in Session, copied, and taken away again: made in the
  // Arrangement directly, its length would be whatever Live's preferences say.
  function arrangement(take, done) {
    var ready = prepared(take);
    if (ready.error) {
      done(ready.error + FALLBACK, "");
      return;
    }
    var beats = Live.number(Live.at("live_set"), "current_song_time", 0);
    var slot = freeSlot(ready.track, false);
    var trackPath = Live.path(ready.track);
    made(slot.path, take, function (error) {
      var clip = Live.at(slot.path + " clip");
      var isMade = Live.exists(clip);
      if (isMade) {
        Live.at(trackPath).call("duplicate_clip_to_arrangement", ["id", Number(clip.id)], beats);
        Live.at(slot.path).call("delete_clip");
      }
      if (slot.isNewScene) {
        Live.at("live_set").call("delete_scene", slot.scene);
      }
      if (isMade && !arrangedAt(trackPath, beats)) {
        error = "Live put no clip at the playhead: is something recorded on this track?" + FALLBACK;
      }
      done(error, "Placed in the Arrangement, at the playhead, on " + ready.where + ".");
    });
  }

  // {track, where} for what the take can go to, in words too; or {error}.
  function prepared(take) {
    if (!take) {
      return {error: "There is no take yet: press Generate first."};
    }
    if (!Live.canMakeAudioClips()) {
      return {error: "This Live cannot make clips of files: that needs 11.3.25, 12.0.5 or newer."};
    }
    if (!Files.isWhole(take.path)) {
      return {error: "The take has no whole path: ask for it again."};
    }
    var track = Live.deviceTrack();
    var why = Live.whyNoAudio(track);
    if (!why) {
      return {track: track, where: "this track"};
    }
    // Where the device cannot place beside itself, the selected track may do.
    var other = Live.selectedTrack();
    if (!Live.whyNoAudio(other)) {
      return {track: other, where: "the selected track " + Live.text(other, "name")};
    }
    return {error: "Not placed: " + why + ". Put the device on an audio track, or select one."};
  }

  // The next empty slot from the selected scene down; else a new scene's. `below` false takes any empty one.
  function freeSlot(track, below) {
    var trackPath = Live.path(track);
    var selected = Live.ids(Live.at("live_set view"), "selected_scene");
    var first = below && selected.length ? Math.max(0, Live.index(Live.byId(selected[0]), "scenes")) : 0;
    var count = track.getcount("clip_slots");
    for (var scene = first; scene < count; scene++) {
      var path = trackPath + " clip_slots " + scene;
      if (!Live.flag(Live.at(path), "has_clip")) {
        return {path: path, scene: scene, isNewScene: false};
      }
    }
    Live.at("live_set").call("create_scene", -1);
    return {path: trackPath + " clip_slots " + count, scene: count, isNewScene: true};
  }

  // Makes the clip in an empty slot, sets it up and reads it back; `then(error)`.
  function made(slotPath, take, then) {
    var slot = Live.at(slotPath);
    slot.call("create_audio_clip", take.path);
    // `call` answers alike whether it worked or not.
    if (!Live.flag(Live.at(slotPath), "has_clip")) {
      then("Live made no clip of " + take.name + ": is the file still there?" + FALLBACK);
      return;
    }
    var clip = Live.at(slotPath + " clip");
    clip.set("name", Files.withSuffix(take.name, ""));
    clip.set("color", COLOUR);
    clip.set("warping", 1);
    Later.once("warp " + slotPath, SETTLE_MS, function () {
      warped(slotPath, take, then);
    });
  }

  function warped(slotPath, take, then) {
    var clip = Live.at(slotPath + " clip");
    if (!Live.exists(clip)) {
      then(GONE);
      return;
    }
    if (Live.flag(clip, "warping")) {
      straighten(clip, take);
      clip.set("warp_mode", COMPLEX);
      clip.set("looping", 1);
      // The end goes first: a loop's beginning must lie before it.
      clip.set("loop_end", take.beats);
      clip.set("loop_start", 0);
      clip.set("loop_end", take.beats);
      clip.set("end_marker", take.beats);
      clip.set("start_marker", 0);
    }
    Later.once("verify " + slotPath, SETTLE_MS, function () {
      var found = Live.at(slotPath + " clip");
      if (!Live.exists(found)) {
        then(GONE);
      } else if (isRight(found, take)) {
        then("");
      } else {
        unwarp(slotPath, take, then);
      }
    });
  }

  // The whole file over its own beats, whatever tempo Live guessed: one straight line.
  function straighten(clip, take) {
    var markers = Clips.warpMarkers(clip);
    if (markers.length < 2 || isStraight(markers, take)) {
      return;
    }
    var first = markers[0];
    // The hidden last marker cannot be moved; it follows the one before it.
    for (var i = markers.length - 2; i > 0; i--) {
      clip.call("remove_warp_marker", markers[i].beat_time);
    }
    // Live likes to pin the first transient rather than the file's beginning: it goes where the line has it.
    var wanted = first.sample_time * take.fileBeats / take.seconds;
    if (Math.abs(first.beat_time - wanted) > 1e-9) {
      clip.call("move_warp_marker", first.beat_time, wanted - first.beat_time);
    }
    var last = new Dict();
    last.set("sample_time", take.seconds);
    last.set("beat_time", take.fileBeats);
    clip.call("add_warp_marker", last);
  }

  function isStraight(markers, take) {
    var per = take.seconds / take.fileBeats;
    return markers.every(function (marker) {
      return Math.abs(marker.sample_time - marker.beat_time * per) < NEAR_SECONDS;
    });
  }

  function isRight(clip, take) {
    function near(property, wanted) {
      return Math.abs(Live.number(clip, property, NaN) - wanted) < NEAR_BEATS;
    }
    return Live.flag(clip, "warping") && Live.flag(clip, "looping") && near("loop_start", 0) &&
      near("loop_end", take.beats) && near("start_marker", 0) && isStraight(Clips.warpMarkers(clip), take);
  }

  // What Live warped in its own way plays unwarped instead, whole and exact at its own tempo.
  function unwarp(slotPath, take, then) {
    Live.at(slotPath + " clip").set("warping", 0);
    Later.once("unwarp " + slotPath, SETTLE_MS, function () {
      var clip = Live.at(slotPath + " clip");
      if (!Live.exists(clip)) {
        then(GONE);
        return;
      }
      if (Live.flag(clip, "warping")) {
        then("Placed, but Live warped it in its own way: switch Warp off in the clip, and it plays at its own tempo.");
        return;
      }
      // Unwarped, these count in seconds.
      clip.set("loop_end", take.seconds);
      clip.set("loop_start", 0);
      clip.set("end_marker", take.seconds);
      clip.set("start_marker", 0);
      then("Placed, but Live warped it in its own way, so Warp is off now: it plays exactly at its own tempo.");
    });
  }

  function arrangedAt(trackPath, beats) {
    return Live.ids(Live.at(trackPath), "arrangement_clips").some(function (id) {
      return Math.abs(Live.number(Live.byId(id), "start_time", NaN) - beats) < NEAR_BEATS;
    });
  }

  return {session: session, arrangement: arrangement, freeSlot: freeSlot};
})();
