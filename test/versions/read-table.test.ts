import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCsv } from "../../src/versions/parse-csv.ts";
import { summarizeTable } from "../../src/versions/read-table.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const summarize = (name: string, content: string) => {
  const path = join(makeTemporaryFolder(), name);
  writeFileSync(path, content);
  return summarizeTable(path);
};

test.each([
  [
    "a,b\n1,2\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    '"a ""b""","c\nd"\r\n1,\r\n',
    [
      ['a "b"', "c\nd"],
      ["1", ""],
    ],
  ],
  ["a", [["a"]]],
  ["", []],
  ["\n\na\n", [["a"]]],
])("%j is parsed", (text, expected) => {
  expect(parseCsv(text)).toEqual(expected);
});

test("whatever cells hold, they are found again", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", " ") });
  const records = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 4 });
  fc.assert(
    fc.property(records, (lines) => {
      const text = lines.map((line) => line.map((each) => `"${each.replaceAll('"', '""')}"`).join(",")).join("\n");
      expect(parseCsv(text)).toEqual(lines);
    }),
  );
});

test("a CSV file has its rows, and figures of each column", async () => {
  expect(await summarize("t.csv", "n,t,m\n1,x,\n3,y,2\n")).toEqual({
    rows: 2,
    columns: {
      n: { type: "number", missing: 0, min: 1, max: 3, mean: 2 },
      t: { type: "text", missing: 0, distinct: 2 },
      m: { type: "number", missing: 1, min: 2, max: 2, mean: 2 },
    },
  });
});

test("a JSON object is a table of one row, its leaves the columns", async () => {
  expect(await summarize("t.json", '{"r2": 0.5, "by": {"x": "y"}}')).toMatchObject({
    rows: 1,
    columns: { r2: { mean: 0.5 }, "by.x": { type: "text", distinct: 1 } },
  });
  expect(await summarize("t.json", '[{"a": 1}, {"a": 2}]')).toMatchObject({ rows: 2 });
});

test("what is no table, or elsewhere, has no figures", async () => {
  expect(await summarize("t.json", "[1, 2]")).toBeNull();
  expect(await summarize("t.json", "{")).toBeNull();
  expect(await summarize("t.parquet", "PAR1")).toBeNull();
  expect(await summarizeTable("s3://bucket/t.csv")).toBeNull();
  expect(await summarizeTable("/nowhere/t.csv")).toBeNull();
});
