// Where a value lies on a slider, and back: evenly, or in equal ratios where the tables say so.

const WIDEST_LINEAR = 20;

/** The scale of a row with `low`, `high`, `curve` and `kind`: `{toPosition, toValue, step}`, positions 0 to 1. */
export function scaleOf(row) {
  const { low, high } = row;
  const isWhole = row.kind === "int";
  const isExponential = row.curve ? row.curve === "exponential" : low > 0 && high / low >= WIDEST_LINEAR;
  const step = isWhole ? 1 : fineStep(high - low);
  const snapped = (value) =>
    Math.min(high, Math.max(low, Number((Math.round(value / step) * step).toFixed(6))));
  if (isExponential) {
    return {
      step,
      toPosition: (value) => Math.log(within(value, low, high) / low) / Math.log(high / low),
      toValue: (position) => snapped(low * (high / low) ** position),
    };
  }
  return {
    step,
    toPosition: (value) => (within(value, low, high) - low) / (high - low),
    toValue: (position) => snapped(low + (high - low) * position),
  };
}

/** A number as people write it. */
export function shownNumber(value) {
  return String(Number(value.toFixed(3)));
}

function within(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

// About a thousand steps over the whole range.
function fineStep(range) {
  return Math.max(0.001, 10 ** Math.floor(Math.log10(range / 500)));
}
