import fc from "fast-check";
import { expect, it } from "vitest";
import type { RunId, SessionId } from "../../src/core/run-id.ts";
import { judgeRun } from "../../src/explain/judge-healing.ts";
import { indexTaints, traceTaints } from "../../src/explain/taint.ts";
import { listWounds, orderSessions } from "../../src/explain/wounds.ts";
import type { PlannedReplay } from "../../src/plan/plan.ts";
import { chooseHealing } from "../../src/resolve/choose-healing.ts";
import { decideReplay, identifyRead } from "../../src/resolve/decide-replay.ts";
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
  const found = world.registry.versionsOf(runId).find((version) => version.dataset === dataset);
  if (found === undefined) throw new Error(`${runId} saved no ${dataset}`);
  return found;
}

/** Heals session after session, by the decisions of the real thing. Returns the old attempts that were made again. */
function heal(built: Built): Set<RunId> {
  const { world, made, differs } = built;
  const { registry } = world;
  const executed = new Set<RunId>();
  for (const session of orderSessions(listWounds(registry).values())) {
    const wounds = listWounds(registry);
    if (![...wounds.values()].some((wound) => wound.session_id === session)) continue;
    const healed = registry.findSession(session);
    if (healed === null) throw new Error("the session is lost");
    const healing = world.startSession(session);
    const own = made.filter((run) => run.session === session);
    const attemptOf = (name: string) => own.find((run) => run.name === name)?.ref.run_id ?? null;
    const needs = ({ reads }: Made) =>
      reads.map(({ writer }) => made[writer] as Made).filter((run) => run.session === session);
    const choices = chooseHealing(
      own.map((run) => ({ run: run.name, needs: needs(run).map(({ name }) => name) })),
      {
        statusOf: () => "success",
        attemptOf,
        woundOf: (name) => {
          const wound = wounds.get(attemptOf(name) ?? ("" as RunId));
          return wound === undefined ? null : { isTainted: wound.tainted.length > 0, read: ["in"] };
        },
        healedBy: () => null,
        isPending: () => false,
      },
    );
    const upstream = new Map<string, AttemptRef>();
    for (const run of own) {
      const choice = choices.get(run.name);
      if (choice === undefined || choice.action === "leave") throw new Error("every run had succeeded");
      const readOf = ({ writer, dataset }: Made["reads"][number]): AttemptRef => {
        const source = made[writer] as Made;
        if (source.session === session) return upstream.get(source.name) as AttemptRef;
        const by = indexTaints(registry).ofVersion({ dataset, run_id: source.ref.run_id })?.replaced_by;
        return by == null ? source.ref : { ...source.ref, run_id: by };
      };
      const reads = run.reads.map((read, n): Read => [`in${n}`, readOf(read), read.dataset]);
      const identify = (runId: RunId, dataset: string) =>
        identifyRead(
          { version: { ...contentOf(built, runId, dataset), entry: null }, as: "upstream" },
          (text) => text,
        ) ?? "";
      const then = run.reads.map(({ writer, dataset }, n) => [
        `in${n}`,
        identify((made[writer] as Made).ref.run_id, dataset),
      ]);
      const replay: PlannedReplay = {
        action: choice.action,
        run_id: run.ref.run_id,
        inputs: Object.fromEntries(then),
        needs: {},
        reason: "",
      };
      const inputs = reads.map(([name, ref, dataset]) => {
        const version = { ...contentOf(built, ref.run_id, dataset), entry: null };
        return [name, { from_run: null, from_dataset: dataset, as: "upstream" as const, version }];
      });
      const resolved = { inputs: Object.fromEntries(inputs) };
      const { isLinked } = decideReplay(replay, { resolved, upstream, digest: (text) => text });
      let ref = run.ref;
      if (isLinked) world.reuse(healing, run.name, ref.run_id);
      else {
        executed.add(run.ref.run_id);
        const at = made.indexOf(run);
        const tainted = wounds.get(run.ref.run_id)?.tainted ?? [];
        const saves = DATASETS.map((dataset) => {
          const isOther = differs[at]?.[dataset] || tainted.includes(dataset);
          return [dataset, `r${at}${dataset}${isOther ? " anew" : ""}`];
        });
        ref = world.execute(healing, run.name, { reads, saves: Object.fromEntries(saves) });
      }
      upstream.set(run.name, ref);
      const judging = { registry, taints: indexTaints(registry), time: world.history.time, healed };
      const verdicts = judgeRun(
        { run: run.name, run_id: ref.run_id },
        { ...judging, wounds: listWounds(registry).values() },
      );
      if (verdicts.length > 0) registry.append(verdicts);
    }
  }
  return executed;
}

it("what depends on what is tainted is made again, or good as all that it read is; nothing else is made again", () => {
  fc.assert(
    fc.property(specs, (spec) => {
      const built = build(spec);
      const { registry } = built.world;
      const reached = new Set(traceTaints(registry).runs.map(({ run_id }) => run_id));
      const tainted = new Set(
        [...listWounds(registry).values()].flatMap((wound) => (wound.tainted.length > 0 ? [wound.run_id] : [])),
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
      expect([...listWounds(registry).keys()]).toEqual([]);
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
  const then = world.registry.versionsOf(ref.run_id).find((version) => version.dataset === dataset)?.hash;
  return world.registry
    .listRuns({ status: "success" })
    .some((run) => run.run === name && run.outputs[dataset] !== undefined && run.outputs[dataset]?.hash !== then);
}
