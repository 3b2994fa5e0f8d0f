// Paths as Max, Live and the bridge spell them on macOS and Windows, and texts longer than Max takes at once.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const {test} = require("node:test");
const {desk, folder} = require("./stub/desk.js");

function files(t) { return desk(t).device.context.Files; }

test("the disk's name is taken off a path of macOS, a drive's letter is not", (t) => {
  const {plain} = files(t);
  assert.strictEqual(plain("Macintosh HD:/Users/me/a b.wav"), "/Users/me/a b.wav");
  assert.strictEqual(plain("/Users/me/a.wav"), "/Users/me/a.wav");
  assert.strictEqual(plain("C:/Users/me/a.wav"), "C:/Users/me/a.wav");
  assert.strictEqual(plain("C:\\Users\\me\\a.wav"), "C:\\Users\\me\\a.wav");
});

test("folders and names are joined and parted as the system does", (t) => {
  const {join, folderOf, baseName, withSuffix, url, forMax} = files(t);
  assert.strictEqual(join("C:\\Music\\Msanii", "a.json"), "C:\\Music\\Msanii\\a.json");
  assert.strictEqual(join("/Users/me", "a.json"), "/Users/me/a.json");
  assert.strictEqual(folderOf("C:\\Music\\a.wav"), "C:\\Music");
  assert.strictEqual(baseName("/Users/me.too/a.b.wav"), "a.b.wav");
  assert.strictEqual(withSuffix("/Users/me.too/a.b.wav", ".json"), "/Users/me.too/a.b.json");
  assert.strictEqual(withSuffix("/Users/me.too/a", ".json"), "/Users/me.too/a.json");
  assert.strictEqual(url("/Users/me/é #1"), "file:///Users/me/%C3%A9%20%231");
  assert.strictEqual(forMax("C:\\Music\\a.wav"), "C:/Music/a.wav");
});

test("a long text with every kind of letter comes back as it went", (t) => {
  const {readJson, writeJson} = files(t);
  const file = path.join(folder(t), "long.json");
  const value = {text: "Aé音\u{1F3B9}\"\\\n".repeat(9000), numbers: [1, -2.5, 1e-9]};
  assert.strictEqual(writeJson(file, value), true);
  assert.match(fs.readFileSync(file, "utf8"), /^[\x20-\x7e]*$/);
  assert.deepStrictEqual(JSON.parse(JSON.stringify(readJson(file))), value);
});

test("an older Max on macOS opens the same file by its disk's name", (t) => {
  const it = desk(t);
  it.device.context.File.disk = "Macintosh HD:";
  t.after(() => { it.device.context.File.disk = ""; });
  const file = path.join(it.folder, "old.json");
  assert.strictEqual(it.device.context.Files.writeJson(file, {a: 1}), true);
  assert.strictEqual(it.device.context.Files.readJson(file).a, 1);
});

test("what cannot be read or written is said, and is no exception", (t) => {
  const {readJson, writeJson} = files(t);
  const place = folder(t);
  assert.strictEqual(readJson(path.join(place, "none.json")), null);
  fs.writeFileSync(path.join(place, "half.json"), "{\"a\": [1,");
  assert.strictEqual(readJson(path.join(place, "half.json")), null);
  assert.strictEqual(writeJson(path.join(place, "no", "such", "a.json"), {}), false);
});
