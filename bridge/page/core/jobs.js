// Render jobs: those that the bridge has, and what became of those that this page saw.

import { getJson } from "./http.js";
import { say, warn } from "./notices.js";
import * as socket from "./socket.js";

const MOST_ENDED = 50;
const jobs = new Map();
const onChange = new Set();
const onTake = new Set();
const nonce = Math.random().toString(36).slice(2, 8);
let count = 0;

/** All jobs, oldest first: `{id, state, fraction, label, seed, takes, hints, message, isMine}`. */
export function allJobs() {
  return [...jobs.values()];
}

/** Call `action(job)` when a job changes; with null after all were read again. */
export function onJobChange(action) {
  onChange.add(action);
}

/** Call `action(name, job)` for each finished take; `name` is its file name. */
export function onNewTake(action) {
  onTake.add(action);
}

/** Send a render command, with a job id of this page's own before `args`; the job, or null without a connection. */
export function sendJob(address, label, args) {
  count += 1;
  const id = `page-${nonce}-${Date.now().toString(36)}-${count}`;
  if (!socket.send(address, id, ...args)) {
    warn(
      "There is no connection to the bridge. The request was not sent; send it again when the light is green.",
    );
    return null;
  }
  const job = { ...fresh(id, "sent"), label, isMine: true };
  jobs.set(id, job);
  changed(job);
  return job;
}

/** Cancel a job, or "all". */
export function cancel(id) {
  socket.send("/msanii/cancel", id);
}

/** Read which jobs wait and render; `isNewConnection`: what was sent before may never have arrived. */
export async function readQueue(isNewConnection = false) {
  const before = allJobs().filter((job) => isRunning(job) && (isNewConnection || job.state !== "sent"));
  const rows = await getJson("/queue");
  const unfinished = new Set(rows.map((row) => row.job_id));
  for (const row of rows) {
    const job = jobs.get(row.job_id) ?? fresh(row.job_id, row.state);
    Object.assign(job, { state: row.state, fraction: row.fraction ?? job.fraction, seed: row.seed });
    job.label ||= [row.verb, row.preset, row.chords].filter(Boolean).join(" · ");
    jobs.set(row.job_id, job);
  }
  for (const job of before.filter((one) => isRunning(one) && !unfinished.has(one.id))) {
    job.message =
      job.state === "sent"
        ? "It did not reach the bridge; send it again."
        : "It ended while there was no connection; look in Takes.";
    job.state = "unknown";
  }
  onChange.forEach((action) => action(null));
}

/** Whether a job is not at its end yet. */
export function isRunning(job) {
  return ["sent", "waiting", "rendering"].includes(job.state);
}

/** Listen to what becomes of jobs. */
export function follow() {
  socket.on("/msanii/queued", (id, seed) => update(id, { state: "waiting", seed }));
  socket.on("/msanii/progress", (id, fraction) => update(id, { state: "rendering", fraction }));
  socket.on("/msanii/hint", (id, sentence) => update(id, {}, (job) => job.hints.push(sentence)));
  socket.on("/msanii/take", (id, index, path, seconds) => {
    const name = String(path).split(/[\\/]/).pop();
    const job = update(id, {}, (one) => one.takes.push({ name, seconds }));
    onTake.forEach((action) => action(name, job));
  });
  socket.on("/msanii/done", (id) => {
    const job = update(id, { state: "done", fraction: 1 });
    if (job.isMine)
      say(`${job.label}: ready, ${job.takes.length === 1 ? "one take" : `${job.takes.length} takes`}.`);
    forgetOld();
  });
  socket.on("/msanii/fail", (id, code, sentence) => {
    const job = jobs.get(id);
    if (!job) return false;
    update(id, { state: code === "cancelled" ? "cancelled" : "failed", message: sentence });
    if (job.isMine && code !== "cancelled") warn(sentence);
    forgetOld();
    return true;
  });
}

function fresh(id, state) {
  return { id, state, fraction: 0, label: "", seed: null, takes: [], hints: [], message: "", isMine: false };
}

function update(id, values, also = () => {}) {
  const job = jobs.get(id) ?? fresh(id, "waiting");
  jobs.set(id, job);
  Object.assign(job, values);
  also(job);
  changed(job);
  return job;
}

function changed(job) {
  onChange.forEach((action) => action(job));
}

function forgetOld() {
  const ended = allJobs().filter((job) => !isRunning(job));
  ended.slice(0, Math.max(0, ended.length - MOST_ENDED)).forEach((job) => jobs.delete(job.id));
}
