"""The control surface: buttons, what they ask of the bridge, and what Live shows of the answers."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Iterator, List, Optional, Tuple

from _Framework.ButtonElement import ButtonElement
from _Framework.ControlSurface import ControlSurface
from _Framework.InputControlElement import MIDI_CC_TYPE, MIDI_NOTE_TYPE

from . import settings
from .link import Link
from .placing import audio_track, place, selected_scene, why_no_audio
from .scene_notes import part_of, scene_notes
from .take import Take, read_take

KINDS = {"note": MIDI_NOTE_TYPE, "cc": MIDI_CC_TYPE}
NO_BRIDGE = "No bridge answers on port %d: start `msanii-bridge serve`."
NO_TRACK = "The takes need an audio track: add one, or unfreeze it."
NOTE_FILES = 8
PERCENT_STEP = 10


class MsaniiSurface(ControlSurface):  # type: ignore[misc]
    """Live calls `update_display` every 100 ms, in its interface's thread: all that is done is done there."""

    def __init__(self, c_instance: Any) -> None:
        super().__init__(c_instance)
        self._link = Link(settings.PORT)
        self._was_up = False
        self._told: Dict[str, float] = {}
        self._jobs: Dict[str, Any] = {}
        self._percent = -1
        self._latest: Optional[Take] = None
        self._unplaced: List[Take] = []
        self._waiting: List[Tuple[Any, Take]] = []
        self._placing: Iterator[str] = iter(())
        self._note_file = 0
        actions = {
            "generate": self._generate,
            "vary": self._vary,
            "place": self._place_next,
            "cancel": self._cancel,
        }
        with self.component_guard():
            self._buttons = [
                self._button(kind, number, actions[name])
                for name, bindings in settings.BUTTONS.items()
                for kind, number in bindings
            ]

    def disconnect(self) -> None:
        """Called by Live when the script is switched off, or Live quits."""
        if self._was_up:
            self._link.send("notify", 0)
        self._link.close()
        super().disconnect()

    def update_display(self) -> None:
        """Called by Live every 100 ms."""
        super().update_display()
        for address, arguments in self._link.poll():
            self._hear(address, arguments)
        if self._link.is_up != self._was_up:
            self._was_up = self._link.is_up
            self._told.clear()
            self._show("Ready." if self._was_up else NO_BRIDGE % settings.PORT)
        if self._was_up:
            self._tell_tempo()
        self._go_on_placing()

    # --- buttons

    def _button(self, kind: str, number: int, press: Any) -> Any:
        button = ButtonElement(True, KINDS[kind], settings.CHANNEL - 1, number)
        button.add_value_listener(lambda value: press() if value else None)
        return button

    def _generate(self) -> None:
        song = self.song()
        track = self._ready_track()
        if track is None:
            return
        part = part_of(track.name) or settings.PART
        values: List[Any] = ["loop", int(settings.LOOP)]
        if settings.PRESET:
            values += ["preset", settings.PRESET]
        if part:
            values += ["part", part]
        notes, beats = scene_notes(song.tracks, selected_scene(song))
        if not notes:
            self._ask("generate", [*values, "bars", settings.BARS], track)
            return
        path = self._leave_notes(notes, beats)
        if path:
            self._ask("complete" if part else "generate", [*values, "notes", path], track)

    def _vary(self) -> None:
        track = self._ready_track()
        if track is None:
            return
        clip = self.song().view.detail_clip
        if clip is not None and clip.is_audio_clip:
            source = clip.file_path
        elif self._latest is not None:
            source = self._latest.path
        else:
            self._show("Select an audio clip to vary, or press Generate first.")
            return
        self._ask("vary", ["source", source, "strength", float(settings.STRENGTH)], track)

    def _place_next(self) -> None:
        take = self._unplaced.pop(0) if self._unplaced else self._latest
        if take is None:
            self._show("There is no take yet: press Generate first.")
        else:
            self._waiting.append((audio_track(self.song()), take))

    def _cancel(self) -> None:
        if not self._jobs:
            self._show("Nothing is being rendered.")
        for job in self._jobs:
            self._link.send("cancel", job)

    # --- the bridge

    def _ready_track(self) -> Optional[Any]:
        """The track that takes are for; None, said why, if nothing can be asked."""
        track = audio_track(self.song())
        if track is None:
            self._show(NO_TRACK)
        elif not self._link.is_up:
            self._show(NO_BRIDGE % settings.PORT)
            return None
        return track

    def _ask(self, verb: str, values: List[Any], track: Any) -> None:
        song = self.song()
        job = self._link.new_job()
        self._jobs[job] = track
        meter = ["numerator", song.signature_numerator, "denominator", song.signature_denominator]
        self._link.send(verb, job, "bpm", float(song.tempo), *meter, *values)

    def _leave_notes(self, notes: List[Dict[str, Any]], beats: float) -> str:
        """Write notes where the bridge reads them; the file's path, or an empty text."""
        self._note_file = (self._note_file + 1) % NOTE_FILES
        path = os.path.join(
            self._link.exchange_folder, "%s-notes-%d.json" % (self._link.nonce, self._note_file)
        )
        try:
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"notes": notes, "length_beats": beats}, file)
        except OSError as error:
            self._show("The notes cannot be written for the bridge: %s" % error)
            return ""
        return path

    def _tell_tempo(self) -> None:
        """Keep the bridge's session at Live's tempo and meter, for its page and other controllers."""
        song = self.song()
        now = {
            "bpm": float(song.tempo),
            "numerator": song.signature_numerator,
            "denominator": song.signature_denominator,
        }
        for name, value in now.items():
            if self._told.get(name) != value:
                self._told[name] = value
                self._link.send("param/" + name, value)

    def _hear(self, address: str, arguments: List[Any]) -> None:
        event = address[len("/msanii/") :]
        if not arguments or arguments[0] not in self._jobs:
            return
        job = arguments[0]
        if event == "progress":
            self._show_progress(float(arguments[1]))
        elif event == "take":
            self._latest = read_take(str(arguments[2]), float(arguments[3]), float(arguments[4]))
            if settings.PLACE_AT_ONCE:
                self._waiting.append((self._jobs[job], self._latest))
            else:
                self._unplaced.append(self._latest)
        elif event == "done":
            del self._jobs[job]
            if self._unplaced:
                self._show("Done: press Place for %s." % self._unplaced[0].name)
        elif event == "fail":
            del self._jobs[job]
            self._show(str(arguments[2]))

    # --- Live

    def _go_on_placing(self) -> None:
        """One step a tick of what is being placed; then the next take that waits."""
        for said in self._placing:
            if said:
                self._show(said)
            return
        if self._waiting:
            track, take = self._waiting.pop(0)
            why = NO_TRACK if track is None else why_no_audio(track, self.song())
            if why:
                self._show("Not placed: %s The take is %s." % (why, take.path))
            else:
                self._placing = place(self.song(), track, take, settings.WARP, settings.LOOP)

    def _show_progress(self, fraction: float) -> None:
        percent = int(fraction * 100) // PERCENT_STEP * PERCENT_STEP
        if percent != self._percent:
            self._percent = percent
            self._show("%d %%" % percent)

    def _show(self, words: str) -> None:
        """In Live's status bar, and in its Log.txt."""
        self.show_message("Msanii: " + words)
        self.log_message(words)
