import { describe, expect, test } from "vitest";
import { makeKedro, makeMatrix, makeWorkflow } from "../../rig/make-definition.ts";
import { IN_MEMORY, makeSlice, planWith } from "../make-facts.ts";

const parquet = { type: "pandas.ParquetDataset", location: "/w/project/data/table.pq" };

describe("one dataset in two formats", () => {
  test("is a warning at the output that makes the second", () => {
    const runs = [makeKedro("first", { outputs: ["table"] }), makeKedro("second", { outputs: ["other", "table"] })];
    const checked = planWith(makeWorkflow(runs), {
      first: makeSlice({ outputs: ["table"] }),
      second: makeSlice({ outputs: ["other", "table"], datasets: { table: parquet } }),
    });
    expect(checked).toMatchObject({
      ok: true,
      warnings: [
        {
          code: "two-formats",
          message:
            '"table" is saved in 2 formats: table (pandas.CSVDataset) by first, table (pandas.ParquetDataset) by second',
          location: { file: "runs/second/outputs/1" },
        },
      ],
    });
  });

  test("is so for transcoded siblings too, of one run or of two", () => {
    const sides = { datasets: { "table@pq": { ...parquet, location: "/w/project/data/table" } } };
    const first = makeSlice({ outputs: ["table@csv"] });
    const second = makeSlice({ outputs: ["table@pq"], ...sides });
    const runs = [makeKedro("first"), makeKedro("second")];
    const checked = planWith(makeWorkflow(runs), { first, second });
    expect(checked.ok && checked.warnings.map(({ code }) => code)).toEqual(["two-formats"]);
    const both = makeSlice({ outputs: ["table@csv", "table@pq"], ...sides });
    const alone = planWith(makeWorkflow([makeKedro("both")]), { both });
    expect(alone.ok && alone.warnings.map(({ code }) => code)).toEqual(["two-formats"]);
  });

  test.each([
    ["arms of one run", [makeKedro("first", { matrix: makeMatrix({ x: [1, 2] }) })], {}],
    ["two projects", [makeKedro("first"), makeKedro("second", { project: "/w/elsewhere" })], parquet],
    ["data in memory", [makeKedro("first"), makeKedro("second")], IN_MEMORY],
    ["the same format", [makeKedro("first"), makeKedro("second")], { location: "/w/project/data/else.csv" }],
  ])("is not %s", (_, runs, table) => {
    const facts = {
      first: makeSlice({ outputs: ["table"] }),
      second: makeSlice({ outputs: ["table"], datasets: { table } }),
    };
    const checked = planWith(makeWorkflow(runs), facts);
    expect(checked).toMatchObject({ ok: true, warnings: [] });
  });
});
