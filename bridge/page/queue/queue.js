// The Queue tab: what renders, what waits, and what became of the last jobs.

import { button, debounced, h } from "../core/dom.js";
import { allJobs, cancel, isRunning, onJobChange, readQueue } from "../core/jobs.js";
import { panelOf, whenShown } from "../core/tabs.js";
import { labelOf } from "../make/layout.js";

const WORDS = {
  sent: "sent",
  waiting: "waits",
  rendering: "renders",
  done: "ready",
  failed: "failed",
  cancelled: "cancelled",
  unknown: "unknown",
};
const rows = new Map();

/** Build the tab. */
export function buildQueue() {
  const list = h("ol", { class: "jobs", "aria-label": "Jobs" });
  const empty = h("p", {
    class: "empty",
    text: "Nothing renders. What you ask for on the Make tab is shown here.",
  });
  const all = button("Cancel all", () => cancel("all"), { class: "stop" });
  panelOf("queue").append(h("div", { class: "actions" }, h("div", { class: "go" }, all)), empty, list);
  const readSoon = debounced(200, () => readQueue().catch(() => {}));

  onJobChange((job) => {
    if (job && !job.label && isRunning(job)) readSoon(); // another client's: what it is, the queue knows
    if (job && rows.has(job.id)) rows.get(job.id).show();
    else draw();
    all.disabled = !allJobs().some(isRunning);
    countOnTab();
  });

  function draw() {
    const jobs = allJobs().reverse();
    const known = new Set(jobs.map((job) => job.id));
    for (const id of rows.keys()) if (!known.has(id)) rows.delete(id);
    jobs.forEach((job) => rows.has(job.id) || rows.set(job.id, jobRow(job)));
    list.replaceChildren(...jobs.map((job) => rows.get(job.id).element));
    jobs.forEach((job) => rows.get(job.id).show());
    empty.hidden = jobs.length > 0;
  }

  whenShown("queue", () => {
    draw();
    readSoon();
  });
  all.disabled = true;
}

function jobRow(job) {
  const title = h("b", {});
  const state = h("span", { class: "state" });
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Progress" });
  const words = h("p", { class: "facts" });
  const stop = button("Cancel", () => cancel(job.id));
  const element = h("li", { class: "job" }, title, state, bar, stop, words);
  return {
    element,
    show() {
      title.textContent = labelOf(job.label || job.id);
      element.dataset.state = job.state;
      state.textContent =
        job.state === "rendering" ? `${Math.round(100 * job.fraction)} %` : WORDS[job.state];
      bar.hidden = stop.hidden = !isRunning(job);
      bar.value = job.fraction;
      stop.setAttribute("aria-label", `Cancel ${job.label || job.id}`);
      const seed = job.seed === null ? "" : `seed ${job.seed}`;
      words.textContent = [
        job.isMine ? "from this page" : job.id,
        seed,
        job.takes.map((take) => take.name).join(", "),
        ...job.hints,
        job.message,
      ]
        .filter(Boolean)
        .join(" · ");
    },
  };
}

function countOnTab() {
  const running = allJobs().filter(isRunning).length;
  const tab = document.getElementById("tab-queue");
  tab.dataset.count = running || "";
  tab.setAttribute("aria-label", running ? `Queue, ${running} unfinished` : "Queue");
}
