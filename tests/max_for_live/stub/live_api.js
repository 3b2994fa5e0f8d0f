// The LiveAPI object of Max's classic js over a LiveSet: arrays from `get`, ghost methods, ids that go stale.
"use strict";

const {Thing} = require("./live_set.js");

function makeLiveAPI(set) {
  const getters = {
    set: {
      tempo: () => [set.tempo], signature_numerator: () => [set.numerator],
      signature_denominator: () => [set.denominator], root_note: () => [set.root], scale_name: () => [set.scale],
      scale_mode: () => { if (!set.hasScaleMode) throw new Error("this Live has no scale_mode"); return [set.scaleMode]; },
      scale_intervals: () => [...set.intervals], current_song_time: () => [set.songTime], loop: () => [set.loop.on],
      loop_start: () => [set.loop.start], loop_length: () => [set.loop.length], is_playing: () => [set.isPlaying],
      tracks: () => set.tracks.flatMap((track) => ["id", track.id]),
    },
    view: {
      selected_track: () => idOf(set.view.track), selected_scene: () => idOf(set.view.scene),
      detail_clip: () => idOf(set.view.clip), highlighted_clip_slot: () => idOf(set.view.slot),
    },
    app: {}, scene: {}, device: {}, instrument: {can_have_drum_pads: (it) => [it.drums ? 1 : 0]}, return: {name: (it) => [it.name]},
    track: {
      name: (it) => [it.name], has_midi_input: (it) => [it.type === "midi" ? 1 : 0],
      has_audio_input: (it) => [it.type === "audio" ? 1 : 0], is_foldable: (it) => [it.type === "group" ? 1 : 0],
      mute: (it) => [it.mute ? 1 : 0], muted_via_solo: (it) => [it.mutedBySolo ? 1 : 0],
      devices: (it) => it.devices.flatMap((one) => ["id", one.id]),
      is_frozen: (it) => [it.frozen ? 1 : 0], playing_slot_index: (it) => [it.playing],
      arrangement_clips: (it) => it.arrangement.flatMap((clip) => ["id", clip.id]),
    },
    slot: {has_clip: (it) => [it.clip ? 1 : 0]},
    clip: {
      is_audio_clip: (it) => [it.audio ? 1 : 0], is_midi_clip: (it) => [it.audio ? 0 : 1],
      muted: (it) => [it.muted ? 1 : 0],
      is_arrangement_clip: (it) => [it.arranged ? 1 : 0], name: (it) => [it.name], color: (it) => [it.color],
      looping: (it) => [it.looping], loop_start: (it) => [it.loop_start], loop_end: (it) => [it.loop_end],
      start_marker: (it) => [it.start_marker], end_marker: (it) => [it.end_marker],
      start_time: (it) => [it.start_time], end_time: (it) => [it.end_time], length: (it) => [it.loop_end - it.loop_start],
      warping: (it) => [audio(it).warping], warp_mode: (it) => [audio(it).warp_mode],
      warp_markers: (it) => [JSON.stringify({warp_markers: audio(it).markers}).slice(0, 32767)],
      pitch_coarse: (it) => [audio(it).pitch_coarse], pitch_fine: (it) => [audio(it).pitch_fine],
      gain_display_string: (it) => [audio(it).gain], file_path: (it) => [audio(it).file], sample_rate: (it) => [audio(it).rate],
    },
  };
  const settable = {
    clip: ["name", "color", "warping", "warp_mode", "looping", "loop_start", "loop_end", "start_marker", "end_marker"],
  };

  function audio(clip) {
    if (!clip.audio) throw new Error("only audio clips have this property");
    return clip;
  }

  function idOf(thing) { return thing && !thing.gone ? ["id", thing.id] : ["id", 0]; }

  const calls = {
    app: {get_version_string: () => set.version},
    set: {
      create_scene: (_, index) => {
        if (index !== -1) throw new Error("tests make scenes at the end");
        set.scenes.push(new Thing("scene", {}));
        for (const track of set.tracks) track.slots.push(new Thing("slot", {clip: null, track}));
      },
      delete_scene: (_, index) => {
        set.scenes.splice(index, 1);
        for (const track of set.tracks) track.slots.splice(index, 1);
      },
    },
    slot: {
      create_clip: (slot, beats) => set.createMidiInSlot(slot, beats),
      create_audio_clip: (slot, file) => set.createInSlot(slot, file),
      delete_clip: (slot) => { if (slot.clip) slot.clip.gone = true; slot.clip = null; },
    },
    track: {
      duplicate_clip_to_arrangement: (track, word, id, beats) => {
        const source = set.byId(id);
        if (word !== "id" || !source) return set.refuse("duplicate_clip_to_arrangement wants a clip");
        if (source.arranged) throw new Error("Live crashes when the source is an arrangement clip");
        const length = (source.loop_end - source.loop_start) * (source.warping ? 1 : set.tempo / 60);
        track.arrangement.push(new Thing("clip", {...source, id: undefined, arranged: true, start_time: beats,
          end_time: beats + length}));
        const made = track.arrangement[track.arrangement.length - 1];
        made.id = source.id + 100000;
      },
    },
    clip: {
      get_notes_extended: (clip, pitch, span, from, length) => {
        if (clip.audio) throw new Error("not a MIDI clip");
        // A symbol of Max's ends after 32767 characters.
        return JSON.stringify({notes: clip.notes.filter((note) => note.start_time >= from && note.start_time < from + length &&
          note.pitch >= pitch && note.pitch < pitch + span)}).slice(0, 32767);
      },
      add_new_notes: (clip, dict) => {
        if (clip.audio) throw new Error("not a MIDI clip");
        const notes = dict.get("notes");
        for (const note of notes) {
          if (Object.keys(note).some((key) => !["pitch", "start_time", "duration", "velocity", "mute"].includes(key))) {
            throw new Error(`no note of Live's: ${JSON.stringify(note)}`);
          }
          if (note.pitch < 0 || note.pitch > 127 || !(note.duration > 0) || note.velocity < 0 || note.velocity > 127) {
            set.refuse(`add_new_notes: ${JSON.stringify(note)}`);
            continue;
          }
          // A key that is struck again ends what rings of it.
          for (const other of clip.notes) if (other.pitch === note.pitch && other.start_time < note.start_time) {
            other.duration = Math.min(other.duration, note.start_time - other.start_time);
          }
          clip.notes = clip.notes.filter((other) => other.pitch !== note.pitch || other.start_time !== note.start_time)
            .concat([{mute: 0, probability: 1, note_id: clip.notes.length + 1, ...note}]);
        }
      },
      add_warp_marker: (clip, dict) => {
        if (set.warp === "stubborn") return;
        const marker = {sample_time: dict.get("sample_time"), beat_time: dict.get("beat_time")};
        const shadow = clip.markers.pop();
        clip.markers = clip.markers.filter((one) => Math.abs(one.beat_time - marker.beat_time) > 1e-6).concat([marker])
          .sort((a, b) => a.beat_time - b.beat_time);
        shade(clip, shadow);
      },
      move_warp_marker: (clip, beat, by) => {
        const found = clip.markers.slice(0, -1).find((one) => Math.abs(one.beat_time - beat) < 1e-6);
        if (!found) return set.refuse(`no warp marker at ${beat}`);
        if (set.warp !== "stubborn") found.beat_time += by;
      },
      remove_warp_marker: (clip, beat) => {
        const at = clip.markers.slice(0, -1).findIndex((one) => Math.abs(one.beat_time - beat) < 1e-6);
        if (at < 0) return set.refuse(`no warp marker at ${beat}`);
        if (set.warp !== "stubborn") { const shadow = clip.markers.pop(); clip.markers.splice(at, 1); shade(clip, shadow); }
      },
    },
    view: {}, scene: {}, device: {}, instrument: {}, return: {},
  };

  // Live's hidden last marker goes on in the tempo of the last pair.
  function shade(clip, old) {
    const list = clip.markers, last = list[list.length - 1], before = list[list.length - 2];
    const per = before ? (last.sample_time - before.sample_time) / (last.beat_time - before.beat_time)
      : (old.sample_time - last.sample_time) / (old.beat_time - last.beat_time);
    list.push({sample_time: last.sample_time + per / 32, beat_time: last.beat_time + 1 / 32});
  }

  function find(wanted) {
    const byId = /^id (\d+)$/.exec(wanted);
    if (byId) return set.byId(byId[1]);
    const word = wanted.trim();
    if (word === "live_set") return {kind: "set", id: 1};
    if (word === "live_app") return {kind: "app", id: 2};
    if (word === "live_set view") return {kind: "view", id: 3};
    if (word === "this_device") return set.deviceOn ? {kind: "device", id: 4} : null;
    if (word === pathOf({kind: "device"}) + " canonical_parent" || word === "this_device canonical_parent") return set.deviceOn;
    const match = /^live_set (tracks|return_tracks|scenes) (\d+)(?: (clip_slots|arrangement_clips) (\d+))?( clip)?$/.exec(word);
    if (!match) throw new Error(`no such path: ${word}`);
    const list = {tracks: set.tracks, return_tracks: set.returns, scenes: set.scenes}[match[1]];
    const first = list[Number(match[2])];
    if (!first || !match[3]) return first || null;
    const second = (match[3] === "clip_slots" ? first.slots : first.arrangement)[Number(match[4])];
    return (match[5] ? second && second.clip : second) || null;
  }

  function pathOf(thing) {
    if (thing.kind === "set") return "live_set";
    if (thing.kind === "app") return "live_app";
    if (thing.kind === "view") return "live_set view";
    if (thing.kind === "device") return set.deviceOn ? `${pathOf(set.deviceOn)} devices 0` : "";
    if (thing.kind === "scene") return `live_set scenes ${set.scenes.indexOf(thing)}`;
    if (thing.kind === "return") return `live_set return_tracks ${set.returns.indexOf(thing)}`;
    if (thing.kind === "track") return `live_set tracks ${set.tracks.indexOf(thing)}`;
    for (const track of set.tracks) {
      for (const [index, slot] of track.slots.entries()) {
        if (slot === thing) return `${pathOf(track)} clip_slots ${index}`;
        if (slot.clip === thing) return `${pathOf(track)} clip_slots ${index} clip`;
      }
      const index = track.arrangement.indexOf(thing);
      if (index >= 0) return `${pathOf(track)} arrangement_clips ${index}`;
    }
    return "";
  }

  return class LiveAPI {
    constructor(first, second) {
      if (!set.isReady) throw new Error("Live API is not initialized before live.thisdevice bangs");
      const wanted = typeof first === "function" || first === null ? second : first;
      if (typeof wanted !== "string") throw new Error(`LiveAPI wants a path, got ${wanted}`);
      this.callback = typeof first === "function" ? first : null;
      this.thing = find(wanted);
      this.watched = "";
    }

    // Stale objects have the id 0, as has what was never there. Max gives ids as text.
    get id() { return this.now() ? String(this.thing.id) : "0"; }
    get path() { return `"${this.unquotedpath}"`; }
    get unquotedpath() { return this.now() ? pathOf(this.thing) : ""; }
    get property() { return this.watched; }
    set property(name) {
      if (name === "scale_mode" && !set.hasScaleMode) throw new Error("this Live has no scale_mode");
      this.watched = name;
      const known = set.observers.indexOf(this);
      if (name && known < 0) set.observers.push(this);
      if (!name && known >= 0) set.observers.splice(known, 1);
      if (name) { set.isNotifying = true; try { this.callback([name, 0]); } finally { set.isNotifying = false; } }
    }

    now() {
      const thing = this.thing;
      if (!thing || thing.gone) return null;
      return thing.id > 100 && !set.byId(thing.id) ? null : thing;
    }

    get(property) {
      const thing = this.now();
      if (!thing) { set.errors.push(`get ${property} of nothing`); return [0]; }
      const getter = getters[thing.kind][property];
      if (!getter) throw new Error(`${thing.kind} has no property ${property}`);
      return getter(thing);
    }

    set(property, ...values) {
      const thing = this.now();
      if (!thing) return set.refuse(`set ${property} of nothing`);
      if (!(settable[thing.kind] || []).includes(property)) throw new Error(`${thing.kind}.${property} cannot be set`);
      if (values.length !== 1 || values[0] !== values[0]) throw new Error(`${property} wants one value, got ${values}`);
      const value = values[0];
      if (thing.kind === "clip" && !this.takes(thing, property, value)) return undefined;
      // Live sets `warping` a moment later.
      if (property === "warping") set.later(() => set.change(thing, property, value));
      else set.change(thing, property, value);
      return undefined;
    }

    takes(clip, property, value) {
      if (property === "looping" && value && !clip.warping) return set.refuse("unwarped audio cannot be looped");
      if (property === "loop_start" && value >= clip.loop_end) return set.refuse("loop_start must lie before loop_end");
      if (property === "loop_end" && value <= clip.loop_start) return set.refuse("loop_end must lie after loop_start");
      if (property === "start_marker" && value >= clip.end_marker) return set.refuse("start_marker must lie before end_marker");
      return true;
    }

    call(method, ...given) {
      const thing = this.now();
      // A method that Live lacks answers as if all were well.
      if (!thing || !calls[thing.kind][method]) { set.ghosts.push(method); return 1; }
      if (set.isNotifying && method !== "get_version_string" && method !== "get_notes_extended")
        throw new Error("Changes cannot be triggered by notifications.");
      const result = calls[thing.kind][method](thing, ...given.flat());
      return result === undefined ? 0 : result;
    }

    getcount(child) {
      const thing = this.now();
      const list = {tracks: set.tracks, scenes: set.scenes, clip_slots: thing && (thing.slots || [])}[child];
      if (!thing || !list) throw new Error(`cannot count ${child}`);
      return list.length;
    }
  };
}

module.exports = {makeLiveAPI};
