// Fingers on the piano roll: they tap, double tap and hold, and scroll where there is no note.

const NEAR_PIXELS = 6; // a finger hits beside what it means
const STILL_PIXELS = 10; // and does not lie quite still
const HOLD_MS = 450;
const DOUBLE_MS = 350;
const DOUBLE_PIXELS = 24;

export const HELP =
  "By touch: tap a note to choose it, drag it to move it, drag its end to lengthen it. Double tap adds a note, or deletes the " +
  "one there. Hold an empty place and drag to choose several. A swipe beside the notes scrolls.";

/** What fingers do on a roll beside what a mouse does. */
export class Touch {
  constructor(roll) {
    this.roll = roll;
    this.isLast = false; // whether the last press was a finger's
    this.isTap = false; // whether this press has been one so far
    this.isHeld = false; // whether it has become a band
    this.tapped = null; // the place and time of the tap before
    this.timer = 0;
    const { canvas } = roll;
    const listen = (name, heard) => canvas.addEventListener(name, heard, { passive: false });
    listen("touchstart", (event) => this.isForRoll(event) && event.preventDefault());
    listen("touchmove", (event) => this.isHeld && event.preventDefault());
    listen("contextmenu", (event) => this.isLast && event.preventDefault());
  }

  // A finger on a note moves it, one that draws draws; else it scrolls.
  isForRoll(event) {
    const box = this.roll.canvas.getBoundingClientRect();
    const { clientX, clientY } = event.touches[0];
    return this.roll.isDrawing || this.noteNear(clientX - box.left, clientY - box.top);
  }

  /** The note under a finger, or the one beside it. */
  noteNear(x, y) {
    const { roll } = this;
    const away = (note) => {
      const [left, right] = [note.start * roll.beatPixels, note.end * roll.beatPixels];
      const top = roll.top(note.pitch);
      return Math.hypot(
        Math.max(left - x, 0, x - right),
        Math.max(top - y, 0, y - top - roll.rowPixels),
      );
    };
    const near = (roll.score?.notes ?? []).map((note) => ({ note, pixels: away(note) }));
    const nearest = near.reduce((a, b) => (b.pixels <= a.pixels ? b : a), { pixels: NEAR_PIXELS });
    return nearest.note;
  }

  pressed(isFinger, isOnNote) {
    this.isLast = this.isTap = isFinger;
    this.isHeld = false;
    clearTimeout(this.timer);
    if (isFinger && !isOnNote && !this.roll.isDrawing) this.timer = setTimeout(() => this.held(), HOLD_MS);
  }

  /** Whether a press at this distance from where it began is still none that drags. */
  isStill(pixels) {
    if (!this.isLast) return false;
    if (pixels <= STILL_PIXELS) return this.isTap;
    this.isTap = false;
    clearTimeout(this.timer);
    return false;
  }

  held() {
    this.isTap = false;
    this.isHeld = true;
    this.roll.press.kind = "band";
    this.roll.chosen = new Set();
    this.roll.changed(false);
  }

  released(event) {
    clearTimeout(this.timer);
    this.isHeld = false;
    const { press } = this.roll;
    if (!this.isTap || event.type !== "pointerup" || press.isKept) return;
    const { x, y } = press;
    const { tapped } = this;
    const isDouble =
      tapped &&
      event.timeStamp - tapped.time < DOUBLE_MS &&
      Math.hypot(x - tapped.x, y - tapped.y) < DOUBLE_PIXELS;
    this.tapped = isDouble ? null : { x, y, time: event.timeStamp };
    if (isDouble) this.roll.doubled(x, y, this.noteNear(x, y));
    else if (press.kind === "scroll") this.roll.chosen = new Set();
  }
}
