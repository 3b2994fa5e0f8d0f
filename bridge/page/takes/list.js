// A list that has elements only for the rows in view, so that thousands scroll as smoothly as ten.

import { h } from "../core/dom.js";

const BEYOND = 4;

/**
 * A scrolling list. `rowAt(place)` gives what a row shows, or undefined; `makeRow()` makes an empty row
 * `{element, show(item, place)}`; `onChoose(place)` is called when the arrow keys move to another row.
 */
export class VirtualList {
  constructor({ label, rowHeight, rowAt, makeRow, onChoose }) {
    Object.assign(this, { rowHeight, rowAt, makeRow, onChoose });
    this.total = 0;
    this.rows = new Map();
    this.spare = [];
    this.isDue = false;
    this.body = h("ul", { class: "virtual", "aria-label": label });
    this.element = h(
      "div",
      {
        class: "scroller",
        tabIndex: 0,
        role: "group",
        "aria-label": `${label}; arrow keys choose`,
        on: {
          scroll: () => this.later(),
          keydown: (event) => this.keyed(event),
        },
      },
      this.body,
    );
    new ResizeObserver(() => this.later()).observe(this.element);
    this.chosen = -1;
  }

  /** Show `total` rows, each anew. */
  show(total) {
    this.total = total;
    this.body.style.height = `${total * this.rowHeight}px`;
    this.rows.forEach((row, place) => place < total && row.show(this.rowAt(place), place));
    this.later();
  }

  /** Scroll until a row is in view. */
  reveal(place) {
    const top = place * this.rowHeight;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + this.rowHeight > scrollTop + clientHeight)
      this.element.scrollTop = top + this.rowHeight - clientHeight;
    this.draw();
  }

  later() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      this.draw();
    });
  }

  draw() {
    const { scrollTop, clientHeight } = this.element;
    if (!clientHeight) return; // on a tab that is not shown
    const first = Math.max(0, Math.floor(scrollTop / this.rowHeight) - BEYOND);
    const last = Math.min(this.total, Math.ceil((scrollTop + clientHeight) / this.rowHeight) + BEYOND);
    for (const [place, row] of this.rows) {
      if (place >= first && place < last) continue;
      this.rows.delete(place);
      this.spare.push(row);
      row.element.hidden = true;
    }
    for (let place = first; place < last; place += 1) if (!this.rows.has(place)) this.put(place);
  }

  put(place) {
    let row = this.spare.pop();
    if (!row) {
      row = this.makeRow();
      this.body.append(row.element);
    }
    row.element.hidden = false;
    row.element.style.transform = `translateY(${place * this.rowHeight}px)`;
    row.element.setAttribute("aria-posinset", place + 1);
    row.element.setAttribute("aria-setsize", this.total);
    this.rows.set(place, row);
    row.show(this.rowAt(place), place);
  }

  keyed(event) {
    if (event.target !== this.element) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.rowHeight) - 1);
    const by = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -this.total,
      End: this.total,
    }[event.key];
    if (!by || !this.total) return;
    event.preventDefault();
    this.chosen = Math.min(this.total - 1, Math.max(0, this.chosen + by));
    this.reveal(this.chosen);
    this.onChoose(this.chosen);
  }
}
