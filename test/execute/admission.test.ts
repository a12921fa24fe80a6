import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_RESOURCES, RESOURCE_KINDS, type Resources } from "../../src/core/resources.ts";
import { Admission } from "../../src/execute/admission.ts";

const CAPACITY: Resources = { cpu: 4, memory: 16, gpu: 1 };

function admissionOf(demands: Record<string, Partial<Resources>>, maxParallel = 10): Admission {
  const admission = new Admission({ maxParallel, capacity: CAPACITY });
  for (const [run, demand] of Object.entries(demands)) admission.expect(run, { ...NO_RESOURCES, ...demand });
  for (const run of Object.keys(demands)) admission.enqueue(run);
  return admission;
}

describe("Admission", () => {
  it("lets run side by side what fits together", () => {
    const admission = admissionOf({ a: { cpu: 2 }, b: { cpu: 2 }, c: { cpu: 1 }, d: {} });
    expect(admission.admit()).toEqual(["a", "b", "d"]);
    admission.release("a");
    expect(admission.admit()).toEqual(["c"]);
  });

  it("counts ten tenths of a CPU as one", () => {
    const tenths = Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`r${i}`, { cpu: 0.1 }]));
    expect(admissionOf(tenths, 100).admit()).toHaveLength(40);
  });

  it("nothing overtakes a big run with what that waits for", () => {
    const admission = admissionOf({
      small: { memory: 4 },
      big: { memory: 16 },
      next: { memory: 1 },
      other: { cpu: 1 },
    });
    expect(admission.admit()).toEqual(["small", "other"]);
    admission.release("small");
    expect(admission.admit()).toEqual(["big"]);
    admission.release("big");
    expect(admission.admit()).toEqual(["next"]);
  });

  it("what a waiting run claims of other kinds is kept for it too", () => {
    const admission = admissionOf({ now: { gpu: 1 }, big: { gpu: 1, cpu: 3 }, one: { cpu: 1 }, more: { cpu: 1 } });
    expect(admission.admit()).toEqual(["now", "one"]);
    admission.release("now");
    expect(admission.admit()).toEqual(["big"]);
  });

  it("a run that takes more than there is runs alone", () => {
    const admission = admissionOf({ huge: { cpu: 64 }, a: { cpu: 1 } });
    expect(admission.admit()).toEqual(["huge"]);
    admission.release("huge");
    expect(admission.admit()).toEqual(["a"]);
  });

  it("takes no longer for 20,000 runs that don't fit than for those that it looks at", () => {
    const admission = new Admission({ maxParallel: 10, capacity: CAPACITY });
    for (let i = 0; i < 20_000; i++) {
      admission.expect(`r${i}`, { ...NO_RESOURCES, gpu: 1 });
      admission.enqueue(`r${i}`);
    }
    for (let i = 0; i < 20_000; i++) {
      expect(admission.admit()).toEqual([`r${i}`]);
      admission.release(`r${i}`);
    }
  });
});

interface Step {
  demand: Resources;
  /** Which of those that run ends before the next one comes; null for none. */
  ends: number | null;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    demand: fc.oneof(
      fc.constant(NO_RESOURCES),
      fc.record({
        cpu: fc.integer({ min: 0, max: 4 }),
        memory: fc.integer({ min: 0, max: 16 }),
        gpu: fc.nat({ max: 1 }),
      }),
    ),
    ends: fc.option(fc.nat()),
  }),
  { maxLength: 40 },
);

describe("of any runs in any order", () => {
  it("those that run fit, and whoever comes first starts at the latest when those before it have ended", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (plan, maxParallel) => {
        const admission = new Admission({ maxParallel, capacity: CAPACITY });
        const running = new Map<string, Resources>();
        const demands = new Map<string, Resources>();
        /** Of each that waits: what ran or waited when it came, and has not ended. */
        const ahead = new Map<string, Set<string>>();
        const admit = () => {
          for (const run of admission.admit()) {
            running.set(run, demands.get(run) ?? NO_RESOURCES);
            ahead.delete(run);
          }
          expect(running.size).toBeLessThanOrEqual(maxParallel);
          for (const kind of RESOURCE_KINDS) {
            const taken = [...running.values()].reduce((sum, demand) => sum + demand[kind], 0);
            expect(taken).toBeLessThanOrEqual(CAPACITY[kind]);
          }
          for (const [run, before] of ahead) expect([run, before.size]).not.toEqual([run, 0]);
        };
        const end = (run: string) => {
          running.delete(run);
          for (const before of ahead.values()) before.delete(run);
          admission.release(run);
          admit();
        };
        for (const [index, { demand, ends }] of plan.entries()) {
          const ended = ends === null ? undefined : [...running.keys()][ends % Math.max(1, running.size)];
          if (ended !== undefined) end(ended);
          const run = `r${index}`;
          demands.set(run, demand);
          ahead.set(run, new Set([...running.keys(), ...ahead.keys()]));
          admission.expect(run, demand);
          admission.enqueue(run);
          admit();
        }
        for (const run of running.keys()) end(run);
        expect(ahead.size).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
