import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { openContentCache } from "../../../src/compose/reuse/content-cache.ts";
import { walkModule } from "../../../src/compose/reuse/walk-module.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { writeFiles } from "../../rig/toy-project.ts";

let dir: string;
beforeEach(() => {
  dir = makeTemporaryFolder();
});

async function walk(files: Record<string, string>) {
  writeFiles(dir, files);
  const content = openContentCache(join(dir, "cache/content.json"), Date.now);
  const graph = await walkModule(join(dir, "flows/score.ts"), { dir: join(dir, "flows"), content });
  const paths = graph.files.map(({ path }) => path.slice(dir.length + 1));
  return { ...graph, files: paths.sort() };
}

test("follows what the project's own files import, in circles too", async () => {
  const found = await walk({
    "flows/score.ts":
      'import "./lib/a.ts"; import fs from "fs"; import "node:path"; import "../shared/c.mjs"; import "runweave";',
    "flows/lib/a.ts": 'export * from "./b.js"; export const load = () => import("../score.ts");',
    "flows/lib/b.js": 'import codes from "./codes.json" with { type: "json" };',
    "flows/lib/codes.json": "[1]",
    "shared/c.mjs": "export {};",
    "flows/lib/other.ts": "export {};",
  });
  expect(found).toEqual({
    files: ["flows/lib/a.ts", "flows/lib/b.js", "flows/lib/codes.json", "flows/score.ts", "shared/c.mjs"],
    packages: { runweave: "0.0.0" },
    obstacles: [],
  });
});

test("packages count by the version that each file would import", async () => {
  const found = await walk({
    "flows/score.ts": 'import "lodash/fp"; import "@scope/pkg/deep/file.js"; import "../shared/c.ts";',
    "shared/c.ts": 'import "lodash"; import "only-there";',
    "node_modules/lodash/package.json": '{"version":"4.0.0"}',
    "shared/node_modules/lodash/package.json": '{"version":"3.0.0"}',
    "shared/node_modules/only-there/package.json": '{"version":"1.2.3"}',
    "node_modules/@scope/pkg/package.json": '{"version":"2.0.0-rc.1"}',
  });
  expect(found.packages).toEqual({ lodash: "3.0.0, 4.0.0", "@scope/pkg": "2.0.0-rc.1", "only-there": "1.2.3" });
  expect(found.obstacles).toEqual([]);
});

test("what can't be followed or compared is an obstacle, each by itself", async () => {
  mkdirSync(join(dir, "linked"));
  mkdirSync(join(dir, "node_modules"));
  writeFileSync(join(dir, "linked/package.json"), '{"version":"1.0.0"}');
  symlinkSync(join(dir, "linked"), join(dir, "node_modules/linked"));
  const { files, packages, obstacles } = await walk({
    "flows/score.ts": `import "./gone.ts"; import "no-such"; import "linked"; import "versionless"; import "#own"; import "data:text/javascript,1";
import "./broken.ts"; export default (name) => import(name);`,
    "flows/broken.ts": "const x: = 1",
    "node_modules/versionless/package.json": "{}",
  });
  expect([files, packages]).toEqual([["flows/broken.ts", "flows/score.ts"], {}]);
  expect(obstacles).toEqual([
    "score.ts imports by a name that is computed",
    'score.ts imports "no-such", which is not installed',
    `score.ts imports "linked", which is a link to ${join(dir, "linked")}`,
    'score.ts imports "versionless", which has no version',
    'score.ts imports "#own", which is not followed',
    'score.ts imports "data:text/javascript,1", which is not followed',
    expect.stringMatching(/^the source gone\.ts can't be read: ENOENT/),
    expect.stringMatching(/^the source broken\.ts can't be read: ./),
  ]);
});

test("a module that is a link imports from where it really is, as Node does", async () => {
  writeFiles(dir, { "real/score.ts": 'import "./beside.ts";', "real/beside.ts": "", "flows/readme": "" });
  symlinkSync(join(dir, "real/score.ts"), join(dir, "flows/score.ts"));
  expect(await walk({})).toMatchObject({ files: ["flows/score.ts", "real/beside.ts"], obstacles: [] });
});
