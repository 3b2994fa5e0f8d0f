// OSC as Bitwig's OscModule writes it: whole numbers as int32, others as double.
"use strict";

function text(value) {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([bytes, Buffer.alloc(4 - bytes.length % 4)]);
}

const tagOf = (value) => ({string: "s", boolean: value ? "T" : "F"}[typeof value] || (Number.isInteger(value) ? "i" : "d"));

function encode(address, given) {
  const parts = [text(address), text("," + given.map(tagOf).join(""))];
  for (const value of given) {
    const number = Buffer.alloc(tagOf(value) === "d" ? 8 : 4);
    if (typeof value === "string") parts.push(text(value));
    else if (tagOf(value) === "i") { number.writeInt32BE(value); parts.push(number); }
    else if (tagOf(value) === "d") { number.writeDoubleBE(value); parts.push(number); }
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
  const skip = (bytes) => { at += bytes; return at - bytes; };
  const readers = {
    s: word, i: () => data.readInt32BE(skip(4)), f: () => data.readFloatBE(skip(4)),
    d: () => data.readDoubleBE(skip(8)), h: () => Number(data.readBigInt64BE(skip(8))), T: () => true, F: () => false,
  };
  const address = word();
  const tags = word().slice(1);
  return [address, tags, [...tags].map((tag) => readers[tag]())];
}

module.exports = {encode, decode};
