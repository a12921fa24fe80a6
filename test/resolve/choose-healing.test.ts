import { describe, expect, it } from "vitest";
import type { RunStatus } from "../../src/core/run.ts";
import type { RunId } from "../../src/core/run-id.ts";
import { applyObstacle, chooseHealing } from "../../src/resolve/choose-healing.ts";
import { addCosts, estimateHealing } from "../../src/resolve/estimate-healing.ts";

/** a feeds b and d, b feeds c, e stands apart. */
const GRAPH = [
  { run: "a", needs: [] },
  { run: "b", needs: ["a"] },
  { run: "c", needs: ["b"] },
  { run: "d", needs: ["a"] },
  { run: "e", needs: [] },
];

interface Facts {
  tainted?: string[];
  reads?: string[];
  statuses?: Record<string, RunStatus>;
  healed?: string[];
  pending?: string[];
  stuck?: string[];
}

function choose({ tainted = [], reads = [], statuses = {}, healed = [], pending = [], stuck = [] }: Facts) {
  const statusOf = (run: string): RunStatus => statuses[run] ?? "success";
  const choices = chooseHealing(GRAPH, {
    statusOf,
    attemptOf: (run) => (statusOf(run) === "success" || statusOf(run) === "reused" ? (`old-${run}` as RunId) : null),
    faultOfRun: (run) =>
      tainted.includes(run) || reads.includes(run) ? { isTainted: tainted.includes(run), read: ["o"] } : null,
    healedBy: (run) => (healed.includes(run) ? (`new-${run}` as RunId) : null),
    isPending: (run) => pending.includes(run),
    isStuck: (run) => stuck.includes(run),
  });
  return Object.fromEntries(
    Array.from(choices, ([run, { action, run_id }]) => [
      run,
      action === "link" && run_id !== `old-${run}` ? run_id : action,
    ]),
  );
}

describe("chooseHealing", () => {
  const linked = { a: "link", b: "link", c: "link", d: "link", e: "link" };
  it.each<[string, Facts, Record<string, string | null>]>([
    ["nothing is bad", {}, {}],
    [
      "what saved what is tainted is executed, what read that is compared",
      { tainted: ["a"], reads: ["b", "c", "d"] },
      { a: "run", b: "compare", c: "compare", d: "compare" },
    ],
    [
      "who needs it and did not read what is bad of it is linked",
      { tainted: ["a"], reads: ["b"] },
      { a: "run", b: "compare" },
    ],
    [
      "what can't be executed stays as it is, and what is below another one is not touched by that",
      { tainted: ["a"], reads: ["b", "c", "d"], stuck: ["b", "c"] },
      { a: "run", d: "compare" },
    ],
    [
      "what had failed and can't be executed is left out",
      { tainted: ["a"], reads: ["d"], statuses: { b: "failed", c: "skipped" }, stuck: ["b"] },
      { a: "run", b: "leave", c: "leave", d: "compare" },
    ],
    ["bad for what came from elsewhere", { reads: ["b", "c"] }, { b: "compare", c: "compare" }],
    [
      "tainted, and made of what is bad",
      { tainted: ["a", "b"], reads: ["b", "c"] },
      { a: "run", b: "run", c: "compare" },
    ],
    [
      "what is healed already is linked to that",
      { healed: ["a"], reads: ["b", "c"] },
      { a: "new-a", b: "compare", c: "compare" },
    ],
    [
      "what another session heals first is not executed here",
      { tainted: ["a"], pending: ["a"], reads: ["b"] },
      { b: "compare" },
    ],
    ["a run was reused then", { statuses: { b: "reused" }, tainted: ["a"], reads: ["b"] }, { a: "run", b: "compare" }],
    [
      "what had failed on what is bad is executed",
      { tainted: ["a"], statuses: { b: "failed", c: "skipped" } },
      { a: "run", b: "run", c: "run" },
    ],
    [
      "what had failed and has nothing to do with it is left out",
      { tainted: ["a"], statuses: { e: "failed" } },
      { a: "run", e: "leave" },
    ],
    [
      "what waits for that is left out too",
      { tainted: ["d"], statuses: { b: "failed", c: "skipped" } },
      { d: "run", b: "leave", c: "leave" },
    ],
  ])("%s", (_, facts, expected) => {
    expect(choose(facts)).toEqual({ ...linked, ...expected });
  });

  it("does not compare what nobody can see", () => {
    const compared = { action: "compare", run_id: "x" as RunId, reason: "it read o" } as const;
    expect(applyObstacle(compared, "'t' is floating")).toMatchObject({
      action: "run",
      reason: expect.stringContaining("'t' is floating"),
    });
    expect(applyObstacle(compared, null)).toBe(compared);
    const linkedRun = { ...compared, action: "link" } as const;
    expect(applyObstacle(linkedRun, "'t' is floating")).toBe(linkedRun);
  });
});

describe("estimateHealing", () => {
  const run = (name: string, duration_ms: number | null, ...needs: string[]) => ({ run: name, needs, duration_ms });
  it.each<[string, Parameters<typeof estimateHealing>[0], [number, number, number]]>([
    ["nothing", [], [0, 0, 0]],
    ["a chain", [run("a", 10), run("b", 20, "a"), run("c", 5, "b")], [3, 35, 35]],
    [
      "a fork and a join: the longer side counts",
      [run("a", 10), run("b", 20, "a"), run("c", 50, "a"), run("d", 1, "b", "c")],
      [4, 81, 61],
    ],
    ["what is linked is there already", [run("b", 20, "linked"), run("c", 5)], [2, 25, 20]],
    ["a run of which nobody knows", [run("a", null), run("b", 20, "a")], [2, 20, 20]],
  ])("%s", (_, runs, [count, sum_ms, critical_path_ms]) => {
    expect(estimateHealing(runs)).toEqual({ runs: count, sum_ms, critical_path_ms });
  });

  it("adds sessions up, as they are healed one after the other", () => {
    const cost = { runs: 2, sum_ms: 30, critical_path_ms: 20 };
    expect(addCosts([cost, cost])).toEqual({ runs: 4, sum_ms: 60, critical_path_ms: 40 });
    expect(addCosts([])).toEqual({ runs: 0, sum_ms: 0, critical_path_ms: 0 });
  });
});
