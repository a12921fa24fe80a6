import fc from "fast-check";
import { expect, it } from "vitest";
import type { RunId, SessionId } from "../../src/core/run-id.ts";
import { type AffectedRun, listAffectedRuns, orderSessions } from "../../src/explain/heal/affected-runs.ts";
import { judgeRun } from "../../src/explain/heal/judge-healing.ts";
import { indexTaints, traceTaints } from "../../src/explain/taint.ts";
import type { PlannedReplay } from "../../src/plan/plan.ts";
import { chooseHealing } from "../../src/resolve/choose-healing.ts";
import { decideReplay, identifyRead } from "../../src/resolve/decide-replay.ts";
import { makeReads } from "../rig/resolved-run.ts";
import type { AttemptRef } from "../suites/history.ts";
import { HealingWorld, type Read } from "./healing-world.ts";

const DATASETS = ["x", "y"] as const;

/** Runs in sessions, each of which reads some of what those before it saved; what comes out other if it is made again. */
const specs = fc.record({
  runs: fc.array(
    fc.record({
      reads: fc.array(fc.tuple(fc.nat(9), fc.constantFrom(...DATASETS)), { maxLength: 3 }),
      session: fc.nat(2),
      differs: fc.record({ x: fc.boolean(), y: fc.boolean() }),
    }),
    { minLength: 1, maxLength: 10 },
  ),
  taints: fc.array(fc.tuple(fc.nat(9), fc.constantFrom(...DATASETS)), { minLength: 1, maxLength: 2 }),
});

interface Made {
  name: string;
  ref: AttemptRef;
  session: SessionId;
  reads: { writer: number; dataset: string }[];
}

type Specs = typeof specs extends fc.Arbitrary<infer T> ? T : never;

/** What was there before anybody knew that something is bad. */
function build({ runs, taints }: Specs) {
  const world = new HealingWorld();
  const sessions = [world.startSession(), world.startSession(), world.startSession()];
  const made: Made[] = [];
  // Sessions one after the other, so that they read of earlier ones alone.
  const sorted = runs.toSorted((a, b) => a.session - b.session);
  for (const [at, spec] of sorted.entries()) {
    const reads = at === 0 ? [] : spec.reads.map(([writer, dataset]) => ({ writer: writer % at, dataset }));
    const session = sessions[spec.session] as SessionId;
    const named = reads.map(({ writer, dataset }, n): Read => [`in${n}`, made[writer]?.ref as AttemptRef, dataset]);
    const ref = world.execute(session, `r${at}`, { reads: named, saves: { x: `r${at}x`, y: `r${at}y` } });
    made.push({ name: `r${at}`, ref, session, reads });
  }
  for (const [at, dataset] of taints) world.taint((made[at % made.length] as Made).ref, dataset);
  return { world, made, differs: sorted.map((spec) => spec.differs) };
}

type Built = ReturnType<typeof build>;

function contentOf({ world }: Built, runId: RunId, dataset: string) {
  const found = world.registry.versionsOf([runId]).find((version) => version.dataset === dataset);
  if (found === undefined) throw new Error(`${runId} saved no ${dataset}`);
  return found;
}

/** Heals session after session, by the decisions of the real thing. Returns the old attempts that were made again. */
function heal(built: Built): Set<RunId> {
  const { registry } = built.world;
  const executed = new Set<RunId>();
  for (const session of orderSessions(listAffectedRuns(registry).values())) {
    const isAffected = [...listAffectedRuns(registry).values()].some(
      (affectedRun) => affectedRun.session_id === session,
    );
    if (isAffected) for (const run_id of healSession(built, session)) executed.add(run_id);
  }
  return executed;
}

function healSession(built: Built, session: SessionId): RunId[] {
  const { world, made } = built;
  const { registry } = world;
  const healed = registry.findSession(session);
  if (healed === null) throw new Error("the session is lost");
  const healing = world.startSession(session);
  const affectedRuns = listAffectedRuns(registry);
  const own = made.filter((run) => run.session === session);
  const choices = choose(built, own, affectedRuns);
  const upstream = new Map<string, AttemptRef>();
  const executed: RunId[] = [];
  for (const run of own) {
    const action = choices.get(run.name)?.action;
    if (action === undefined || action === "leave") throw new Error("every run had succeeded");
    const reads = settleReads(built, run, upstream);
    const isLinked = decide(built, run, { action, reads, upstream });
    const tainted = affectedRuns.get(run.ref.run_id)?.tainted ?? [];
    const ref = isLinked ? run.ref : world.execute(healing, run.name, { reads, saves: makeAgain(built, run, tainted) });
    if (isLinked) world.reuse(healing, run.name, ref.run_id);
    else executed.push(run.ref.run_id);
    upstream.set(run.name, ref);
    const judging = { registry, taints: indexTaints(registry), time: world.history.time, healed };
    const left = listAffectedRuns(registry).values();
    registry.append(judgeRun({ run: run.name, run_id: ref.run_id }, { ...judging, affectedRuns: left }));
  }
  return executed;
}

