// Where each parameter stands on the Make tab, and the words before it. What is not named here comes under "More".

export const GROUPS = [
  { title: "Harmony", names: ["key", "chords"] },
  { title: "Players", names: ["preset", "style", "part", "sound", "parts", "level_db"] },
  { title: "Time", names: ["bars", "bpm", "numerator", "denominator", "loop", "end"] },
  { title: "Source", names: ["strength", "ratio", "from_seconds", "to_seconds", "side"] },
  { title: "Feel", names: ["swing", "density", "register_pitch", "dynamics"] },
  { title: "Takes", names: ["seed", "count"] },
];

// Chosen by dropping a file or a take, not by typing.
export const FILES = ["source", "source_b", "notes"];

const WORDS = {
  bpm: "Tempo",
  numerator: "Beats a bar",
  denominator: "Beat value",
  count: "Takes",
  register_pitch: "Register",
  from_seconds: "From",
  to_seconds: "To",
  source_b: "Source B",
  loudness_lufs: "Loudness",
  level_db: "Levels",
  notes_from_beats: "Bar 1 is at",
  name_template: "File names",
};

/** The words before a parameter's control. */
export function labelOf(name) {
  const words = WORDS[name] ?? name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}
