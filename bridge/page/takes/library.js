// The list of takes, read a page at a time as it comes into view.

import { getJsonWithHeaders } from "../core/http.js";
import { warn } from "../core/notices.js";
import { keepNames } from "./naming.js";

const PAGE = 60;

/** Takes by their place in the list, newest first. `onChange()` is called whenever something was read. */
export class TakeLibrary {
  constructor(onChange) {
    this.onChange = onChange;
    this.total = 0;
    this.filter = { query: "", star: false };
    this.pages = new Map();
    this.asked = new Set();
    this.reading = 0;
    this.isOther = false; // other takes than those in `pages` were asked for
  }

  /** Show other takes: those whose values hold `query`, or only those with a star. */
  choose(filter) {
    this.filter = filter;
    this.isOther = true;
    this.refresh();
  }

  /** Read again what is shown; until it is there the old rows stay. */
  refresh() {
    this.asked.clear();
    this.reading += 1;
    this.readPage(0);
  }

  /** The take at a place, or undefined while it is being read. */
  at(place) {
    const page = Math.floor(place / PAGE);
    if (!this.asked.has(page)) this.readPage(page);
    return this.pages.get(page)?.[place % PAGE];
  }

  /** The takes that were read, by name. */
  find(name) {
    for (const [page, takes] of this.pages) {
      const at = takes.findIndex((take) => take.name === name);
      if (at >= 0) return { take: takes[at], place: page * PAGE + at };
    }
    return null;
  }

  async readPage(page) {
    this.asked.add(page);
    const reading = this.reading;
    const { query, star } = this.filter;
    const asked = new URLSearchParams({
      query,
      from: page * PAGE,
      count: PAGE,
      ...(star ? { star: 1 } : {}),
    });
    try {
      const { content, headers } = await getJsonWithHeaders(`/takes?${asked}`);
      keepNames(content);
      if (reading !== this.reading) return;
      if (this.isOther) this.pages.clear();
      this.isOther = false;
      this.pages.set(page, content);
      const known = page * PAGE + content.length;
      this.total = Number(
        headers.get("X-Total-Count") ?? (content.length < PAGE ? known : Math.max(this.total, known + PAGE)),
      );
      this.onChange();
    } catch (problem) {
      this.asked.delete(page);
      if (page === 0) warn(`The takes cannot be read: ${problem.message}`);
    }
  }
}
