import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clock } from "../../src/core/port/clock.ts";
import { createIdSource, isRunId } from "../../src/core/run-id.ts";

function clockOf(times: readonly number[]): Clock {
  let index = 0;
  return { now: () => times[Math.min(index++, times.length - 1)] ?? 0, after: () => () => {} };
}

describe("createIdSource", () => {
  it("writes the time as Kedro writes versions, then 12 hex digits", () => {
    const id = createIdSource(clockOf([Date.UTC(2026, 10, 23, 21, 4, 54, 666)])).nextRunId();
    expect(id).toMatch(/^2026-11-23T21\.04\.54\.666Z-0000[0-9a-f]{8}$/);
    expect(isRunId(id)).toBe(true);
  });

  it("sorts after Kedro's bare timestamp and before the next millisecond's", () => {
    const id = createIdSource(clockOf([Date.UTC(2026, 10, 23, 21, 4, 54, 666)])).nextRunId();
    expect(["2026-11-23T21.04.54.667Z", id, "2026-11-23T21.04.54.666Z"].sort()).toEqual([
      "2026-11-23T21.04.54.666Z",
      id,
      "2026-11-23T21.04.54.667Z",
    ]);
  });

  it("sorts by creation even when the clock steps back or stands still", () => {
    const times = fc.array(fc.integer({ min: 1e12, max: 1e12 + 50 }), { minLength: 2, maxLength: 200 });
    fc.assert(
      fc.property(times, (steps) => {
        const source = createIdSource(clockOf(steps));
        const ids = steps.map(() => source.nextRunId());
        expect([...ids].sort()).toEqual(ids);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it("moves to the next millisecond when the counter is full", () => {
    const source = createIdSource(clockOf([1e12]));
    const ids = Array.from({ length: 0x10000 + 1 }, () => source.nextRunId());
    expect(ids[0]?.slice(0, 24)).toBe("2001-09-09T01.46.40.000Z");
    expect(ids.at(-1)?.slice(0, 29)).toBe("2001-09-09T01.46.40.001Z-0000");
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("isRunId", () => {
  it.each([
    "",
    "../x",
    "2026-11-23T21.04.54.666Z",
    "2026-11-23T21.04.54.666Z-0000d783fb92/..",
    "2026-11-23T21.04.54.666Z-0000D783FB92\n",
  ])("refuses %j", (text) => expect(isRunId(text)).toBe(false));
});
