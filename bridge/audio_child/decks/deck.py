"""A deck: the music that it holds, the voice that sounds, and the launch or stop that waits for a line.

Its states, and what each command does in them, are the table in `bridge/audio_child/README.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.decks.endless import Bars, BarsSource
from bridge.audio_child.decks.state import Played, Waiting, path_of
from bridge.audio_child.decks.voices import LoadedTake, Music, Source, TakeSource, Voice, cross, fade_curve
from bridge.audio_child.equaliser import Tone
from bridge.audio_child.gain import ChannelStrip, linear
from bridge.audio_child.reports import DeckReport
from bridge.audio_child.transport import Transport
from bridge.deck_values import DECK_VALUES
from bridge.messages.stage import DeckActivity, FollowAction, LaunchMode, Quantise

Audio = NDArray[np.float32]

# Fade-out of a stop: long enough not to click, short enough to feel immediate.
STOP_SECONDS = 0.01
# Fade-in of a take that begins inside its file: enough not to click, and an attack stays one.
_CUT_SECONDS = 0.001


class Deck:
    """Plays a take or a stream of endless bars. Only for the renderer's thread."""

    def __init__(self, number: int, transport: Transport, crossfade_seconds: float) -> None:
        self.number = number
        self.on_bar: Callable[[int, int], None] = lambda _deck, _bar: None
        self.on_behind: Callable[[int, int], None] = lambda _deck, _bar: None
        self._transport = transport
        self._crossfade = max(1, round(crossfade_seconds * transport.rate))
        self._stop = max(1, round(STOP_SECONDS * transport.rate))
        self._cut = max(1, round(_CUT_SECONDS * transport.rate))
        self._strip = ChannelStrip(transport.rate)
        self._held: Music | None = None
        self._voice: Voice | None = None
        self._waits: Waiting | None = None
        self._paused: Played | None = None
        self._before: Played | None = None  # what the last launch replaced
        self._scene_ended_it = False  # silent since a scene stopped it
        self._leaving: list[Voice] = []
        # Takes without a tempo that may come back by undo, and the same with the one that was heard since.
        self._retimed: WeakKeyDictionary[LoadedTake, LoadedTake] = WeakKeyDictionary()
        for value in DECK_VALUES:
            setattr(self, value.name, value.default)

    # --- values: DECK_VALUES by name, each in its unit ---

    gain: float
    pan: float
    mute: bool
    eq_low: float
    eq_mid: float
    eq_high: float
    filter: float
    quantise: Quantise
    launch_mode: LaunchMode  # the daemon's: a press or a release arrives here as a launch or a stop
    legato: bool
    morph: float  # the daemon's: it asks for bars that lie there
    stretch: bool

    @property
    def loop(self) -> bool:
        """Whether the take loops. A change applies to the playing take too."""
        return self._loop

    @loop.setter
    def loop(self, loop: bool) -> None:
        self._loop = loop
        if self._voice is not None and isinstance(self._voice.source, TakeSource):
            self._voice.source.loop = loop

    # The daemon's: what they say arrives here as a launch on a beat.

    @property
    def follow_action(self) -> FollowAction:
        """What follows a take. A change cancels what waits for its line."""
        return self._follow_action

    @follow_action.setter
    def follow_action(self, action: FollowAction) -> None:
        self._follow_action = action
        self._drop_follow()

    @property
    def follow_bars(self) -> float:
        """After how many bars it follows. A change cancels what waits for its line."""
        return self._follow_bars

    @follow_bars.setter
    def follow_bars(self, bars: float) -> None:
        self._follow_bars = bars
        self._drop_follow()

    # --- what it holds, and what sounds ---

    @property
    def take(self) -> LoadedTake | None:
        """The take that a launch starts; None on an empty or endless deck."""
        return self._held if isinstance(self._held, LoadedTake) else None

    @property
    def bars(self) -> Bars | None:
        """The bars that a launch starts; None unless the deck is endless."""
        return self._held if isinstance(self._held, Bars) else None

    def sounding(self) -> LoadedTake | None:
        """Return the take that is playing; None in silence or while endless bars play."""
        music = None if self._voice is None else self._voice.source.music
        return music if isinstance(music, LoadedTake) else None

    def state(self) -> DeckReport:
        """Return the deck's current state."""
        activity, music, launch_beat = self._activity()
        take = self.take
        fits = take is None or take.bpm is None or take.fits(self._transport.nominal_bpm)
        line = self._waits.beat if self._waits is not None else None
        return DeckReport(self.number, activity, path_of(music), launch_beat, fits, path_of(take), line)

    def _activity(self) -> tuple[DeckActivity, Music | None, float | None]:
        """Return the activity, the music that it is about, and the beat that this music counts from."""
        waits, voice, paused = self._waits, self._voice, self._paused
        if waits is not None and waits.action != "stop":
            return "armed", waits.music, waits.launch_beat if waits.action == "rejoin" else None
        if voice is not None:
            activity: DeckActivity = "playing" if waits is None else "stopping"
            return activity, voice.source.music, voice.source.launch_beat
        if paused is not None:
            return "armed", paused.music, paused.launch_beat
        return "empty" if self._held is None else "stopped", self._held, None

    # --- commands ---

    def hold(self, music: Music) -> None:
        """Load a take or endless bars, for a launch. What sounds goes on; what is paused is dropped."""
        self._held, self._paused = music, None

    def change_to(self, take: LoadedTake, frame: int) -> bool:
        """Load a take, and launch it if another one plays or is about to. Return whether it is launched.

        This never starts the transport, nor a deck that its stop has paused.
        """
        waits = self._waits
        self.hold(take)
        if waits is not None and waits.action == "launch":
            self._waits = replace(waits, music=take)
            return True
        is_about_to_play = self._voice is not None if waits is None else waits.action == "rejoin"
        if is_about_to_play:
            self.arm(frame)
        return is_about_to_play

    def arm(self, frame: int, quantise: Quantise | None = None) -> None:
        """Launch on the next grid line; if legato, as if the take had played since the sounding one began."""
        beat = self._transport.next_boundary(frame, quantise or self.quantise)
        self._arm_at(Waiting("launch", beat, beat))

    def join_scene(self, take: LoadedTake | None, beat: float, quantise: Quantise) -> None:
        """Change to a take on a line that all decks of a scene share; None stops the deck there."""
        if take is not None:
            self.hold(take)
            self._arm_at(Waiting("launch", beat, beat, by="scene", quantise=quantise))
        elif self._voice is None:
            self.silence()
        else:
            self._waits = Waiting("stop", beat, beat, by="scene", quantise=quantise)

    def follow(self, take: LoadedTake | None, beat: float, frame: int) -> bool:
        """Go on with a take on a beat, or on the next bar line if it has passed; None stops there.

        Return False, and do nothing, if no take plays, or if something else waits already.
        """
        if self.sounding() is None or self._waits is not None:
            return False
        if self._transport.boundary_frame(beat) < frame:
            beat = self._transport.next_boundary(frame, "1")
        if take is None:
            self._waits = Waiting("stop", beat, beat, by="follow", quantise="1")
        else:
            self.hold(take)
            self._arm_at(Waiting("launch", beat, beat, by="follow", quantise="1"))
        return True

    def awaits_scene(self, beat: float) -> bool:
        """Return whether the deck is to change with a scene on that line."""
        return self._waits is not None and self._waits.by == "scene" and self._waits.beat == beat

    def _arm_at(self, launch: Waiting) -> None:
        """Launch what the deck holds; if legato, as if it had played since the sounding take began."""
        if self._held is not None:
            begins = self._legato_beat()
            launch_beat = launch.beat if begins is None else begins
            self._waits = replace(launch, launch_beat=launch_beat, music=self._held)

    def _legato_beat(self) -> float | None:
        """Return the beat that a legato launch counts from; None without one."""
        if self._voice is None or not self.legato or None in (self.take, self.sounding()):
            return None
        return self._voice.source.launch_beat

    def rejoin(self, music: Music, launch_beat: float, frame: int) -> None:
        """On the next bar line, continue with `music` as if it had played since `launch_beat`."""
        self._held = music
        self._waits = Waiting("rejoin", self._transport.next_boundary(frame, "1"), launch_beat, music)

    def swap(self, take: LoadedTake, frame: int) -> None:
        """Replace the take, wherever it is held, waits, is paused or plays, by itself at another tempo."""
        old, self._held = self._held, take
        waits, paused, voice = self._waits, self._paused, self._voice
        if waits is not None and waits.music is old:
            self._waits = replace(waits, music=take)
        elif paused is not None and paused.music is old:
            self._paused = replace(paused, music=take)
        elif waits is None and voice is not None and voice.source.music is old:
            self.rejoin(take, voice.source.launch_beat, frame)
        for untimed, timed in [*self._retimed.items()]:
            if timed is old:
                self._retimed[untimed] = take

    def retime(self, old: LoadedTake, take: LoadedTake) -> None:
        """Replace a take by itself with a tempo, for its next launch; what sounds or is paused goes on.

        So it does if undo brings it back: then, too, the deck holds it with the tempo.
        """
        if self._held is old:
            self._held = take
        if self._waits is not None and self._waits.action == "launch" and self._waits.music is old:
            self._waits = replace(self._waits, music=take)
        played = (self._played(), self._paused, self._before)
        for music in (old, *(one.music for one in played if one is not None)):
            # The same file may have been loaded twice.
            if isinstance(music, LoadedTake) and music.path == old.path and music.bpm is None:
                self._retimed[music] = take

    def arm_stop(self, frame: int) -> None:
        """Stop on the next grid line, and cancel a pending launch."""
        if self._voice is None:
            self.silence()
        else:
            beat = self._transport.next_boundary(frame, self.quantise)
            self._waits = Waiting("stop", beat, beat)

    def silence(self) -> None:
        """Stop all sound at once, and cancel what waits."""
        self._waits = self._paused = None
        self._scene_ended_it = False
        self._leave()

    def panic(self) -> None:
        """Stop all sound at once, and forget everything that could start it again but a launch."""
        self._before = None
        self.silence()
        self._strip.hush()

    def pause(self) -> None:
        """Fall silent as the transport stops, and remember what to resume later."""
        if self._waits is not None and self._waits.action == "stop":
            self.silence()
        elif self._voice is not None:
            self._paused = self._played()
            self._leave()

    def resume(self, frame: int) -> None:
        """Resume as the transport starts, at the same position in the music."""
        paused, self._paused = self._paused, None
        if paused is not None and self._due(frame) != frame:
            self._begin(paused, frame)

    def relocate(self, frame: int) -> None:
        """Follow a jump of the beat: what plays jumps along, what is pending moves to the next line."""
        waits, played = self._waits, self._played()
        if waits is not None and waits.action == "rejoin":
            self._waits = replace(waits, beat=self._transport.next_boundary(frame, "1"))
        elif waits is not None:
            beat = self._transport.next_boundary(frame, waits.quantise or self.quantise)
            is_legato = waits.launch_beat != waits.beat
            self._waits = replace(waits, beat=beat, launch_beat=waits.launch_beat if is_legato else beat)
        if played is not None:
            self._begin(played, frame)

    def regrid(self, frame: int) -> None:
        """After a tempo change, put a loop that fits the tempo again back on the grid, on a bar line."""
        voice, take = self._voice, self.sounding()
        if voice is None or take is None or self._waits is not None:
            return
        is_off = isinstance(voice.source, TakeSource) and not voice.source.on_grid
        if is_off and take.fits(self._transport.nominal_bpm):
            self.rejoin(take, voice.source.launch_beat, frame)

    def undo(self, frame: int) -> None:
        """Undo the last launch: cancel it if it is pending, else return to what it replaced.

        A deck that is silent by now stays silent, and only holds again what it held before, unless that
        launch was a scene which stopped it.
        """
        before, self._before = self._before, None
        comes_back, self._scene_ended_it = self._scene_ended_it, False
        self._drop_follow()
        if self._waits is not None and self._waits.is_undone:
            self._waits, self._before = None, before
            now = self._played() or self._paused
            self._held = self._with_tempo(now.music) if now is not None else self._held
            return
        if before is not None and isinstance(before.music, Bars) and before.music is not self._held:
            before = None  # the deck's endless mode has ended
        if before is not None:
            self._held = self._with_tempo(before.music)
        if self._voice is None and comes_back and before is not None and self._transport.playing:
            self._begin(before, frame)
            return
        if self._voice is None:
            self._waits = None
            self._paused = before if self._paused is not None or comes_back else None
            return
        if self._waits is not None and self._waits.action == "rejoin":
            self._waits = None
        if before is not None:
            self._begin(before, frame)
        else:
            self.silence()

    def _drop_follow(self) -> None:
        """Cancel the follow action that waits, and hold again what it was to replace."""
        if self._waits is None or self._waits.by != "follow":
            return
        self._waits, now = None, self._played() or self._paused
        if now is not None:
            self._held = self._with_tempo(now.music)

    def _with_tempo(self, music: Music) -> Music:
        """Return what a launch of this music starts: a take with the tempo heard in it since, if any."""
        return self._retimed.get(music, music) if isinstance(music, LoadedTake) else music

    # --- playback ---

    def render(self, out: Audio, frame: int) -> None:
        """Fill `out` (n, 2), which is silent, with the deck's sound from `frame` of the mix on."""
        done = 0
        while done < len(out):
            due = self._due(frame + done)
            if due == frame + done:
                self._execute(due)
                continue
            end = len(out) if due is None else min(len(out), due - frame)
            self._sound(out[done:end], frame + done)
            done = end
        tone = Tone(linear(self.eq_low), linear(self.eq_mid), linear(self.eq_high), self.filter)
        self._strip.apply(out, tone, 0.0 if self.mute else linear(self.gain), self.pan)

    def _due(self, frame: int) -> int | None:
        if self._waits is None or not self._transport.playing:
            return None
        return max(frame, self._transport.boundary_frame(self._waits.beat))

    def _execute(self, frame: int) -> None:
        waits, self._waits = self._waits, None
        if waits is not None and waits.is_undone:
            self._before, self._scene_ended_it = self._played(), waits.action == "stop"
        if waits is None or waits.music is None:
            self._leave()
            return
        self._begin(Played(waits.music, waits.launch_beat), frame)

    def _begin(self, played: Played, frame: int) -> None:
        before, self._voice = self._voice, Voice(self._source(played, frame))
        if before is not None:
            self._let_go(before)
            cross(before, self._voice, self._crossfade, frame)
        elif frame > self._transport.boundary_frame(self._voice.source.launch_beat):
            # From silence a take starts with its own attack; in mid-take it is faded in.
            self._voice.fade_in(fade_curve(self._crossfade))
        elif isinstance(played.music, LoadedTake) and played.music.begins_inside:
            self._voice.fade_in(fade_curve(self._cut))

    def _source(self, played: Played, frame: int) -> Source:
        if isinstance(played.music, LoadedTake):
            return TakeSource(played.music, self._transport, played.launch_beat, self.loop, frame)
        return BarsSource(
            played.music, self._transport, played.launch_beat, frame,
            seam_frames=self._crossfade,
            on_bar=lambda bar: self.on_bar(self.number, bar),
            on_behind=lambda bar: self.on_behind(self.number, bar),
        )  # fmt: skip

    def _leave(self) -> None:
        """Fade out what sounds."""
        if self._voice is not None:
            self._voice.fade_out(fade_curve(self._stop)[::-1])
            self._let_go(self._voice)
            self._voice = None

    def _let_go(self, voice: Voice) -> None:
        if isinstance(voice.source, BarsSource):
            voice.source.leaving = True
        self._leaving.append(voice)

    def _sound(self, out: Audio, frame: int) -> None:
        for voice in (*self._leaving, *((self._voice,) if self._voice else ())):
            voice.add_to(out, frame)
        self._leaving = [voice for voice in self._leaving if not voice.ended]
        if self._voice is not None and self._voice.ended:
            self._voice = None
            if self._waits is not None and self._waits.action == "stop":
                self._waits = None

    def _played(self) -> Played | None:
        return (
            None if self._voice is None else Played(self._voice.source.music, self._voice.source.launch_beat)
        )
