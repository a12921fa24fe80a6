import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as library from "../../src/index.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const PRINT_MESSAGE = 'import("runweave").then(() => console.log("imported"), ({ message }) => console.log(message));';
const ROOT = join(import.meta.dirname, "../..");

/** A folder in which `runweave` is installed, but for what is built: the library exports the names of the source. */
function makeConsumer(): string {
  const folder = makeTemporaryFolder();
  const installed = join(folder, "node_modules/runweave");
  mkdirSync(join(installed, "dist"), { recursive: true });
  for (const part of ["package.json", "bin"]) cpSync(join(ROOT, part), join(installed, part), { recursive: true });
  const names = Object.keys(library).map((name) => `export const ${name} = "${name}";\n`);
  writeFileSync(join(installed, "dist/index.js"), names.join(""));
  return folder;
}

function runScript(script: string): string {
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd: makeConsumer(), encoding: "utf8" });
  return stdout + stderr;
}

test("the package exports all that the library has, however it is loaded", () => {
  const names = JSON.stringify(Object.keys(library).sort());
  const print = "console.log(JSON.stringify(Object.keys(library).sort()));";
  expect(runScript(`import("runweave").then((library) => { ${print} });`)).toBe(`${names}\n`);
  expect(runScript(`const library = require("runweave"); ${print}`)).toBe(`${names}\n`);
});

test.each([
  ["versions", "{ ...process.versions, node: '20.1.0' }", /^runweave needs Node 24 or later, .*\n$/],
  ["platform", '"darwin"', /^runweave needs Linux, .* this is darwin: .*\n$/],
])("who imports the package where it can't run is told why: process.%s is %s", (property, value, told) => {
  const pretend = `Object.defineProperty(process, "${property}", { value: ${value} });\n`;
  expect(runScript(pretend + PRINT_MESSAGE)).toMatch(told);
});
