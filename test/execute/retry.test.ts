import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ExceptionRecord } from "../../src/core/run.ts";
import type { RetryPolicy } from "../../src/core/run-policy.ts";
import { decideRetry } from "../../src/execute/retry.ts";

const policy = (over: Partial<RetryPolicy> = {}): RetryPolicy => {
  return { max: 3, initialMs: 1000, factor: 1, maxMs: 60_000, jitter: false, on: null, ...over };
};

const raised = (type: string, over: Partial<ExceptionRecord> = {}): ExceptionRecord => {
  return { type, message: "", node: null, traceback: null, cause: null, ...over };
};

const waits = (retries: RetryPolicy, random = () => 0) =>
  [1, 2, 3, 4].map((attempt) => decideRetry(retries, { attempt, exception: raised("X"), random }));

describe("decideRetry", () => {
  it.each([
    ["no retries", null, [null, null, null, null]],
    ["a fixed wait", policy(), [1000, 1000, 1000, null]],
    ["no wait", policy({ initialMs: 0 }), [0, 0, 0, null]],
    ["one retry", policy({ max: 1 }), [1000, null, null, null]],
    ["a wait that doubles", policy({ factor: 2 }), [1000, 2000, 4000, null]],
    ["a wait that doubles up to a limit", policy({ factor: 2, maxMs: 1500 }), [1000, 1500, 1500, null]],
    ["a growth beyond all numbers", policy({ factor: 1e308 }), [1000, 60_000, 60_000, null]],
    ["jitter at its least", policy({ factor: 2, jitter: true }), [500, 1000, 2000, null]],
  ])("%s", (_, retries, expected) => {
    expect(retries === null ? [null, null, null, null] : waits(retries)).toEqual(expected);
    if (retries === null) expect(decideRetry(null, { attempt: 1, exception: raised("X"), random: () => 0 })).toBeNull();
  });

  it("jitter stays between half of the wait and all of it", () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(random, fc.integer({ min: 1, max: 3 }), (value, attempt) => {
        const exception = raised("X");
        const fullMs = decideRetry(policy({ factor: 3 }), { attempt, exception, random: () => value }) ?? 0;
        const waitMs = decideRetry(policy({ factor: 3, jitter: true }), { attempt, exception, random: () => value });
        expect(waitMs).toBeGreaterThanOrEqual(fullMs / 2);
        expect(waitMs).toBeLessThanOrEqual(fullMs);
      }),
    );
  });

  const refused = raised("ConnectionError", {
    classes: ["requests.exceptions.ConnectionError", "requests.exceptions.RequestException", "OSError", "Exception"],
  });
  it.each([
    ["its name", ["ConnectionError"], refused, true],
    ["its dotted name", ["requests.exceptions.ConnectionError"], refused, true],
    ["a class that it inherits from", ["OSError"], refused, true],
    ["another class of its name", ["urllib3.exceptions.ConnectionError"], refused, false],
    ["the end of its name alone", ["Error"], refused, false],
    ["another name", ["ValueError", "KeyError"], refused, false],
    ["one of several names", ["ValueError", "OSError"], refused, true],
    ["the name of a cause of its cause", ["OSError"], raised("A", { cause: raised("B", { cause: refused }) }), true],
    ["the name of what runweave itself reports", ["TimeoutError"], raised("TimeoutError"), true],
  ])("`on` with %s", (_, on, exception, isRetried) => {
    const waitMs = decideRetry(policy({ on }), { attempt: 1, exception, random: () => 0 });
    expect(waitMs !== null).toBe(isRetried);
  });
});
