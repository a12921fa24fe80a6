import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildGraph, formatCycle, type GraphRun } from "../../src/plan/graph.ts";

function makeRuns(edges: Record<string, string[]>): GraphRun[] {
  return Object.entries(edges).map(([run, needs]) => ({ run, needs }));
}

/** Runs in any declaration order, without cycles. */
const randomRuns = fc
  .integer({ min: 1, max: 30 })
  .chain((size) =>
    fc.tuple(
      fc.shuffledSubarray([...Array(size).keys()], { minLength: size }),
      fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 80 }),
    ),
  )
  .map(([declared, pairs]) =>
    declared.map((id): GraphRun => {
      const needs = pairs.filter(([a, b]) => a !== b && Math.max(a, b) === id).map(([a, b]) => `r${Math.min(a, b)}`);
      return { run: `r${id}`, needs: [...new Set(needs)] };
    }),
  );

describe("order", () => {
  test.each<[string, Record<string, string[]>, string[]]>([
    ["keeps a file that can be executed as it is", { a: [], b: ["a"], c: [], d: ["b"] }, ["a", "b", "c", "d"]],
    ["takes what was declared first among ready runs", { z: ["m"], b: [], m: [], a: [] }, ["b", "m", "z", "a"]],
    [
      "knows names that every object has",
      { constructor: ["__proto__x"], __proto__x: [] },
      ["__proto__x", "constructor"],
    ],
    ["leaves out needs that name no run", { a: ["ghost"] }, ["a"]],
  ])("%s", (_, edges, order) => {
    expect(buildGraph(makeRuns(edges)).order()).toEqual({ ok: true, order });
  });

  test("holds every run once, after all that it needs", () => {
    fc.assert(
      fc.property(randomRuns, (runs) => {
        const ordered = buildGraph(runs).order();
        const order = ordered.ok ? ordered.order : [];
        expect([...order].sort()).toEqual(runs.map(({ run }) => run).sort());
        const place = new Map(order.map((run, index) => [run, index]));
        for (const { run, needs } of runs) {
          for (const need of needs) expect(place.get(need)).toBeLessThan(place.get(run) ?? -1);
        }
      }),
    );
  });

  test.each<[string, Record<string, string[]>, string[][]]>([
    ["a run that needs itself", { a: ["a"] }, [["a"]]],
    ["the whole way round, the first declared first", { x: [], c: ["b"], a: ["c", "x"], b: ["a"] }, [["c", "b", "a"]]],
    [
      "two that have nothing in common",
      { a: ["b"], b: ["a"], c: ["d"], d: ["c"] },
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ["not those that only wait for a cycle", { late: ["a"], a: ["b"], b: ["a"] }, [["a", "b"]]],
  ])("reports cycles: %s", (_, edges, cycles) => {
    expect(buildGraph(makeRuns(edges)).order()).toEqual({ ok: false, cycles });
  });

  test("an edge backwards along a path is a cycle that only holds real edges", () => {
    fc.assert(
      fc.property(randomRuns, fc.nat(), (runs, pick) => {
        const graph = buildGraph(runs);
        const run = runs[pick % runs.length]?.run ?? "";
        const below = [...graph.dependants(run)];
        fc.pre(below.length > 0);
        const target = below[pick % below.length] ?? "";
        const bent = runs.map((each) => (each.run === run ? { run, needs: [...each.needs, target] } : each));
        const ordered = buildGraph(bent).order();
        const cycles = ordered.ok ? [] : ordered.cycles;
        expect(cycles.length).toBeGreaterThan(0);
        const needs = new Map(bent.map((each) => [each.run, each.needs]));
        for (const cycle of cycles) {
          for (const [index, name] of cycle.entries())
            expect(needs.get(name)).toContain(cycle[(index + 1) % cycle.length]);
        }
      }),
    );
  });

  test("a cycle through 100,000 runs is found whole", () => {
    const size = 100_000;
    const runs = Array.from({ length: size }, (_, index) => ({ run: `r${index}`, needs: [`r${(index + 1) % size}`] }));
    const ordered = buildGraph(runs).order();
    expect(ordered.ok ? [] : ordered.cycles.map(({ length }) => length)).toEqual([size]);
  });
});

describe("ancestors, dependants and reaches", () => {
  const graph = buildGraph(makeRuns({ a: [], b: ["a"], c: ["a"], d: ["b", "c"], e: [] }));

  test("follow the edges to their ends", () => {
    expect(graph.ancestors("d")).toEqual(new Set(["a", "b", "c"]));
    expect(graph.dependants("a")).toEqual(new Set(["b", "c", "d"]));
    expect(graph.ancestors("e")).toEqual(new Set());
    expect(graph.dependants("ghost")).toEqual(new Set());
  });

  test("tell the same", () => {
    fc.assert(
      fc.property(randomRuns, (runs) => {
        const random = buildGraph(runs);
        for (const { run } of runs) {
          const before = random.ancestors(run);
          for (const other of runs) {
            expect(random.dependants(other.run).has(run)).toBe(before.has(other.run));
            expect(random.reaches(other.run, run)).toBe(before.has(other.run));
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

test("formatCycle closes the circle and shortens a long one", () => {
  expect(formatCycle(["a", "b"])).toBe("a -> b -> a");
  const long = formatCycle(Array.from({ length: 1000 }, (_, index) => `r${index}`));
  expect(long).toMatch(/^r0 -> r1 -> .* -> r18 -> \.\.\. -> r999 -> r0$/);
});
