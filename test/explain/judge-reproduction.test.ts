import { describe, expect, it } from "vitest";
import type { DatasetVerdict, ReproducedDataset, ReproductionDrift } from "../../src/core/answer/reproduction.ts";
import { compareEnvironments } from "../../src/explain/compare-environments.ts";
import { explainDivergence, findFirstOff, judgeDatasets, orderDatasets } from "../../src/explain/judge-reproduction.ts";

const of = (dataset: string, verdict: DatasetVerdict): ReproducedDataset => {
  return { dataset, verdict, node: null, hash_before: null, hash_after: null, detail: null, unreadable: false };
};
const drift = (kind: ReproductionDrift["kind"], name: string = kind): ReproductionDrift => {
  return { kind, name, before: "1", after: "2" };
};
const explain = (isStable: boolean, ...drifts: ReproductionDrift[]) =>
  explainDivergence({ dataset: "model", node: "fit", unreadable: false }, { isStable, drifts });

describe("the verdict on a run", () => {
  it.each<[DatasetVerdict[], string]>([
    [[], "identical"],
    [["identical", "identical"], "identical"],
    [["identical", "equal"], "equal"],
    [["equal", "different"], "different"],
    [["missing", "identical"], "different"],
  ])("of %j is %s", (verdicts, verdict) => {
    expect(judgeDatasets(verdicts.map((each) => of(each, each)))).toBe(verdict);
  });

  it("begins with the first dataset, in the order in which they were saved, that is off", () => {
    const saved = [
      { dataset: "table", node: "clean" },
      { dataset: "model", node: "fit" },
    ];
    const ordered = orderDatasets([of("unsaved", "different"), of("model", "missing"), of("table", "equal")], saved);
    expect(ordered.map(({ dataset, node }) => [dataset, node])).toEqual([
      ["table", "clean"],
      ["model", "fit"],
      ["unsaved", null],
    ]);
    expect(findFirstOff(ordered)?.dataset).toBe("model");
    expect(findFirstOff([of("a", "equal")])).toBeNull();
  });
});

describe("why a run came to something else", () => {
  it("is a missing seed if it gives a third result", () => {
    expect(explain(false, drift("package", "numpy"))).toMatchObject({
      kind: "non-deterministic",
      cause: { kind: "seed" },
    });
  });

  it("is what has changed, inputs before packages before the machine", () => {
    const [input, numpy, pandas, platform] = [
      drift("input", "raw"),
      drift("package", "numpy"),
      drift("package", "pandas"),
      drift("platform"),
    ];
    expect(explain(true, platform, numpy, input).cause).toEqual({ kind: "input", detail: "input raw: 1 -> 2" });
    expect(explain(true, platform, numpy, pandas).cause).toEqual({
      kind: "package",
      detail: "package numpy: 1 -> 2; package pandas: 1 -> 2",
    });
    expect(explain(true, platform).cause).toEqual({ kind: "platform", detail: "platform: 1 -> 2" });
  });

  it.each([true, false])("is unknown of what could not be loaded, whether it came again (%s) or not", (isStable) => {
    const model = { dataset: "model", node: "fit", unreadable: true };
    const { kind, cause } = explainDivergence(model, { isStable, drifts: [drift("package")] });
    expect([kind, cause.kind]).toEqual(["unknown", "unknown"]);
    expect(cause.detail).toContain("the values may be equal, or the node fit gives different ones");
  });

  it("is unknown if nothing on record has", () => {
    expect(explain(true)).toMatchObject({ kind: "drift", cause: { kind: "unknown" } });
  });
});

describe("compareEnvironments", () => {
  const facts = { python: "3.11.9", kedro: "1.7.0", platform: "linux", packages: { numpy: "2.1.0", pandas: "3.0" } };

  it("tells what differs, and what is gone, but not what is more", () => {
    expect(compareEnvironments(facts, { ...facts, packages: { ...facts.packages, extra: "1" } })).toEqual([]);
    const other = { ...facts, python: "3.12.0", platform: "darwin", packages: { numpy: "2.1.1" } };
    expect(compareEnvironments(facts, other)).toEqual([
      { kind: "python", name: "python", before: "3.11.9", after: "3.12.0" },
      { kind: "package", name: "numpy", before: "2.1.0", after: "2.1.1" },
      { kind: "package", name: "pandas", before: "3.0", after: null },
      { kind: "platform", name: "platform", before: "linux", after: "darwin" },
    ]);
  });
});
