import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCanonical } from "../../src/plan/canonical-json.ts";
import { compareFiles, findDifference } from "../../src/versions/compare-files.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const EXACT = { tolerance: 0, ignoreRowOrder: false };
const compare = async (name: string, a: string, b: string, leniency = EXACT) => {
  const paths = ["a", "b"].map((folder) => join(makeTemporaryFolder(), `${folder}-${name}`));
  for (const [index, path] of paths.entries()) writeFileSync(path, index === 0 ? a : b);
  return await compareFiles(paths[0] ?? "", paths[1] ?? "", leniency);
};

describe("compareFiles", () => {
  it("finds the same values in other bytes", async () => {
    expect(await compare("m.json", '{"a": 1, "b": [2]}', '{ "b": [2.0], "a": 1 }')).toBeNull();
    expect(await compare("t.csv", 'a,b\n1,"x"\n', "a,b\r\n1.0,x\r\n")).toBeNull();
  });

  it("opens no pipe", async () => {
    const pipe = join(makeTemporaryFolder(), "pipe.csv");
    execFileSync("mkfifo", [pipe]);
    expect(await compareFiles(pipe, pipe, EXACT)).toBeUndefined();
  });

  it("tells the first difference, with its place", async () => {
    expect(await compare("m.json", '{"a": {"b": [1, 2]}}', '{"a": {"b": [1, 3]}}')).toBe("it.a.b[1] was 2 and is 3");
    expect(await compare("m.json", '{"a": 1}', '{"b": 1}')).toBe("it has other keys: a");
    expect(await compare("t.csv", "a\n1\n", "a\n1\n2\n")).toBe("it.rows had 1 items and has 2");
    expect(await compare("t.csv", "a\nx\n", "b\nx\n")).toBe('it.columns[0] was "a" and is "b"');
    expect(await compare("t.csv", "a\n\n", "a\n0\n")).not.toBeNull();
  });

  it("lets numbers be apart, and rows stand in any order, as far as it is told to", async () => {
    const [a, b] = ["x,y\n1,a\n2,b\n", "x,y\n2,b\n1.0000000001,a\n"];
    expect(await compare("t.csv", a, b, { ...EXACT, tolerance: 1e-6 })).not.toBeNull();
    expect(await compare("t.csv", a, b, { ...EXACT, ignoreRowOrder: true })).not.toBeNull();
    expect(await compare("t.csv", a, b, { tolerance: 1e-6, ignoreRowOrder: true })).toBeNull();
  });

  it("says nothing of what it can't read", async () => {
    expect(await compare("m.parquet", "a", "b")).toBeUndefined();
    expect(await compare("m.json", "{", "{}")).toBeUndefined();
    expect(await compareFiles("/nowhere/a.json", "/nowhere/b.json", EXACT)).toBeUndefined();
  });
});

describe("findDifference", () => {
  const json = fc.jsonValue() as fc.Arbitrary<Parameters<typeof findDifference>[0]>;

  it("finds none between a value and itself, in whatever order its rows stand", () => {
    fc.assert(
      fc.property(fc.array(json), (rows) => {
        expect(findDifference(rows, structuredClone(rows), EXACT, "it")).toBeNull();
        expect(findDifference(rows, rows.toReversed(), { ...EXACT, ignoreRowOrder: true }, "it")).toBeNull();
      }),
    );
  });

  it("finds one between values whose JSON differs", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const isSame = findDifference(a, b, EXACT, "it") === null;
        expect(isSame).toBe(formatCanonical(a) === formatCanonical(b));
      }),
    );
  });
});
