import { describe, expect, it } from "vitest";
import type { EarlierAttempts } from "../../src/core/port/runner.ts";
import type { ExceptionRecord } from "../../src/core/run.ts";
import type { RunId } from "../../src/core/run-id.ts";
import { DEFAULT_POLICY } from "../../src/core/run-policy.ts";
import { DIVERGED, listEarlier, NONE_EARLIER } from "../../src/execute/earlier-attempts.ts";

const [FIRST, SECOND] = ["first", "second"] as RunId[] as [RunId, RunId];
const before: EarlierAttempts = { run_ids: [FIRST], trusting: true };
const raised = (type: string): ExceptionRecord => ({ type, message: "", node: null, traceback: null, cause: null });
const retrying = (resume: boolean) => ({
  planned: {
    policy: {
      ...DEFAULT_POLICY,
      retries: { max: 3, initialMs: 0, factor: 1, maxMs: 0, jitter: false, on: null, resume },
    },
  },
});

const tried = {
  planned: { policy: DEFAULT_POLICY },
  runId: SECOND as RunId | null,
  earlier: before,
  result: { exception: raised("ValueError") } as { exception: ExceptionRecord | null } | null,
  rejection: null,
  isCutOff: false,
};

describe("the attempts on which the next one builds", () => {
  it("are none before the first, and those of the session before a resumed one's", () => {
    expect(listEarlier({ ...tried, runId: null, earlier: NONE_EARLIER })).toEqual(NONE_EARLIER);
    expect(listEarlier({ ...tried, runId: FIRST, result: null })).toEqual(before);
  });

  it("are none after one that failed, unless the retries say so", () => {
    expect(listEarlier(tried)).toEqual(NONE_EARLIER);
    expect(listEarlier({ ...tried, ...retrying(false) })).toEqual(NONE_EARLIER);
    expect(listEarlier({ ...tried, ...retrying(true) })).toEqual({ run_ids: [SECOND, FIRST], trusting: true });
    expect(listEarlier({ ...tried, result: null, rejection: raised("not-succeeded") })).toEqual(NONE_EARLIER);
  });

  it("go on after one that was cut off, and trust nothing once data turned out different", () => {
    expect(listEarlier({ ...tried, isCutOff: true })).toEqual({ run_ids: [SECOND, FIRST], trusting: true });
    const diverged = listEarlier({ ...tried, isCutOff: true, result: { exception: raised(DIVERGED) } });
    expect(diverged).toEqual({ run_ids: [SECOND, FIRST], trusting: false });
    expect(listEarlier({ ...tried, isCutOff: true, earlier: diverged }).trusting).toBe(false);
  });
});
