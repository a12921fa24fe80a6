import { expect, test, vi } from "vitest";
import { listImports } from "../../../src/compose/reuse/module-imports.ts";

/** The first one, as Node says it once per process. */
test("nothing is heard of the means", async () => {
  const warn = vi.spyOn(process, "emitWarning");
  await listImports("const a: number = 1;", "/w/a.ts");
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

const COMPUTED = "imports by a name that is computed";
const REQUIRE = "loads by `require`, which is not followed";

test.each<[text: string, specifiers: string[], unknown?: string[]]>([
  [
    'import a from "./a.ts"; import { b } from "b"; import * as c from "node:c"; import "./d.mjs";',
    ["./a.ts", "b", "node:c", "./d.mjs"],
  ],
  ['export * from "./a.ts"; export { b } from "./b.ts";', ["./a.ts", "./b.ts"]],
  ['const a = await import("./a.ts"); const b = () => import("./b.ts");', ["./a.ts", "./b.ts"]],
  ['import a from "./a.json" with { type: "json" }; import "./a.json";', ["./a.json"]],
  [
    'import type { A } from "./a.ts"; import { type B } from "./b.ts"; export type { C } from "./c.ts"; let d: import("./d.ts").D;',
    ["./b.ts"],
  ],
  ['// import "./a.ts"\nconst text = `import "./b.ts"`; /* export * from "./c.ts" */', []],
  ["const here = import.meta.url;", []],
  ["const load = (name: string) => import(`./${name}.ts`);", [], [COMPUTED]],
  ["const load = (name: string) => import(name); import('./a.ts');", ["./a.ts"], [COMPUTED]],
  ['import { createRequire } from "node:module";', ["node:module"], [REQUIRE]],
  ['const a = require("a"); export {};', [], [REQUIRE]],
  ['const load = require; module.exports = () => load("a");', [], [REQUIRE]],
  ["// what we require\nexport const a = 1;", []],
])("%s", async (text, specifiers, unknown = []) => {
  expect(await listImports(text, "/w/a.ts")).toEqual({ specifiers, unknown });
});

test("a file without types is read as it is, and what is wrong with a file is thrown", async () => {
  expect(await listImports('import "./a.js"; const generic = a < b > (c);', "/w/a.mjs")).toMatchObject({
    specifiers: ["./a.js"],
  });
  await expect(listImports("import { from", "/w/a.js")).rejects.toThrow(/Parse error/);
  await expect(listImports("const x: = 1", "/w/a.ts")).rejects.toThrow();
  await expect(listImports("enum A { B }", "/w/a.ts")).rejects.toThrow(/enum/);
});