function choose({ made }: Built, own: readonly Made[], affectedRuns: ReadonlyMap<RunId, AffectedRun>) {
  const attemptOf = (name: string) => own.find((run) => run.name === name)?.ref.run_id ?? null;
  const needsOf = ({ reads, session }: Made) =>
    reads.flatMap(({ writer }) => (made[writer]?.session === session ? [`r${writer}`] : []));
  return chooseHealing(
    own.map((run) => ({ run: run.name, needs: needsOf(run) })),
    {
      statusOf: () => "success",
      attemptOf,
      faultOfRun: (name) => {
        const affectedRun = affectedRuns.get(attemptOf(name) ?? ("" as RunId));
        return affectedRun === undefined ? null : { isTainted: affectedRun.tainted.length > 0, read: ["in"] };
      },
      healedBy: () => null,
      isPending: () => false,
      isStuck: () => false,
    },
  );
}

/** In its own session, of those that stand there now; else as it was, or what replaces that. */
function settleReads({ world, made }: Built, run: Made, upstream: ReadonlyMap<string, AttemptRef>): Read[] {
  const index = indexTaints(world.registry);
  return run.reads.map(({ writer, dataset }, n): Read => {
    const source = made[writer] as Made;
    if (source.session === run.session) return [`in${n}`, upstream.get(source.name) as AttemptRef, dataset];
    const by = index.ofVersion({ dataset, run_id: source.ref.run_id })?.replaced_by ?? source.ref.run_id;
    return [`in${n}`, { ...source.ref, run_id: by }, dataset];
  });
}

interface Deciding {
  action: PlannedReplay["action"];
  reads: readonly Read[];
  upstream: ReadonlyMap<string, AttemptRef>;
}

function decide(built: Built, run: Made, { action, reads, upstream }: Deciding): boolean {
  const digest = (text: string) => text;
  const versionOf = (runId: RunId, dataset: string) => ({ ...contentOf(built, runId, dataset), entry: null });
  const then = run.reads.map(({ writer, dataset }, n) => {
    const version = versionOf((built.made[writer] as Made).ref.run_id, dataset);
    return [`in${n}`, identifyRead({ version, as: "upstream" }, digest) ?? ""] as const;
  });
  const inputs = reads.map(([name, { run_id }, dataset]) => {
    const version = versionOf(run_id, dataset);
    return [name, { from_run: "it", from_dataset: dataset, as: "upstream" as const, version }] as const;
  });
  const replay = { action, run_id: run.ref.run_id, inputs: Object.fromEntries(then), needs: {}, reason: "" };
  return decideReplay(replay, {
    resolved: { reads: makeReads({ inputs: Object.fromEntries(inputs) }) },
    upstream,
    digest,
  }).isLinked;
}

function makeAgain({ made, differs }: Built, run: Made, tainted: readonly string[]): Record<string, string> {
  const at = made.indexOf(run);
  const saves = DATASETS.map((dataset) => {
    const isOther = differs[at]?.[dataset] || tainted.includes(dataset);
    return [dataset, `r${at}${dataset}${isOther ? " anew" : ""}`] as const;
  });
  return Object.fromEntries(saves);
}

it("what depends on what is tainted is made again, or good as all that it read is; nothing else is made again", () => {
  fc.assert(
    fc.property(specs, (spec) => {
      const built = build(spec);
      const { registry } = built.world;
      const reached = new Set(traceTaints(registry).runs.map(({ run_id }) => run_id));
      const tainted = new Set(
        [...listAffectedRuns(registry).values()].flatMap((affectedRun) =>
          affectedRun.tainted.length > 0 ? [affectedRun.run_id] : [],
        ),
      );
      const executed = heal(built);
      const index = indexTaints(registry);
      const isGood = (run_id: RunId, dataset: string) => index.ofVersion({ dataset, run_id }) === null;
      expect([...executed].filter((id) => !reached.has(id))).toEqual([]);
      for (const { ref, reads } of built.made) {
        if (!reached.has(ref.run_id) || executed.has(ref.run_id)) continue;
        const bad = reads.filter(({ writer, dataset }) => !isGood((built.made[writer] as Made).ref.run_id, dataset));
        expect([bad, DATASETS.filter((dataset) => !isGood(ref.run_id, dataset))]).toEqual([[], []]);
      }
      // Nothing is left, what was made anew is good, and what is replaced is replaced by something good.
      expect([...listAffectedRuns(registry).keys()]).toEqual([]);
      const bad = traceTaints(registry).versions;
      expect(bad.every(({ run_id, replaced_by }) => executed.has(run_id) && replaced_by !== null)).toBe(true);
      // The smallest: who did not save what is tainted has read something that came out other.
      for (const { ref, reads } of built.made) {
        if (!executed.has(ref.run_id) || tainted.has(ref.run_id)) continue;
        expect(reads.some(({ writer }) => executed.has((built.made[writer] as Made).ref.run_id))).toBe(true);
        expect(reads.some(({ writer, dataset }) => cameOutOther(built, writer, dataset))).toBe(true);
      }
    }),
    { numRuns: 400 },
  );
});

/** Whether any later attempt of the run saved something else. */
function cameOutOther({ world, made }: Built, writer: number, dataset: string): boolean {
  const { name, ref } = made[writer] as Made;
  const then = world.registry.versionsOf([ref.run_id]).find((version) => version.dataset === dataset)?.hash;
  return world.registry
    .listRuns({ status: "success" })
    .some((run) => run.run === name && run.outputs[dataset] !== undefined && run.outputs[dataset]?.hash !== then);
}
