import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { HeldAttempt, RetentionFacts } from "../../src/core/port/registry.ts";
import type { RunStatus } from "../../src/core/run.ts";
import type { RunId, SessionId } from "../../src/core/run-id.ts";
import { decideRetention, type Retention } from "../../src/explain/gc.ts";

const id = (name: string) => name as RunId;
const day = (number: number) => `2026-11-${String(number).padStart(2, "0")}T00:00:00.000Z`;

interface Told extends Partial<HeldAttempt> {
  day?: number;
  reads?: string[];
}

/** Attempts by name, each of a session of its own, in which it stands for the run `train`. */
function hold(told: Record<string, Told>, more: Partial<RetentionFacts> = {}): RetentionFacts {
  const attempts = Object.entries(told).map(([name, { day: at = 1, reads: _, ...fields }]) => {
    const session_id = `s-${name}` as SessionId;
    const about = {
      workflow: "churn",
      source: "/w.yaml",
      run: "train",
      status: "success" as RunStatus,
      time: day(at),
      seq: at,
      bytes: 1,
    };
    return { run_id: id(name), session_id, ...about, is_adopted: false, discarded: null, ...fields };
  });
  const uses = attempts.map(({ session_id, workflow, source, run, run_id, status, time, seq }) => {
    return { session_id, workflow, source, run, run_id, status, time, seq };
  });
  const reads = Object.entries(told).flatMap(([reader, { reads = [] }]) =>
    reads.map((writer) => ({ reader: id(reader), writer: id(writer) })),
  );
  return { attempts, uses, reads, tagged: [], aliased: [], running: [], ...more };
}

function decide(
  retentionFacts: RetentionFacts,
  retention: Partial<Retention>,
  expected: string[] = [],
): Record<string, string> {
  const options = { retention: { keepLast: null, since: null, ...retention }, expected: expected.map(id) };
  return Object.fromEntries(decideRetention(retentionFacts, options).map(({ run_id, rule }) => [run_id, rule]));
}

describe("what may be collected", () => {
  const three = { a: { day: 1 }, b: { day: 2 }, c: { day: 3 } };
  test.each<[string, RetentionFacts, Partial<Retention>, Record<string, string>]>([
    ["what is older than the age", hold(three), { since: day(2) }, { a: "goes", b: "recent", c: "recent" }],
    ["all but the last of a run", hold(three), { keepLast: 1 }, { a: "goes", b: "goes", c: "among-last" }],
    [
      "what neither keeps, if both are said",
      hold(three),
      { keepLast: 1, since: day(2) },
      { a: "goes", b: "recent", c: "recent" },
    ],
    [
      "the last of each run of each workflow apart",
      hold({ a: { workflow: "x" }, b: { run: "prep" }, c: {}, d: { day: 2 } }),
      { keepLast: 1 },
      { a: "among-last", b: "among-last", c: "goes", d: "among-last" },
    ],
    [
      "the last of each project's run, though their workflows have one name",
      hold({ a: { source: "/p/w.yaml" }, b: { source: "/q/w.yaml", day: 2 }, c: { source: "/q/w.yaml", day: 3 } }),
      { keepLast: 1 },
      { a: "among-last", b: "goes", c: "among-last" },
    ],
    [
      "what failed, once so many successes of its run are newer",
      hold({ a: { status: "failed" }, b: { day: 2 }, c: { day: 3, status: "failed" } }),
      { keepLast: 1 },
      { a: "goes", b: "among-last", c: "among-last" },
    ],
    [
      "nothing of a run that has not succeeded so often yet",
      hold({ a: { status: "failed" }, b: { day: 2, status: "cancelled" } }),
      { keepLast: 1 },
      { a: "among-last", b: "among-last" },
    ],
    [
      "the last of a run in the order of the log, whatever the clock said",
      hold({ a: { day: 9, seq: 1 }, b: { day: 2, seq: 2 }, c: { day: 1, seq: 3, status: "failed" } }),
      { keepLast: 1 },
      { a: "goes", b: "among-last", c: "among-last" },
    ],
    ["nothing that was adopted", hold({ a: { is_adopted: true } }), { since: day(9) }, { a: "adopted" }],
    [
      "nothing that goes on",
      hold({ a: { status: "running" } }, { running: ["s-a" as SessionId] }),
      { since: day(9) },
      { a: "under-way" },
    ],
    [
      "nothing of a session that has not ended",
      hold({ a: {}, b: {} }, { running: ["s-a" as SessionId] }),
      { since: day(9) },
      { a: "session-running", b: "goes" },
    ],
    [
      "nothing with an alias or the tag keep",
      hold(three, { aliased: [{ alias: "champion", run_id: id("a") }], tagged: [id("b")] }),
      { since: day(9) },
      { a: "aliased", b: "tagged", c: "goes" },
    ],
    [
      "nothing that a kept run was made of, over any number of steps",
      hold({ a: {}, b: { reads: ["a"] }, c: { day: 9, reads: ["b"] }, d: { reads: ["a"] } }),
      { since: day(9) },
      { a: "reachable", b: "reachable", c: "recent", d: "goes" },
    ],
    [
      "nothing that a failed attempt had finished and a kept one took over",
      hold({ a: { status: "failed" }, b: { day: 9, reads: ["a"] } }),
      { since: day(9) },
      { a: "reachable", b: "recent" },
    ],
  ])("%s", (_, retentionFacts, retention, expected) => {
    expect(decide(retentionFacts, retention)).toEqual(expected);
  });

  it("keeps what was reused lately as if it were of then, and what a session under way reused or is to read", () => {
    const retentionFacts = hold({ a: {}, b: {}, c: {}, d: {} });
    const use = (run_id: string, session: string, at: number) => {
      const about = { workflow: "churn", source: "/w.yaml", run: "train", status: "reused" as const };
      return { session_id: session as SessionId, run_id: id(run_id), ...about, time: day(at), seq: at };
    };
    const uses = [...retentionFacts.uses, use("a", "s-new", 9), use("b", "s-live", 2)];
    const all = { ...retentionFacts, uses, running: ["s-live" as SessionId] };
    const expected = { a: "recent", b: "session-running", c: "expected", d: "goes" };
    expect(decide(all, { since: day(9) }, ["c"])).toEqual(expected);
    expect(decide({ ...all, running: [] }, { keepLast: 1 })).toMatchObject({ a: "among-last", b: "goes" });
  });

  it("tells through which run something is kept, and follows a chain of any length", () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `r${index}`);
    const chain = Object.fromEntries(
      names.map((name, index) => [name, { day: index === 0 ? 9 : 1, reads: [`r${index + 1}`].slice(0, index + 1) }]),
    );
    const verdicts = decideRetention(hold(chain), { retention: { keepLast: null, since: day(9) } });
    expect(verdicts.at(-1)).toMatchObject({ rule: "reachable", through: "r19998" });
    expect(verdicts[1]?.reason).toBe("train (r0), which is kept, has read it");
  });
});

