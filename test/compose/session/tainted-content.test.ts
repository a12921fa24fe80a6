import fc from "fast-check";
import { expect, it } from "vitest";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { openReuse } from "../../../src/compose/reuse/open-reuse.ts";
import { publishOutputs } from "../../../src/compose/session/publish-outputs.ts";
import type { Fingerprint } from "../../../src/core/fingerprint.ts";
import { systemClock } from "../../../src/core/port/clock.ts";
import type { SessionId } from "../../../src/core/run-id.ts";
import type { PlannedRun } from "../../../src/plan/plan.ts";
import { HealingWorld } from "../../explain/healing-world.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import type { AttemptRef } from "../../suites/history.ts";

const run = fc.record({
  kind: fc.constant("run" as const),
  name: fc.constantFrom("a", "b"),
  workflow: fc.constantFrom("churn", "other"),
  content: fc.nat(2),
  work: fc.constantFrom(null, "sha256:w", "sha256:v"),
  plain: fc.constantFrom("memory://o", "memory://p"),
  reads: fc.option(fc.nat(9)),
});
const said = fc.record({
  kind: fc.constantFrom("taint" as const, "clear" as const),
  of: fc.nat(9),
  onlyThis: fc.boolean(),
});
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: run }, { weight: 2, arbitrary: said }), { maxLength: 16 });

type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;
interface Made extends Run {
  ref: AttemptRef;
  session: SessionId;
  upstream: number | null;
  taint: "all" | "alone" | null;
}

/** Judges by the meaning of the words, apart from the registry: each version asked again until no answer changes. */
function judge(made: readonly Made[]): Set<number> {
  const isSame = (one: Made, other: Made) =>
    one.content === other.content &&
    ((one.name === other.name && one.workflow === other.workflow) ||
      (one.work !== null && one.work === other.work) ||
      one.plain === other.plain);
  const bad = new Set<number>();
  for (let size = -1; size !== bad.size; ) {
    size = bad.size;
    for (const [index, each] of made.entries()) {
      const isTainted = each.taint !== null || made.some((other) => other.taint === "all" && isSame(each, other));
      if (isTainted || (each.upstream !== null && bad.has(each.upstream))) bad.add(index);
    }
  }
  return bad;
}

function act(
  world: HealingWorld,
  made: Made[],
  step: typeof steps extends fc.Arbitrary<(infer T)[]> ? T : never,
): void {
  if (step.kind === "run") {
    const { name, workflow, content, work, plain } = step;
    const upstream = step.reads === null || made.length === 0 ? null : step.reads % made.length;
    const source = upstream === null ? undefined : made[upstream];
    const session = workflow === "churn" ? world.startSession() : world.history.startSession(workflow);
    const reads = source === undefined ? [] : [["i", source.ref, "o"] as const];
    const ref = world.execute(session, name, { reads, saves: { o: String(content) }, work, plain });
    made.push({ ...step, ref, session, upstream, taint: null });
    return;
  }
  const target = made[step.of % Math.max(1, made.length)];
  if (target === undefined) return;
  if (step.kind === "clear") world.clear(target.ref);
  else world.taint(target.ref, "o", step);
  target.taint = step.kind === "clear" ? null : step.onlyThis ? "alone" : "all";
}

/** Publishes what an attempt saved, and returns the faults. */
async function publish({ registry }: HealingWorld, { session, ref }: Made): Promise<string[]> {
  const { epoch } = registry.ownershipOf(session) ?? { epoch: 0 };
  const faults = await publishOutputs({
    targets: [{ run: ref.run, dataset: "o" }],
    session: { session_id: session, epoch },
    ...{ registry, clock: systemClock, folders: inFolder(makeTemporaryFolder()) },
    openPlain: () => {
      throw new Error("it stands at its plain path already");
    },
    emit: (events) => registry.append(events),
  });
  return faults.map(({ message }) => message);
}

it("whatever the order of runs, taints and clears: what is tainted, equal to that or made of it is neither reused nor published", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const world = new HealingWorld();
      const made: Made[] = [];
      // One that lives as long as a session does, so that it has to notice what is said meanwhile.
      // Works as a file does: what this process writes itself is no news to it.
      const registry = { ...world.registry, othersMark: () => "" };
      const reuse = openReuse({
        registry,
        folders: inFolder("/.runweave"),
        workflow: { workflow: "churn", workflow_file: null },
      });
      for (const step of all) {
        act(world, made, step);
        const bad = judge(made);
        for (const digest of ["sha256:w", "sha256:v"]) {
          const planned = { task: { kind: "kedro" } } as PlannedRun;
          const found = reuse.find(planned, { digest } as Fingerprint);
          const candidates = [...made.entries()].filter(([, { work }]) => work === digest).slice(-5);
          const newest = candidates.findLast(([index]) => !bad.has(index))?.[1].ref.run_id ?? null;
          expect(found?.run_id ?? null).toBe(newest);
        }
      }
      const bad = judge(made);
      for (const [index, each] of made.entries()) {
        const faults = await publish(world, each);
        expect(faults).toEqual(bad.has(index) ? [expect.stringContaining("tainted: wrong units")] : []);
      }
    }),
    { numRuns: 150 },
  );
});
