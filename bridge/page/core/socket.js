// The one connection to the bridge: OSC messages as JSON over a WebSocket. It heals by itself.

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 8000;
const ANSWER_MS = 8000;
const PULSE_MS = 10000;
const NO_CONNECTION = "There is no connection to the bridge.";

const heard = new Map(); // address -> functions
const heardAll = new Set();
const onStates = new Set();
const onRefusals = new Set();
let socket = null;
let isOpen = false;
let waitMs = FIRST_WAIT_MS;
let timer = 0;
let pulse = 0;
let pulses = 0;
let answered = 0;

/** Connect, and stay connected. */
export function start() {
  addEventListener("online", retryNow);
  document.addEventListener("visibilitychange", () => document.hidden || isOpen || retryNow());
  connect();
}

/** Connect now instead of after the wait. */
export function retryNow() {
  if (isOpen || (socket && socket.readyState === WebSocket.CONNECTING)) return;
  clearTimeout(timer);
  connect();
}

/** Whether messages can be sent. */
export function isConnected() {
  return isOpen;
}

/** Call `action(state, seconds)` on each change: "open", "lost" (next try in `seconds`) or "trying". */
export function onState(action) {
  onStates.add(action);
}

/** Call `action(sentence)` for a refusal that no `on("/msanii/fail", ...)` claimed by returning true. */
export function onRefusal(action) {
  onRefusals.add(action);
}

/** Call `action(...arguments)` for each message at an address. Returns a function that ends this. */
export function on(address, action) {
  if (!heard.has(address)) heard.set(address, new Set());
  heard.get(address).add(action);
  return () => heard.get(address).delete(action);
}

/** Call `action(address, arguments)` for every message. */
export function onEvery(action) {
  heardAll.add(action);
}

/** Send a message; false if there is no connection. */
export function send(address, ...args) {
  if (!isOpen) return false;
  socket.send(JSON.stringify({ address, args }));
  return true;
}

/**
 * Send a message and wait for its answer: the arguments of the first message at `reply` for which
 * `matches(...arguments)` holds. Rejects with the bridge's sentence if `/msanii/fail` names the address, if the
 * connection is lost, and after `limitMs`.
 */
export function ask(
  address,
  args = [],
  { reply = `${address}.reply`, matches = () => true, limitMs = ANSWER_MS } = {},
) {
  return new Promise((resolve, reject) => {
    const ends = [];
    const end = (settle, value) => {
      ends.forEach((stop) => stop());
      clearTimeout(limit);
      settle(value);
    };
    const limit = setTimeout(() => end(reject, new Error(`${address}: no answer`)), limitMs);
    const changed = (state) => state === "lost" && end(reject, new Error(NO_CONNECTION));
    onStates.add(changed);
    ends.push(() => onStates.delete(changed));
    ends.push(on(reply, (...words) => matches(...words) && end(resolve, words)));
    ends.push(
      on("/msanii/fail", (about, code, sentence) => {
        if (about === address) end(reject, Object.assign(new Error(sentence), { code }));
        return about === address;
      }),
    );
    if (!send(address, ...args)) end(reject, new Error(NO_CONNECTION));
  });
}

function connect() {
  tell("trying", 0);
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const mine = new WebSocket(`${scheme}//${location.host}/ws`);
  socket = mine;
  mine.onopen = opened;
  mine.onmessage = (event) => typeof event.data === "string" && receive(event.data);
  mine.onclose = () => socket === mine && closed();
}

function opened() {
  isOpen = true;
  waitMs = FIRST_WAIT_MS;
  pulses = answered = 0;
  pulse = setInterval(beat, PULSE_MS);
  tell("open", 0);
}

function closed() {
  isOpen = false;
  clearInterval(pulse);
  // Many pages that lost one bridge do not come back in one moment.
  const delay = waitMs * (0.75 + Math.random() / 2);
  waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 1.7);
  timer = setTimeout(connect, delay);
  tell("lost", delay / 1000);
}

// A phone that slept, or a pulled cable, leaves a socket that looks open.
function beat() {
  if (pulses - answered > 1) {
    const dead = socket;
    socket = null;
    dead.close();
    closed();
    return;
  }
  pulses += 1;
  send("/msanii/sync", `pulse ${pulses}`);
}

function receive(text) {
  const { address, args } = JSON.parse(text);
  if (address === "/msanii/synced" && String(args[0]).startsWith("pulse ")) {
    answered = Number(String(args[0]).slice(6));
    return;
  }
  heardAll.forEach((action) => action(address, args));
  const claims = [...(heard.get(address) ?? [])].map((action) => action(...args));
  if (address === "/msanii/fail" && !claims.includes(true)) onRefusals.forEach((action) => action(args[2]));
}

function tell(state, seconds) {
  onStates.forEach((action) => action(state, seconds));
}
