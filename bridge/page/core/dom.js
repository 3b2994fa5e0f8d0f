// Building elements without HTML in texts: nothing that a file or a network sends is ever read as markup.

/**
 * Make an element. `props`: `class`, `text`, `on` (listeners by event), `data` (dataset), properties of the
 * element if it has them, else attributes; null and false leave one out. Children that are null are left out.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function setProp(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") element.className = value;
  else if (name === "text") element.textContent = value;
  else if (name === "on")
    for (const [event, heard] of Object.entries(value)) element.addEventListener(event, heard);
  else if (name === "data") Object.assign(element.dataset, value);
  else if (value === true) element.setAttribute(name, "");
  else if (name in element && !name.startsWith("aria") && name !== "list" && name !== "form")
    element[name] = value;
  else element.setAttribute(name, value);
}

/** A button that submits nothing. */
export function button(text, onClick, props = {}) {
  return h("button", { type: "button", text, on: { click: onClick }, ...props });
}

let ids = 0;

/** An id that no other element has. */
export function newId(stem) {
  ids += 1;
  return `${stem}-${ids}`;
}

/** Call `action` once, `milliseconds` after the last call. */
export function debounced(milliseconds, action) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...args), milliseconds);
  };
}

/** Call `action` with the latest arguments at most once in `milliseconds`; the last call always comes through. */
export function throttled(milliseconds, action) {
  let timer = 0;
  let waiting = null;
  const flush = () => {
    timer = 0;
    if (!waiting) return;
    const args = waiting;
    waiting = null;
    timer = setTimeout(flush, milliseconds);
    action(...args);
  };
  return (...args) => {
    waiting = args;
    if (!timer) flush();
  };
}
