import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatLock, spreadArms, type WrittenRun } from "../../../src/resolve/lock/format-lock.ts";
import type { Lock, LockedRun } from "../../../src/resolve/lock/lock.ts";
import { lockedRun, lockOf } from "../../rig/locks.ts";

const key = fc.constantFrom("a", "b", "c", "constructor", "__proto__", "1");
const scalar = fc.oneof(fc.constantFrom(null, 1, "x", true), fc.array(fc.integer(), { maxLength: 2 }));
const nested = fc.dictionary(key, fc.oneof(scalar, fc.dictionary(key, scalar, { maxKeys: 2 })), { maxKeys: 3 });
const digests = fc.dictionary(key, fc.constantFrom("1", "2"), { maxKeys: 3 });
const runs: fc.Arbitrary<LockedRun> = fc.record({
  task: nested,
  program: digests,
  pins: fc.dictionary(key, fc.record({ rule: fc.constant("file" as const), hash: fc.constantFrom("1", "2") })),
  parameters: nested,
  environment: fc.constantFrom(null, "project"),
  code: digests,
  catalog: digests,
  unlocked: fc.array(fc.constantFrom("x", "y"), { maxLength: 2 }),
  fingerprint: fc.constantFrom("", "sha256:00", "sha256:01"),
});
const arms = fc.constantFrom("train[seed=1]", 'train[seed="a b"]', "train[seed=10,k=[1]]", "prep", "report");

const read = (text: string): Record<string, LockedRun> =>
  spreadArms((JSON.parse(text) as { runs: Record<string, WrittenRun> }).runs);

describe("formatLock", () => {
  it("loses nothing, whatever arms have in common", () => {
    fc.assert(
      fc.property(fc.dictionary(arms, runs), (all) => {
        expect(read(formatLock(lockOf(all)))).toEqual(all);
      }),
    );
  });

  it("gives the same bytes in whatever order things were found", () => {
    const reversed = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).reverse()) as T;
    fc.assert(
      fc.property(fc.dictionary(arms, runs), (all) => {
        const turned: Lock = reversed(
          lockOf(reversed(Object.fromEntries(Object.entries(all).map(([k, run]) => [k, reversed(run)])))),
        );
        expect(formatLock(turned)).toBe(formatLock(lockOf(all)));
      }),
    );
  });

  it("writes what all arms have alike once", () => {
    const arm = (seed: number) =>
      lockedRun({ code: { "toy.nodes": "c0de" }, parameters: { seed, rate: 0.5 }, fingerprint: `f${seed}` });
    const text = formatLock(lockOf({ "train[seed=1]": arm(1), "train[seed=2]": arm(2) }));
    expect(JSON.parse(text).runs.train).toEqual({
      parameters: { rate: 0.5 },
      code: { "toy.nodes": "c0de" },
      arms: {
        "seed=1": { parameters: { seed: 1 }, fingerprint: "f1" },
        "seed=2": { parameters: { seed: 2 }, fingerprint: "f2" },
      },
    });
    expect(text.match(/c0de/g)).toHaveLength(1);
  });
});
