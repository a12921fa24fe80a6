import { expect, test } from "vitest";
import type { RunStatus } from "../../src/core/run.ts";
import { DEFAULT_POLICY } from "../../src/core/run-policy.ts";
import { chooseAgain } from "../../src/execute/choose-again.ts";
import { plannedRun } from "../rig/plans.ts";

const reads = (run: string) => ({ consumes: { o: { run, dataset: "o", as: "upstream" as const } } });
const PLAN = [
  plannedRun("a"),
  plannedRun("b", reads("a")),
  plannedRun("ordered", { needs: ["a"] }),
  plannedRun("mend", { needs: ["b"], policy: { ...DEFAULT_POLICY, runOn: "failure" } }),
  plannedRun("clean", { needs: ["b"], policy: { ...DEFAULT_POLICY, runOn: "always" } }),
];

function choose(statuses: Partial<Record<string, RunStatus>>, over: { spoilt?: string[]; hasEnded?: boolean } = {}) {
  const { spoilt = [], hasEnded = true } = over;
  const statusOf = (run: string) => statuses[run] ?? "success";
  return chooseAgain(PLAN, { statusOf, isSpoilt: (run) => spoilt.includes(run), hasEnded });
}

test("of a session that had ended, what had not succeeded is tried again, and what follows on that", () => {
  expect(choose({ b: "failed", ordered: "cancelled", mend: "success" })).toEqual(["b", "ordered", "mend", "clean"]);
  expect(choose({ ordered: "skipped" })).toEqual(["ordered"]);
  expect(choose({ a: "reused" })).toEqual([]);
});

test("of a session that was cut off, what had failed in it stays so", () => {
  expect(choose({ b: "failed", mend: "skipped", clean: "running" }, { hasEnded: false })).toEqual([]);
});

test("what is spoilt runs again, with what consumed it and what runs after it whatever happens; order alone is no reason", () => {
  expect(choose({}, { spoilt: ["a"] })).toEqual(["a", "b", "mend", "clean"]);
  expect(choose({ mend: "skipped" }, { spoilt: ["b"], hasEnded: false })).toEqual(["b", "clean"]);
});

test("what has not ended needs no reopening", () => {
  expect(choose({ a: "pending", b: "pending", ordered: "running", mend: "pending", clean: "pending" })).toEqual([]);
});
