import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { standsAlready } from "../../../src/versions/former/published-places.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

test.each<[what: string, change: (target: string) => void, expected: boolean]>([
  ["is equal", () => {}, true],
  ["has another file beside", (target) => writeFileSync(join(target, "c.txt"), "c"), true],
  ["has other bytes of the same size", (target) => writeFileSync(join(target, "a.txt"), "A"), false],
  ["lacks a file", (target) => rmSync(join(target, "a.txt")), false],
  ["lacks a folder", (target) => rmSync(join(target, "sub"), { recursive: true }), false],
  [
    "has a link for a file",
    (target) => {
      rmSync(join(target, "a.txt"));
      symlinkSync("sub/b.txt", join(target, "a.txt"));
    },
    false,
  ],
])("a folder that %s stands already as it would be published: or not", async (_, change, expected) => {
  const folder = makeTemporaryFolder();
  const [source, target] = [join(folder, "version"), join(folder, "plain")];
  for (const path of [source, target]) {
    mkdirSync(join(path, "sub"), { recursive: true });
    for (const name of ["a.txt", "sub/b.txt"]) writeFileSync(join(path, name), name.at(-5) ?? "");
  }
  change(target);
  expect(await standsAlready([{ source, target }])).toBe(expected);
});
