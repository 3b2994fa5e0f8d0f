// What Render does with the changes there are, in words and in the arguments of /msanii/edit.

/**
 * Plan the render of an edit: `{words, ready, pairs, sendsNotes}`.
 *
 * `isMoved`: notes were changed, those in `changedBars`; `chords` as `/msanii/edit` takes them, null if one
 * cannot be read; `chosen` bars, which are composed anew or, if `isRenewed`, played anew.
 */
export function planned({ isMoved, changedBars, chords, chosen, isRenewed }) {
  if (chords === null) return { words: "Correct the chord first.", ready: false };
  if (isMoved && (chords || (chosen.length && !isRenewed))) {
    return {
      words:
        "Notes of yours are played as they are, so nothing can be composed with them. Render them alone, then the rest.",
      ready: false,
    };
  }
  if (isRenewed && chosen.length && chords) {
    return {
      words: "Bars with another chord are composed anew. Choose “composed anew”, or no bars.",
      ready: false,
    };
  }
  const words = [
    isMoved ? `plays your notes in ${listed(changedBars)}` : "",
    chords ? `changes the chords of ${listed(chords.split(", ").map((one) => one.split(" ")[0]))}` : "",
    chosen.length ? `${isRenewed ? "plays" : "composes"} ${listed(chosen)} anew` : "",
  ].filter(Boolean);
  if (!words.length) return { words: "Move notes, change a chord, or choose bars.", ready: false };
  const pairs = [
    ...(chords ? ["chord", chords] : []),
    ...(chosen.length ? [isRenewed ? "renew" : "recompose", chosen.join(",")] : []),
  ];
  return { words: `Render ${words.join(", and ")}.`, ready: true, pairs, sendsNotes: isMoved };
}

function listed(bars) {
  return bars.length === 1 ? `bar ${bars[0]}` : `bars ${bars.join(", ")}`;
}
