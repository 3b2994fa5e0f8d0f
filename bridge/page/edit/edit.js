// The Edit tab: a take's notes and chords, and the render of what was changed.

import { button, h } from "../core/dom.js";
import { getJson, takePath, upload } from "../core/http.js";
import { isRunning, onJobChange, sendJob } from "../core/jobs.js";
import { say, warn } from "../core/notices.js";
import { panelOf, showTab, whenShown } from "../core/tabs.js";
import { takeMenu } from "../takes/menu.js";
import { titleOf } from "../takes/naming.js";
import { play } from "../takes/player.js";
import { BarRow } from "./bars.js";
import { planned } from "./plan.js";
import { Roll } from "./roll.js";
import { HELP as KEYS, rollKey } from "./roll_keys.js";
import { HELP as TOUCH } from "./roll_touch.js";
import { Score } from "./score.js";

const GRIDS = [
  ["1/4", 1],
  ["1/8", 0.5],
  ["1/16", 0.25],
  ["1/32", 0.125],
  ["1/8 triplet", 1 / 3],
  ["off", 0],
];

let parts = null;
let roll = null;
let bars = null;
let take = null;
let job = null;

/** Build the tab. */
export function buildEdit() {
  roll = new Roll(changed);
  bars = new BarRow(changed);
  roll.canvas.addEventListener("keydown", (event) => rollKey(event, roll));
  const choose = takeMenu({
    words: "choose a take",
    id: "edit-take",
    keeps: true,
    isOffered: (one) => one.has_notes,
    choose: openEdit,
  });
  parts = {
    choose,
    what: h("output", { class: "what" }),
    result: h("div", { class: "result" }),
    render: button("Render", render, { class: "primary", id: "render" }),
    bars: h(
      "select",
      { id: "edit-bars" },
      h("option", { value: "recompose", text: "composed anew" }),
      h("option", { value: "renew", text: "played anew, same notes" }),
    ),
    progress: h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Progress of the edit" }),
    body: h("div", { class: "edit-body", hidden: true }),
    empty: h("p", { class: "empty", text: "Choose a composed take: its notes and chords appear here." }),
    scroller: null,
  };
  parts.scroller = h("div", { class: "roll-scroller" }, bars.element, roll.canvas);
  parts.body.append(
    tools(),
    parts.scroller,
    bars.problem,
    h(
      "details",
      { class: "keys" },
      h("summary", { text: "Keys and touch" }),
      h("p", { id: "roll-help", text: `${KEYS} ${TOUCH}` }),
    ),
  );
  panelOf("edit").append(
    h(
      "div",
      { class: "actions" },
      h(
        "div",
        { class: "field chosen" },
        h("label", { class: "label", for: "edit-take", text: "Take" }),
        choose.element,
      ),
      h(
        "div",
        { class: "field chosen" },
        h("label", { class: "label", for: "edit-bars", text: "Chosen bars are" }),
        h("div", { class: "menu" }, parts.bars),
      ),
      h("div", { class: "go" }, parts.render, parts.progress, parts.what),
    ),
    parts.result,
    parts.empty,
    parts.body,
  );
  parts.bars.addEventListener("change", changed);
  new ResizeObserver(fit).observe(parts.scroller);
  whenShown("edit", fit);
  onJobChange(jobChanged);
  changed();
}

/** Open a take for editing. */
export async function openEdit(which) {
  take = which;
  showTab("edit");
  parts.choose.show(which.name);
  try {
    const read = await getJson(takePath(which.name, "/notes"));
    if (take !== which) return;
    if (read.editable === false) throw new Error(read.why);
    const score = new Score(read);
    roll.open(score);
    parts.empty.hidden = true;
    parts.body.hidden = false;
    fit();
    await bars.open(score, read.chords, read.key);
    fit();
  } catch (problem) {
    parts.body.hidden = true;
    parts.empty.hidden = false;
    parts.empty.textContent = problem.message;
    roll.score = null;
  }
  changed();
}

