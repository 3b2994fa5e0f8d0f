// A menu of the newest takes, read when it is opened.

import { h } from "../core/dom.js";
import { getJson } from "../core/http.js";
import { warn } from "../core/notices.js";
import { keepNames, titleOfFile } from "./naming.js";

const NEWEST = 100;
const FRESH_MS = 1000;

/**
 * A menu that calls `choose(take)`. `words` stand in it until then, and again afterwards unless it `keeps` the
 * choice; `id` or `label` names it. It has `element` and `show(name)`.
 */
export function takeMenu({ words, choose, isOffered = () => true, keeps = false, id = null, label = null }) {
  let takes = [];
  let readAt = -Infinity;
  let shown = "";
  const select = h("select", {
    id,
    "aria-label": label,
    on: { focus: fill, pointerdown: fill, change: chosen },
  });

  async function fill() {
    if (performance.now() - readAt < FRESH_MS) return;
    readAt = performance.now();
    try {
      const newest = await getJson(`/takes?from=0&count=${NEWEST}`);
      keepNames(newest);
      takes = newest.filter(isOffered);
    } catch (problem) {
      warn(problem.message);
    }
    draw(takes.length ? words : "no takes yet");
  }

  function draw(first) {
    const names = takes.map((take) => take.name);
    if (shown && !names.includes(shown)) names.unshift(shown);
    select.replaceChildren(
      h("option", { value: "", text: first }),
      ...names.map((name) => h("option", { value: name, text: titleOfFile(name) })),
    );
    select.value = shown;
  }

  function chosen() {
    const take = takes.find((one) => one.name === select.value);
    if (!keeps) select.value = "";
    if (take) choose(take);
  }

  draw(words);
  return {
    element: h("div", { class: "menu" }, select),
    show(name) {
      shown = name;
      draw(words);
    },
  };
}
