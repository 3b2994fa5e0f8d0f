// Plays takes in the browser with Web Audio: looped to the sample, and changed at a bar line.

import { button, h } from "../core/dom.js";
import { takePath } from "../core/http.js";
import { warn } from "../core/notices.js";
import { titleOf, titleOfFile } from "./naming.js";

const MOST_KEPT = 6;
const FADE_SECONDS = 0.008;
const SOON_SECONDS = 0.03;
const SAME_TEMPO = 0.005;
const QUIETEST_DB = -60;

const buffers = new Map();
const listeners = new Set();
let sound = null; // {context, volume, analyser, samples}
let playing = null; // {take, source, gain, beginsAt, startedAt}
let leaving = []; // what plays on until the bar line of its successor
let wanted = "";
let parts = null;

/** Call `action(state)` when something begins or ends, with `{name}` ("" for nothing). */
export function onPlayer(action) {
  listeners.add(action);
}

/** The name of the take that plays, or is on its way; "" if none. */
export function playingName() {
  return playing?.take.name ?? wanted;
}

/** How far the take has been played, 0 to 1. */
export function playedFraction() {
  if (!playing) return 0;
  const seconds = Math.max(0, sound.context.currentTime - playing.startedAt);
  return (seconds % playing.take.seconds) / playing.take.seconds;
}

/** Play a take, from the next bar line of what plays, if both have one tempo; stop it if it plays already. */
export async function toggle(take) {
  if (playingName() === take.name) {
    stop();
    return;
  }
  await play(take);
}

/** Play a take from `from`, a part of its length from 0 to 1. */
export async function play(take, from = 0) {
  wanted = take.name;
  openSound();
  tell();
  try {
    const buffer = await bufferOf(take.name);
    if (wanted !== take.name) return;
    await sound.context.resume();
    begin(take, buffer, from);
  } catch (problem) {
    wanted = "";
    warn(`${titleOf(take)} cannot be played here: ${problem.message}. Download it instead.`);
  }
  tell();
}

/** Silence at once. */
export function stop() {
  wanted = "";
  if (sound) [...leaving, playing].forEach((one) => one && end(one, sound.context.currentTime));
  leaving = [];
  playing = null;
  tell();
}

/** Build the bar at the foot of the page. */
export function buildPlayer() {
  const foot = document.getElementById("player");
  const name = h("span", { class: "playing-name" });
  const loop = h("input", {
    type: "checkbox",
    id: "player-loop",
    checked: true,
    on: {
      change: () => {
        if (playing) playing.source.loop = loop.checked;
      },
    },
  });
  const volume = h("input", {
    type: "range",
    id: "player-volume",
    min: 0,
    max: 1,
    step: 0.01,
    value: 0.8,
    "aria-label": "Volume",
    on: {
      input: () => sound?.volume.gain.setTargetAtTime(volume.value ** 2, sound.context.currentTime, 0.01),
    },
  });
  const level = h("meter", {
    id: "player-level",
    min: QUIETEST_DB,
    max: 0,
    high: -3,
    low: -50,
    optimum: -20,
    value: QUIETEST_DB,
    "aria-label": "Level in dB",
  });
  const place = h("progress", { class: "place", max: 1, value: 0, "aria-label": "Position" });
  foot.append(
    button("Stop", stop, { class: "stop" }),
    name,
    place,
    level,
    h("label", { class: "check", for: "player-loop" }, loop, h("span", { text: "Loop" })),
    volume,
  );
  parts = { foot, name, loop, volume, level, place };
}

function openSound() {
  if (sound) return;
  const context = new AudioContext({ latencyHint: "interactive" });
  const volume = new GainNode(context, { gain: parts.volume.value ** 2 });
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  volume.connect(analyser).connect(context.destination);
  sound = { context, volume, analyser, samples: new Float32Array(analyser.fftSize) };
}

async function bufferOf(name) {
  if (!buffers.has(name)) {
    const response = await fetch(takePath(name));
    if (!response.ok) throw new Error(`the bridge answered ${response.status}`);
    const decoded = await sound.context.decodeAudioData(await response.arrayBuffer());
    buffers.set(name, decoded);
    if (buffers.size > MOST_KEPT) buffers.delete(buffers.keys().next().value);
  }
  return buffers.get(name);
}

function begin(take, buffer, from) {
  const at = from ? sound.context.currentTime + SOON_SECONDS : nextLine(take);
  const now = sound.context.currentTime;
  if (playing && playing.beginsAt > now)
    end(playing, now); // another was chosen before the line came
  else if (playing) leaving = [playing];
  leaving.forEach((one) => end(one, at));
  const source = new AudioBufferSourceNode(sound.context, {
    buffer,
    loop: parts.loop.checked,
    loopStart: 0,
    loopEnd: Math.min(take.seconds, buffer.duration),
  });
  const gain = new GainNode(sound.context, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(1, at + (from ? FADE_SECONDS : 0.001));
  source.connect(gain).connect(sound.volume);
  source.start(at, from * take.seconds);
  const mine = { take, source, gain, beginsAt: at, startedAt: at - from * take.seconds };
  source.onended = () => {
    if (playing !== mine) return;
    playing = null;
    wanted = "";
    tell();
  };
  playing = mine;
  requestAnimationFrame(draw);
}

// The next bar line of what plays, so that takes of one tempo follow each other in time.
function nextLine(take) {
  const soon = sound.context.currentTime + SOON_SECONDS;
  const before = playing?.take;
  if (!before?.bpm || !take.bpm || Math.abs(before.bpm / take.bpm - 1) > SAME_TEMPO) return soon;
  const barSeconds = (barBeats(before.meter) * 60) / before.bpm;
  const bars = Math.ceil((soon - playing.startedAt) / barSeconds);
  return playing.startedAt + bars * barSeconds;
}

/** The quarter notes of a bar of a meter such as "7/8". */
export function barBeats(meter) {
  const [numerator, denominator] = String(meter || "4/4")
    .split("/")
    .map(Number);
  return (4 * numerator) / denominator;
}

function end({ source, gain }, at) {
  gain.gain.cancelScheduledValues(sound.context.currentTime);
  gain.gain.setValueAtTime(1, at);
  gain.gain.linearRampToValueAtTime(0, at + FADE_SECONDS);
  source.stop(at + FADE_SECONDS);
}

function draw() {
  if (!playing) {
    parts.level.value = QUIETEST_DB;
    return;
  }
  sound.analyser.getFloatTimeDomainData(sound.samples);
  const peak = sound.samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  parts.level.value = Math.max(QUIETEST_DB, 20 * Math.log10(peak + 1e-9));
  parts.place.value = playedFraction();
  requestAnimationFrame(draw);
}

function tell() {
  parts.foot.hidden = !playingName();
  parts.name.textContent = playing ? titleOf(playing.take) : wanted && `${titleOfFile(wanted)} is loading`;
  listeners.forEach((action) => action({ name: playingName() }));
}
