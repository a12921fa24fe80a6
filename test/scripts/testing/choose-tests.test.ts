import path from "node:path";
import { describe, expect, it } from "vitest";
import { chooseTests, MOST_FILES } from "../../../scripts/testing/choose-tests.ts";
import { listImports, readImportGraph } from "../../../scripts/testing/import-graph.ts";

const WORKER = "src/runners/kedro/worker/runweave_worker";
const WORKER_TESTS = "test/runners/kedro/worker";
const COMMANDS = "test/e2e/commands.test.ts";
const graph = new Map([
  ["src/plan/graph.ts", []],
  ["src/plan/plan.ts", ["src/plan/graph.ts"]],
  ["src/record/sqlite/migrate.ts", []],
  ["src/runners/kedro/probe.ts", []],
  ["test/rig/plans.ts", ["src/plan/plan.ts"]],
  ["test/rig/cli.ts", []],
  ["test/plan/graph.test.ts", ["src/plan/graph.ts"]],
  ["test/plan/plan.test.ts", ["src/plan/plan.ts"]],
  ["test/plan/drawn.test.ts", ["test/rig/plans.ts"]],
  ["test/record/sqlite/migrate.test.ts", ["src/record/sqlite/migrate.ts"]],
  ["test/hostile/trash.test.ts", ["src/plan/plan.ts"]],
  ["test/e2e/drawn.test.ts", ["test/rig/plans.ts"]],
  [COMMANDS, ["test/rig/cli.ts"]],
]);
const pythonTests = new Map([
  [`${WORKER_TESTS}/test_child.py`, "from rig import Worker"],
  [`${WORKER_TESTS}/test_digests.py`, "from runweave_worker.data.digest import digest"],
  [`${WORKER_TESTS}/test_run.py`, "from rig import Worker"],
]);
const choose = (...changed: string[]) => chooseTests(changed, { graph, pythonTests });

describe("the tests that a change touches", () => {
  it("are its own one first, then what imports it by way of fewer files, then the shortest one of the whole", () => {
    const { vitest, leftOut } = choose("src/plan/graph.ts");
    expect(vitest).toEqual(["test/plan/graph.test.ts", "test/plan/plan.test.ts", "test/plan/drawn.test.ts", COMMANDS]);
    expect(leftOut).toEqual([
      "1 test files that are long: test/hostile/trash.test.ts",
      "the end-to-end tests but for the shortest",
    ]);
  });

  it("are long or end-to-end only where they have changed themselves", () => {
    const changed = ["test/hostile/trash.test.ts", "test/e2e/drawn.test.ts"];
    expect(choose(...changed).vitest).toEqual([...changed, COMMANDS]);
  });

  it("of what end-to-end tests share are the shortest one", () => {
    expect(choose("test/rig/cli.ts")).toEqual({
      vitest: [COMMANDS],
      pytest: [],
      leftOut: ["the end-to-end tests but for the shortest"],
    });
  });

  it("of a migration are those of what migrates", () => {
    expect(choose("src/record/sqlite/migrations/001-runs.sql").vitest).toEqual([
      "test/record/sqlite/migrate.test.ts",
      COMMANDS,
    ]);
  });

  it("of the worker are those of its module, and one whole attempt", () => {
    expect(choose(`${WORKER}/child.py`).pytest).toEqual(
      [...pythonTests.keys()].filter((file) => !/digests/.test(file)),
    );
    expect(choose(`${WORKER}/digest.py`).pytest).toEqual([...pythonTests.keys()].slice(1));
    expect(choose(`${WORKER}/digest.py`).leftOut).toContain("the worker's other tests");
    expect(choose(`${WORKER_TESTS}/rig.py`).pytest).toEqual([`${WORKER_TESTS}/test_run.py`]);
    expect(choose(`${WORKER_TESTS}/test_child.py`).pytest).toEqual([`${WORKER_TESTS}/test_child.py`]);
  });

  it("of a Kedro file include a chain of Kedro runs", () => {
    expect(choose("src/runners/kedro/probe.ts").vitest).toEqual([COMMANDS, "test/e2e/kedro-chain.test.ts"]);
  });

  it("are at most so many, the nearest, and the others are told", () => {
    const many = Array.from({ length: MOST_FILES + 5 }, (_, at) => `test/plan/t${String(at).padStart(2, "0")}.test.ts`);
    const whole = new Map(
      ["src/plan/graph.ts", ...many].map((file, at) => [file, at > 0 ? ["src/plan/graph.ts"] : []]),
    );
    const { vitest, leftOut } = chooseTests(["src/plan/graph.ts"], { graph: whole, pythonTests });
    expect(vitest).toEqual([...many.slice(0, MOST_FILES), COMMANDS]);
    expect(leftOut[0]).toBe(
      "5 test files that are far from what has changed: test/plan/t40.test.ts, test/plan/t41.test.ts, test/plan/t42.test.ts, …",
    );
  });

  it("are none of a file that nothing imports, which is told", () => {
    expect(choose("docs/kedro.md")).toEqual({ vitest: [], pytest: [], leftOut: ["whatever reads docs/kedro.md"] });
  });
});

describe("what a file imports", () => {
  it("is all that is there when it runs, in any form, and no type", () => {
    const text = [
      'import type { A } from "./a.ts";',
      'import {\n  b,\n  type C,\n} from "../b.ts";',
      'import "./side.mjs";',
      'export { d } from "./d.ts";',
      'import { readFileSync } from "node:fs";',
      'const late = await import("./late.ts");',
    ].join("\n");
    expect(listImports("src/plan/x.ts", text).sort()).toEqual([
      "src/b.ts",
      "src/plan/d.ts",
      "src/plan/late.ts",
      "src/plan/side.mjs",
    ]);
  });

  it("is known of this repository: every file that is named is there", () => {
    const root = path.join(import.meta.dirname, "../../..");
    const own = readImportGraph(root, ["src"]);
    expect(own.get("src/plan/plan-workflow.ts")).toContain("src/plan/graph.ts");
    expect([...own.values()].flat().filter((file) => !own.has(file))).toEqual([]);
  });
});