function tools() {
  const draw = h("input", {
    type: "checkbox",
    id: "draw",
    on: {
      change: () => {
        roll.isDrawing = draw.checked;
      },
    },
  });
  const grid = h(
    "select",
    {
      id: "grid",
      "aria-label": "Grid",
      on: {
        change: () => {
          roll.grid = Number(grid.value);
        },
      },
    },
    GRIDS.map(([words, beats]) => h("option", { value: String(beats), text: words })),
  );
  grid.value = "0.25";
  const act = (action) => () => {
    if (!roll.score) return;
    action();
    roll.chosen = new Set([...roll.chosen].filter((id) => roll.score.has(id)));
    changed();
  };
  const kept = (action) =>
    act(() => {
      if (!roll.chosen.size) return;
      roll.score.keep();
      action();
    });
  return h(
    "div",
    { class: "tools", role: "toolbar", "aria-label": "Notes" },
    h("label", { class: "check", for: "draw" }, draw, h("span", { text: "Draw" })),
    h("label", { class: "check", for: "grid" }, h("span", { text: "Grid" })),
    h("div", { class: "menu" }, grid),
    button(
      "Delete",
      kept(() => roll.score.remove(roll.chosen)),
    ),
    button(
      "Shorter",
      kept(() => roll.score.lengthen(roll.chosen, -(roll.grid || 0.25))),
    ),
    button(
      "Longer",
      kept(() => roll.score.lengthen(roll.chosen, roll.grid || 0.25)),
    ),
    button(
      "Undo",
      act(() => roll.score.undo()),
    ),
    button(
      "Redo",
      act(() => roll.score.redo()),
    ),
    button("Hear the take", () => take && play(take)),
  );
}

function fit() {
  if (!roll.score || !parts.scroller.clientWidth) return;
  roll.fit(parts.scroller.clientWidth);
  bars.fit(roll.beatPixels * roll.score.barBeats);
}

function changed() {
  roll.draw();
  const plan = plannedNow();
  parts.what.textContent = plan.words;
  parts.render.disabled = !plan.ready;
}

function plannedNow() {
  if (!roll.score) return { words: "", ready: false };
  const plan = planned({
    changedBars: roll.score.isChanged ? roll.score.changedBars() : [],
    isMoved: roll.score.isChanged,
    chords: bars.chords(),
    chosen: bars.chosen(),
    isRenewed: parts.bars.value === "renew",
  });
  return { ...plan, ready: plan.ready && !(job && isRunning(job)) };
}

async function render() {
  const plan = plannedNow();
  if (!plan.ready) return;
  parts.render.disabled = true;
  try {
    const path = plan.sendsNotes ? await upload(roll.score.file(`notes of ${take.name}.json`)) : "";
    job = sendJob("/msanii/edit", `Edit of ${titleOf(take)}`, [
      take.name,
      ...(path ? ["notes", path] : []),
      ...plan.pairs,
    ]);
  } catch (problem) {
    warn(problem.message);
  }
  changed();
}

function jobChanged(which) {
  if (!job || (which && which !== job)) return;
  parts.progress.hidden = !isRunning(job);
  parts.progress.value = job.fraction;
  if (job.state === "done") showResult(job.takes.at(-1));
  if (!isRunning(job)) changed();
}

function showResult(result) {
  if (!result || parts.result.dataset.name === result.name) return;
  parts.result.dataset.name = result.name;
  const open = async (action) => {
    const found = await getJson(`/takes?${new URLSearchParams({ query: result.name, from: 0, count: 5 })}`);
    const which = found.find((one) => one.name === result.name);
    if (which) action(which);
  };
  parts.result.replaceChildren(
    h("p", {}, "Ready: ", h("b", { text: result.name })),
    button("Play it", () => open(play)),
    button("Edit it", () => open(openEdit)),
    button("See takes", () => showTab("takes"), { class: "quiet" }),
  );
  say(`The edit is ready: ${result.name}`);
}
