import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeEntries } from "../../../src/compose/trash/published-copies.ts";
import type { RunId, SessionId } from "../../../src/core/run-id.ts";
import type { TrashEntry } from "../../../src/versions/trash/trash.ts";

const SINCE = "2026-11-15T00:00:00.000Z";

function copyOf(paths: readonly string[], day: number, session = "s"): TrashEntry {
  const published = paths.map((path) => ({ path, hash: "sha256:00", former: null }));
  const time = `2026-11-${String(day).padStart(2, "0")}T00:00:00.000Z`;
  const about = { session_id: session as SessionId, run: "report", run_id: "r" as RunId, reason: "x" };
  const id = `published-over-${session}-${paths.join("")}-${day}`;
  const manifest = { format: 1, id, cause: "published-over", time, ...about, items: [], published } as const;
  return { folder: "/t", manifest: { ...manifest, items: [] }, digest: "sha256:00", held: [] };
}

const judge = (entries: TrashEntry[], { keepLast = 1, open = "" } = {}) =>
  judgeEntries(entries, { keepLast, since: SINCE }, ({ manifest }) => manifest.session_id === open);
const daysOf = (entries: readonly TrashEntry[]) => entries.map(({ manifest }) => Number(manifest.time.slice(8, 10)));

test("what is old goes, but for the newest of each path", () => {
  const { expired, kept } = judge([1, 2, 3].flatMap((day) => [copyOf(["a"], day), copyOf(["b"], day + 3)]));
  expect([daysOf(expired), daysOf(kept)]).toEqual([
    [5, 4, 2, 1],
    [6, 3],
  ]);
});

test("what is young stays, and counts among the newest of its path", () => {
  const { expired, kept } = judge([copyOf(["a"], 1), copyOf(["a"], 20), copyOf(["a"], 21)]);
  expect([daysOf(expired), daysOf(kept)]).toEqual([[1], [21, 20]]);
});

test("what is the newest of one of its paths stays with all of them", () => {
  expect(daysOf(judge([copyOf(["a", "b"], 1), copyOf(["a"], 2)]).expired)).toEqual([]);
  expect(daysOf(judge([copyOf(["a", "b"], 1), copyOf(["a"], 2), copyOf(["b"], 3)]).expired)).toEqual([1]);
});

test("what a session has that may be resumed stays", () => {
  const entries = [copyOf(["a"], 1, "open"), copyOf(["a"], 2, "over"), copyOf(["a"], 3, "over")];
  expect(daysOf(judge(entries, { open: "open" }).expired)).toEqual([2]);
});

test("whatever there is: each is judged once, none goes before its time, and of each path the newest stay", () => {
  const entry = fc
    .tuple(fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 }), fc.integer({ min: 1, max: 28 }))
    .map(([paths, day]) => copyOf(paths, day));
  fc.assert(
    fc.property(fc.array(entry), fc.integer({ min: 1, max: 4 }), (entries, keepLast) => {
      const { expired, kept } = judge(entries, { keepLast });
      expect(new Set([...expired, ...kept])).toEqual(new Set(entries));
      expect(expired.every(({ manifest }) => manifest.time < SINCE)).toBe(true);
      const pathsOf = ({ manifest }: TrashEntry) => manifest.published?.map(({ path }) => path) ?? [];
      for (const path of expired.flatMap(pathsOf))
        expect(kept.filter((each) => pathsOf(each).includes(path)).length).toBeGreaterThanOrEqual(keepLast);
    }),
  );
});
