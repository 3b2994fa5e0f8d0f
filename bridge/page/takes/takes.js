// The Takes tab: search, the list, and the chosen take.

import { debounced, h } from "../core/dom.js";
import { onNewTake } from "../core/jobs.js";
import { on } from "../core/socket.js";
import { panelOf, whenShown } from "../core/tabs.js";
import { makeDetail } from "./detail.js";
import { TakeLibrary } from "./library.js";
import { VirtualList } from "./list.js";
import { followNames, onName } from "./naming.js";
import { onPlayer } from "./player.js";
import { makeRow } from "./row.js";

const ROW_PIXELS = 60;
const REFRESH_MS = 300;

let library = null;

/** Build the tab. */
export function buildTakes() {
  const detail = makeDetail();
  const count = h("output", { class: "count" });
  library = new TakeLibrary(() => {
    list.show(library.total);
    const { total } = library;
    count.textContent = total === 1 ? "1 take" : `${total} takes`;
    empty.hidden = total > 0;
    const found = detail.shown() && library.find(detail.shown().name);
    if (found) {
      Object.assign(detail.shown(), found.take);
      detail.refresh();
    }
  });
  const choose = (place, take = library.at(place)) => {
    if (!take) return;
    list.chosen = place;
    detail.show(take);
    list.show(library.total);
  };
  const list = new VirtualList({
    label: "Takes",
    rowHeight: ROW_PIXELS,
    rowAt: (place) => library.at(place),
    makeRow: () => makeRow(choose, () => detail.shown()?.name),
    onChoose: choose,
  });
  const empty = h("p", {
    class: "empty",
    hidden: true,
    text: "There are none yet. Press Generate on the Make tab.",
  });
  const search = h("input", {
    type: "search",
    id: "search",
    placeholder: "name, chords, sound, seed",
    "aria-label": "Search takes",
    on: { input: debounced(200, again) },
  });
  const starred = h("input", { type: "checkbox", id: "starred", on: { change: again } });

  function again() {
    list.element.scrollTop = 0;
    library.choose({ query: search.value.trim(), star: starred.checked });
  }

  panelOf("takes").append(
    h(
      "div",
      { class: "find" },
      search,
      h("label", { class: "check", for: "starred" }, starred, h("span", { text: "Starred" })),
      count,
    ),
    h(
      "div",
      { class: "takes-and-detail" },
      h("div", { class: "list-box" }, empty, list.element),
      detail.element,
    ),
  );
  const refresh = debounced(REFRESH_MS, () => library.refresh());
  onNewTake(refresh);
  const changed = (name, values) => {
    const shown = detail.shown()?.name === name ? detail.shown() : null;
    [library.find(name)?.take, shown].forEach((take) => take && Object.assign(take, values));
    detail.refresh();
    list.show(library.total);
  };
  on("/msanii/take/starred", (name, isOn) => changed(name, { star: Boolean(isOn) }));
  followNames();
  onName((name, label) => changed(name, { label }));
  onPlayer(() => list.show(library.total));
  whenShown("takes", () => list.later());
  library.refresh();
}

/** Read the list again, as after a connection. */
export function rereadTakes() {
  library?.refresh();
}
