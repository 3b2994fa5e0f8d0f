// OSC as Max's udpsend and udpreceive speak it: whole numbers as int, others as 32-bit float, symbols as text.
"use strict";

function text(value) {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([bytes, Buffer.alloc(4 - bytes.length % 4)]);
}

function encode(address, atoms) {
  const parts = [text(address), text("," + atoms.map((atom) => typeof atom === "string" ? "s" : Number.isInteger(atom) ? "i" : "f").join(""))];
  for (const atom of atoms) {
    if (typeof atom === "string") { parts.push(text(atom)); continue; }
    const number = Buffer.alloc(4);
    if (Number.isInteger(atom)) number.writeInt32BE(atom); else number.writeFloatBE(atom);
    parts.push(number);
  }
  return Buffer.concat(parts);
}

function decode(data) {
  let at = 0;
  const word = () => {
    const end = data.indexOf(0, at);
    const found = data.toString("utf8", at, end);
    at = end + 4 - end % 4;
    return found;
  };
  const address = word();
  const atoms = [...word().slice(1)].map((tag) => {
    if (tag === "s") return word();
    const from = at;
    at += tag === "d" || tag === "h" ? 8 : 4;
    if (tag === "i") return data.readInt32BE(from);
    if (tag === "f") return data.readFloatBE(from);
    throw new Error(`Max reads no OSC type ${tag} (${address})`);
  });
  return [address, atoms];
}

module.exports = {encode, decode};
