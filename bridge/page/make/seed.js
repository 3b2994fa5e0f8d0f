// The seed: open, a new one each time; locked, the same again. As on the Max device.

import { h, newId } from "../core/dom.js";
import { onJobChange } from "../core/jobs.js";
import { setValue, valueAt, watch } from "../core/values.js";
import { parameter } from "../core/vocabulary.js";

/** The seed with its lock. Open, it shows the seed that this page's last job drew. */
export function seedField() {
  const row = parameter("seed");
  const id = newId("seed");
  let last = "";
  const box = h("input", {
    type: "number",
    id,
    min: 0,
    max: row.high,
    step: 1,
    inputMode: "numeric",
    placeholder: "a new one",
    "aria-describedby": `${id}-help`,
    on: {
      change: () => box.checkValidity() && box.value !== "" && setValue("param/seed", Number(box.value)),
    },
  });
  const lock = h("input", {
    type: "checkbox",
    id: `${id}-lock`,
    on: {
      change: () =>
        setValue("param/seed", lock.checked ? Number(box.value || last || drawn(row.high)) : row.low),
    },
  });
  watch("param/seed", (value) => {
    const isLocked = typeof value === "number" && value >= 0;
    lock.checked = isLocked;
    box.value = isLocked ? value : last;
    box.classList.toggle("open", !isLocked);
  });
  onJobChange((job) => {
    if (!job?.isMine || job.seed === null || valueAt("param/seed") >= 0) return;
    last = String(job.seed);
    box.value = last;
  });
  return h(
    "div",
    { class: "field seed" },
    h("label", { for: id, class: "label", text: "Seed", title: row.help }),
    h("p", { class: "unseen", id: `${id}-help`, text: row.help }),
    h(
      "div",
      { class: "seed-and-lock" },
      box,
      h("label", { class: "lock", for: lock.id }, lock, h("span", { text: "Lock" })),
    ),
  );
}

function drawn(high) {
  return Math.floor(Math.random() * Math.min(high, 1e6));
}
