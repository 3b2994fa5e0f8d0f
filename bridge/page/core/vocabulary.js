// What the bridge's tables know: parameters, addresses, sounds, parts. Nothing of it is written here again.

import { getJson } from "./http.js";

let known = null;
const byName = new Map();

/** Read the tables. Returns whether they are others than those that were read before. */
export async function readVocabulary() {
  const read = await getJson("/vocabulary");
  const isOther = known !== null && JSON.stringify(known) !== JSON.stringify(read);
  known = read;
  byName.clear();
  read.parameters.forEach((row) => byName.set(row.name, row));
  return isOther;
}

/** The tables, as `/vocabulary` gives them. */
export function vocabulary() {
  return known;
}

/** A parameter's row, or undefined. */
export function parameter(name) {
  return byName.get(name);
}

/** The parameters that a verb takes, in the table's order. */
export function parametersOf(verb) {
  return known.parameters.filter((row) => row.verbs.includes(verb));
}

/** Whether the bridge has this address. */
export function hasAddress(address) {
  return known.addresses.some((row) => row.address === address);
}

/** A row's address and help, or undefined. */
export function addressRow(address) {
  return known.addresses.find((row) => row.address === address);
}
