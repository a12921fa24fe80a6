import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { askIgnored } from "../../../src/compose/lock/ignored-parameters.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const ORIGINS = {
  "conf/base/parameters.yml": ["model.alpha", "model.depth"],
  "conf/base/parameters_mine.yml": ["mine.a"],
  "conf/local/parameters.yml": ["model.depth", "list"],
  "conf/prod/globals.yml": [""],
};

function makeProject(git: boolean): string {
  const folder = makeTemporaryFolder();
  for (const file of Object.keys(ORIGINS)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  writeFileSync(join(folder, ".gitignore"), "*_mine.yml\n");
  if (git) execFileSync("git", ["init", "-q"], { cwd: folder });
  return folder;
}

test("what git ignores and what is below conf/local is told of, whole, in part and around", async () => {
  const { "conf/prod/globals.yml": _, ...origins } = ORIGINS;
  const find = await askIgnored(makeProject(true), origins);
  expect(["model.alpha", "model", "model.depth", "list.x", "mine.a", "mine"].map(find)).toEqual([
    null,
    ...["local/parameters", "local/parameters", "local/parameters", "base/parameters_mine", "base/parameters_mine"].map(
      (file) => `it may come from conf/${file}.yml, which is in no checkout`,
    ),
  ]);
});

test("a file of which nobody knows what it gives may give all", async () => {
  const folder = makeProject(true);
  writeFileSync(join(folder, ".gitignore"), "globals.yml\n");
  expect((await askIgnored(folder, ORIGINS))("model.alpha")).toContain("conf/prod/globals.yml");
});

test("without git, conf/local is known; of a loader that tells nothing, everything may be", async () => {
  const find = await askIgnored(makeProject(false), ORIGINS);
  expect([find("mine.a"), find("model.depth")]).toEqual([null, expect.stringContaining("conf/local/parameters.yml")]);
  expect((await askIgnored("/", null))("model.alpha")).toContain("does not tell");
  expect((await askIgnored("/", undefined))("model.alpha")).toBeNull();
});
