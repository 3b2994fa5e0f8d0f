// The tabs: one panel at a time, named in the address, so that a bookmark or the back button finds it.

import { h } from "./dom.js";

const panels = new Map();
const onShow = new Map();
let chosen = "";

/** Make the tabs; `names` are `{id: title}`, the first is shown unless the address names another. */
export function makeTabs(names) {
  const bar = document.getElementById("tabs");
  for (const [id, title] of Object.entries(names)) {
    const tab = h("button", {
      type: "button",
      role: "tab",
      id: `tab-${id}`,
      text: title,
      "aria-controls": `panel-${id}`,
      on: { click: () => showTab(id), keydown: (event) => moved(event, id) },
    });
    const panel = h("section", {
      class: `panel ${id}`,
      role: "tabpanel",
      id: `panel-${id}`,
      "aria-labelledby": tab.id,
      hidden: true,
    });
    panels.set(id, { tab, panel });
    bar.append(tab);
    document.getElementById("panels").append(panel);
  }
  addEventListener("hashchange", () => open(location.hash.slice(1)));
  open(panels.has(location.hash.slice(1)) ? location.hash.slice(1) : Object.keys(names)[0]);
}

/** A tab's panel. */
export function panelOf(id) {
  return panels.get(id).panel;
}

/** Call `action` whenever a tab comes to the front. */
export function whenShown(id, action) {
  onShow.set(id, action);
  if (chosen === id) action();
}

/** Bring a tab to the front. */
export function showTab(id) {
  if (location.hash.slice(1) === id) open(id);
  else location.hash = id;
}

/** Whether a tab is in front. */
export function isShown(id) {
  return chosen === id;
}

function open(id) {
  if (!panels.has(id) || id === chosen) return;
  chosen = id;
  for (const [name, { tab, panel }] of panels) {
    const isChosen = name === id;
    panel.hidden = !isChosen;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
  }
  document.title = `${panels.get(id).tab.textContent} · Msanii`;
  onShow.get(id)?.();
}

function moved(event, id) {
  const ids = [...panels.keys()];
  const at = ids.indexOf(id);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: ids.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = ids[(to + ids.length) % ids.length];
  showTab(next);
  panels.get(next).tab.focus();
}
