// The machines of a render pool: what each one is, what it renders, and why one does not.

import { h } from "../core/dom.js";

const COLUMNS = ["Machine", "Device", "Model", "State"];

/** Return the section of the machines, hidden until there are some; `show(text)` takes `nodes` of a status. */
export function machines() {
  const rows = h("tbody");
  const element = h(
    "section",
    { class: "group", "aria-label": "Machines", hidden: true },
    h("h2", { text: "Machines" }),
    h(
      "table",
      { class: "machines" },
      h("thead", {}, h("tr", {}, ...COLUMNS.map((text) => h("th", { scope: "col", text })))),
      rows,
    ),
  );
  return {
    element,
    show(text) {
      const nodes = JSON.parse(text || "[]");
      element.hidden = !nodes.length;
      rows.replaceChildren(...nodes.map(row));
    },
  };
}

function row(node) {
  const device = [node.device, node.processor].filter(Boolean).join(", ");
  const state = node.job_id ? `${node.state} ${node.job_id}` : node.state;
  const words = node.problem ? `${state}: ${node.problem}` : state;
  return h("tr", {}, ...[node.name, device, node.model, words].map((text) => h("td", { text })));
}
