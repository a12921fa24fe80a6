import { describe, expect, test } from "vitest";
import type { RetryPolicy } from "../../../src/core/run-policy.ts";
import type { PlannedRun } from "../../../src/plan/plan.ts";
import { describePolicy, toPolicyJson } from "../../../src/plan/show/describe-policy.ts";
import { define } from "../../define/read-text.ts";
import { plannedRun } from "../../rig/plans.ts";

/** A run with the policies that a file says. */
function planned(fields: string): PlannedRun {
  return readPlanned(`runs: { a: { command: [ls]${fields} } }\n`);
}

function readPlanned(text: string): PlannedRun {
  const [definition] = define(text).runs;
  if (definition === undefined) throw new Error("no run");
  const { policy, timeoutMs, resources } = definition;
  return plannedRun("a", { policy, timeoutMs, resources });
}

const NONE: RetryPolicy = { max: 2, initialMs: 0, factor: 1, maxMs: 2 ** 31 - 1, jitter: false, on: null };
const none = { max: 2, initial_ms: 0, factor: 1, max_ms: 2 ** 31 - 1, jitter: false, on: null };

describe("policies as a plan shows them", () => {
  test.each([
    ["", "", null],
    [", retries: 0, allow_failure: false, run_on: success", "", null],
    [", retries: 2", "up to 3 attempts", { retries: none }],
    [
      ", retries: { max: 2, resume: true }",
      "up to 3 attempts, each continuing where the last one failed",
      { retries: { ...none, resume: true } },
    ],
    [
      ", retries: { max: 2, backoff: 5s, on: [OSError, TimeoutError] }",
      "up to 3 attempts, 5s apart, on OSError, TimeoutError",
      { retries: { ...none, initial_ms: 5000, on: ["OSError", "TimeoutError"] } },
    ],
    [
      ", retries: { max: 2, backoff: { initial: 1s, max: 1m30s, jitter: true } }",
      "up to 3 attempts, after 1s, then 2 times as long each up to 1m30s, with jitter",
      { retries: { ...none, initial_ms: 1000, factor: 2, max_ms: 90_000, jitter: true } },
    ],
    [
      ", retries: { max: 2, backoff: { initial: 250ms, factor: 1.5 } }",
      "up to 3 attempts, after 250ms, then 1.5 times as long each",
      { retries: { ...none, initial_ms: 250, factor: 1.5 } },
    ],
    [
      ", resources: { cpu: 0.5, memory: 1500MB, gpu: 2 }, timeout: 1m",
      "takes 0.5 CPUs, 1.5 GB of memory, 2 GPUs; timeout 1m",
      { resources: { cpu: 0.5, memory_bytes: 1.5e9, gpu: 2 }, timeout_ms: 60_000 },
    ],
    [", timeout: 26h", "timeout 1d2h", { timeout_ms: 93_600_000 }],
    [
      ", allow_failure: true, run_on: failure",
      "may fail; runs only after a failure",
      { allow_failure: true, run_on: "failure" },
    ],
    [", timeout: 500ms, run_on: always", "timeout 500ms; runs always", { timeout_ms: 500, run_on: "always" }],
  ])("of a run%s", (fields, text, json) => {
    expect(describePolicy(planned(fields))).toBe(text);
    expect(toPolicyJson(planned(fields))).toEqual(json);
  });

  test("no retries differ from none", () => {
    expect(planned(", retries: 2").policy.retries).toEqual(NONE);
    expect(planned(", retries: { max: 0, backoff: 5s }").policy.retries).toBeNull();
  });
});

test.each([
  ["", "1h", "its worker waits 1h", { keep_worker_ms: 3_600_000 }],
  [", keep_worker: 90", "1h", "its worker waits 1m30s", { keep_worker_ms: 90_000 }],
])("of a Kedro run%s with a default for its worker", (fields, otherwise, text, json) => {
  const file = `project: p\ndefaults: { keep_worker: ${otherwise} }\nruns: { a: { pipeline: p${fields} } }\n`;
  expect(describePolicy(readPlanned(file))).toBe(text);
  expect(toPolicyJson(readPlanned(file))).toEqual(json);
});
