// What the page says: quietly to a screen reader, or as a message that stays until it is read.

import { button, h } from "./dom.js";

const MOST = 4;
const GOOD_MS = 6000;

/** Say something that only a screen reader needs to be told. */
export function say(text) {
  document.getElementById("said").textContent = text;
}

/** Show what went wrong, and what to do, until it is closed. The same words are shown once. */
export function warn(text) {
  show(text, "bad");
}

/** Show something good for some seconds. */
export function tell(text) {
  const notice = show(text, "good");
  setTimeout(() => notice.remove(), GOOD_MS);
}

function show(text, kind) {
  const list = document.getElementById("notices");
  [...list.children].filter((one) => one.dataset.text === text).forEach((one) => one.remove());
  const notice = h(
    "div",
    { class: `notice ${kind}`, role: kind === "bad" ? "alert" : "status", data: { text } },
    h("p", { text }),
    button("Close", () => notice.remove(), { class: "quiet" }),
  );
  list.append(notice);
  while (list.children.length > MOST) list.firstElementChild.remove();
  return notice;
}
