// What the bridge hears in an audio file or a take.

import { button, h } from "../core/dom.js";
import { say } from "../core/notices.js";
import { ask } from "../core/socket.js";
import { setValue } from "../core/values.js";

// The bridge itself gives up before, even with the longest file.
const LIMIT_MS = 1500000;

/**
 * Something that hears: `button` asks, `element` tells what was heard. With `used` it also has a button that sets
 * the session to it, and then calls `used()`; else it says `hint` of a beat that was heard. `show(path, words)`
 * names what is heard from then on; an empty path is nothing.
 */
export function hearing({ used = null, hint = "" }) {
  let path = null;
  let listening = null;
  const element = h("div", { class: "heard" });
  const hear = button("Hear", listen);

  async function listen() {
    if (listening === path) return;
    const asked = path;
    listening = asked;
    element.replaceChildren(h("p", { class: "facts", text: "Listening" }));
    say("Listening");
    let content;
    try {
      const matches = (name) => name === asked;
      const heard = await ask("/msanii/listen", [asked], { reply: "/msanii/heard", matches, limitMs: LIMIT_MS });
      const values = asHeard(heard);
      content = [...told(values), ...(used ? usesOf(values, used) : hintOf(values, hint))];
    } catch (problem) {
      content = [h("p", { class: "error", role: "alert", text: problem.message })];
    }
    if (path !== asked || !element.isConnected) return;
    listening = null;
    element.replaceChildren(...content);
    say(content.map((one) => one.textContent).join(", "));
  }

  return {
    button: hear,
    element,
    show(newPath, words) {
      if (newPath === path) return;
      path = newPath;
      listening = null;
      hear.hidden = !path;
      hear.setAttribute("aria-label", `Hear ${words}`);
      element.replaceChildren();
    },
  };
}

function asHeard([, bpm, numerator, denominator, firstBeat, key, chords, confidence]) {
  return { bpm, numerator, denominator, firstBeat, key, chords, confidence };
}

function told({ bpm, numerator, denominator, firstBeat, key, chords, confidence }) {
  const tempo = bpm
    ? `${Number(bpm.toFixed(2))} bpm (${Math.round(100 * confidence)} % sure)`
    : "no sure tempo";
  const facts = [tempo, numerator ? `${numerator}/${denominator}` : "", key || "no sure key"];
  const from = firstBeat > 0 ? ` from the first downbeat on, sample ${firstBeat}` : "";
  return [
    h("p", { class: "facts", text: facts.filter(Boolean).join(" · ") }),
    h("p", { class: "facts", text: chords ? `Chords${from}: ${chords}` : "no sure chords" }),
  ];
}

function usesOf(heard, used) {
  const values = { tempo: heard.bpm, meter: heard.numerator, key: heard.key, chords: heard.chords };
  const known = Object.keys(values).filter((name) => values[name]);
  return known.length ? [button(`Use ${listed(known)}`, () => use(heard, known, used))] : [];
}

// Without a beat the bridge follows nothing, so that there is nothing to say.
function hintOf({ numerator }, hint) {
  return hint && numerator ? [h("p", { class: "hint", text: hint })] : [];
}

// The meter before the chords, which are read in it.
function use({ bpm, numerator, denominator, key, chords }, known, used) {
  for (const [name, value] of Object.entries({ bpm, numerator, denominator, key, chords })) {
    if (value) setValue(`param/${name}`, value);
  }
  say(`The session has this ${listed(known)}`);
  used();
}

function listed(words) {
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words[0];
}
