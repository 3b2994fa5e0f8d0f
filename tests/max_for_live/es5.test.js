// The shipped script: joined from its sections, and of a language that Max's classic [js] reads.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const {test} = require("node:test");
const {SCRIPT} = require("./stub/max.js");

const source = fs.readFileSync(SCRIPT, "utf8");

test("it is its sections, joined", () => {
  const folder = path.join(path.dirname(SCRIPT), "script");
  const sections = fs.readdirSync(folder).filter((name) => /^\d\d_\w+\.js$/.test(name)).sort();
  assert.ok(sections.length > 10);
  assert.strictEqual(source, sections.map((name) => fs.readFileSync(path.join(folder, name), "utf8")).join("\n"),
    "run `python max_for_live/join_script.py`");
});

test("it is strict ES5 in plain ASCII", (t) => {
  assert.match(source, /^(\/\/.*\n)*"use strict";\n/);
  assert.match(source, /^[\x20-\x7e\n]*$/);
  let acorn;
  try { acorn = require(process.env.ACORN || "acorn"); } catch {
    if (process.env.REQUIRE_REAL === "1") throw new Error("acorn is not installed: npm install acorn, or apt-get install node-acorn");
    t.skip("acorn is not installed");
    return;
  }
  acorn.parse(source, {ecmaVersion: 5});
  assert.throws(() => acorn.parse(source + "\nlet x = () => 1;", {ecmaVersion: 5}), SyntaxError);
});

test("its lines fit a page", () => {
  const long = source.split("\n").filter((line) => line.length > 120);
  assert.deepStrictEqual(long, []);
});

test("nothing but the patch's messages is a function of the script", () => {
  const functions = [...source.matchAll(/^function (\w+)/gm)].map((match) => match[1]);
  assert.deepStrictEqual(functions.sort(), ["anything", "bang", "control", "enabled", "notifydeleted", "osc", "press",
    "preview_loaded", "sample_rate", "stored"]);
});