/** Any registry: attempts that read each other at will, cycles included. */
const anyHoldings = fc
  .array(
    fc.record({
      day: fc.integer({ min: 1, max: 6 }),
      status: fc.constantFrom<RunStatus>("success", "success", "failed", "cancelled", "running"),
      run: fc.constantFrom("prep", "train"),
      is_adopted: fc.boolean().map((value) => value),
      reads: fc.array(fc.nat(11), { maxLength: 3 }),
      running: fc.nat(9).map((value) => value === 0),
      aliased: fc.nat(5).map((value) => value === 0),
      tagged: fc.nat(5).map((value) => value === 0),
    }),
    { maxLength: 12 },
  )
  .map((told) => {
    const name = (index: number) => `r${index}`;
    const attempts = told.map(({ day, status, run, is_adopted, reads }, index) => {
      const fields = { day, status, run, is_adopted: is_adopted && index % 4 === 0 };
      return [name(index), { ...fields, reads: reads.filter((to) => to < told.length).map(name) }] as const;
    });
    const pick = (key: "running" | "aliased" | "tagged") =>
      told.flatMap((each, index) => (each[key] ? [name(index)] : []));
    return hold(Object.fromEntries(attempts), {
      running: pick("running").map((run) => `s-${run}` as SessionId),
      aliased: pick("aliased").map((run) => ({ alias: `of-${run}`, run_id: id(run) })),
      tagged: pick("tagged").map(id),
    });
  });

/** Whether one attempt can reach another along the pins, by trying every path. */
function canReach({ reads }: RetentionFacts, from: RunId, to: RunId, seen: readonly RunId[] = []): boolean {
  if (from === to) return true;
  return reads.some(
    ({ reader, writer }) =>
      reader === from && !seen.includes(writer) && canReach({ reads } as RetentionFacts, writer, to, [...seen, from]),
  );
}

it("never lets anything go that a kept attempt can reach, and keeps nothing for reachability that none can", () => {
  const retention = fc.record({
    keepLast: fc.option(fc.integer({ min: 1, max: 3 })),
    since: fc.option(fc.integer({ min: 1, max: 7 }).map(day)),
  });
  fc.assert(
    fc.property(anyHoldings, retention, (retentionFacts, retention) => {
      const verdicts = decideRetention(retentionFacts, { retention });
      expect(verdicts.map(({ run_id }) => run_id)).toEqual(retentionFacts.attempts.map(({ run_id }) => run_id));
      const roots = verdicts.filter(({ rule }) => rule !== "goes" && rule !== "reachable");
      for (const { run_id, rule } of verdicts) {
        const isReached = roots.some((root) => canReach(retentionFacts, root.run_id, run_id));
        expect([run_id, rule !== "goes"]).toEqual([run_id, isReached]);
      }
      const gone = new Set(verdicts.flatMap(({ run_id, rule }) => (rule === "goes" ? [run_id] : [])));
      for (const { run_id } of retentionFacts.aliased) expect(gone.has(run_id)).toBe(false);
      for (const run_id of retentionFacts.tagged) expect(gone.has(run_id)).toBe(false);
      for (const { run_id, status, is_adopted, time } of retentionFacts.attempts) {
        const isSafe = status === "running" || is_adopted || (retention.since !== null && time >= retention.since);
        if (isSafe) expect(gone.has(run_id)).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});
