import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunStatus } from "../../src/core/run.ts";
import type { RunId } from "../../src/core/run-id.ts";
import { listConsumed, listUpstream } from "../../src/core/select-reads.ts";
import type { PlannedReplay, PlannedRun } from "../../src/plan/plan.ts";
import { chooseReplay, listOrderNeeds } from "../../src/resolve/choose-replay.ts";
import { decideReplay, identifyRead } from "../../src/resolve/decide-replay.ts";
import { makeCommand } from "../rig/make-definition.ts";
import { plannedRun, versionOf } from "../rig/plans.ts";
import { makeReads } from "../rig/resolved-run.ts";

const from = (run: string) => ({ run, dataset: "o", as: "upstream" as const });
const chain = [
  plannedRun("a"),
  plannedRun("b", { consumes: { i: from("a") } }),
  plannedRun("c", { consumes: { i: from("b") } }),
  plannedRun("d", { needs: ["a"], definition: makeCommand("d", { needs: ["a"] }) }),
  plannedRun("e"),
];

describe("chooseReplay", () => {
  const choose = (changed: string[], over: Record<string, RunStatus> = {}, blind: string[] = []) =>
    Object.fromEntries(
      Array.from(
        chooseReplay(chain, {
          changed: new Map(changed.map((run) => [run, "it changes"])),
          statusOf: (run) => over[run] ?? "success",
          obstacleOf: (run) => (blind.includes(run) ? "'t' is floating" : null),
        }),
        ([run, { action }]) => [run, action],
      ),
    );
  const linked = { a: "link", b: "link", c: "link", d: "link", e: "link" };

  it.each<[string, Parameters<typeof choose>, Record<string, string>]>([
    ["nothing changes", [[]], {}],
    ["a run changes: what is downstream is compared", [["a"]], { a: "run", b: "compare", c: "compare", d: "compare" }],
    ["the last run changes", [["c"]], { c: "run" }],
    ["two runs change", [["b", "e"]], { b: "run", c: "compare", e: "run" }],
    ["a run had failed", [[], { b: "failed", c: "skipped" }], { b: "run", c: "run" }],
    ["a run was reused then", [[], { b: "reused" }], {}],
    ["a run reads what nobody can see", [["a"], {}, ["c"]], { a: "run", b: "compare", c: "run", d: "compare" }],
    ["such a run that nothing touches", [["e"], {}, ["c"]], { e: "run" }],
  ])("%s", (_, args, expected) => {
    expect(choose(...args)).toEqual({ ...linked, ...expected });
  });
});

describe("listOrderNeeds", () => {
  it("are those that the workflow names and nothing is consumed of; of who waits for all, all", () => {
    const names = new Map([["fit[k=1]", "fit"]]);
    const run = plannedRun("x", {
      needs: ["a", "fit[k=1]", "b"],
      consumes: { i: from("a") },
      definition: makeCommand("x", { needs: ["fit"] }),
    });
    expect(listOrderNeeds(run, names)).toEqual(["fit[k=1]"]);
    expect(listOrderNeeds({ ...run, definition: makeCommand("x") }, names)).toEqual(["fit[k=1]", "b"]);
  });
});

/** A session that succeeded, what changes of it, and what each run saves if it is executed: equal data, or other. */
interface World {
  runs: PlannedRun[];
  changed: Set<string>;
  failed: Set<string>;
  blind: Set<string>;
  /** Runs that save other data if they are executed. */
  differs: Set<string>;
}

const world: fc.Arbitrary<World> = fc
  .array(fc.record({ consumes: fc.array(fc.nat(9)), needs: fc.array(fc.nat(9)), flags: fc.nat(15) }), {
    minLength: 1,
    maxLength: 10,
  })
  .map((specs) => {
    const name = (at: number) => `r${at}`;
    const below = (ats: number[], at: number) => [...new Set(ats.filter((other) => other < at))].map(name);
    const runs = specs.map((spec, at) => {
      const consumed = below(spec.consumes, at);
      const needs = below(spec.needs, at);
      return plannedRun(name(at), {
        consumes: Object.fromEntries(consumed.map((run) => [`from_${run}`, from(run)])),
        needs: [...new Set([...consumed, ...needs])],
        definition: makeCommand(name(at), { needs }),
      });
    });
    const flagged = (flag: number, rarely = 1) =>
      new Set(specs.flatMap(({ flags }, at) => ((flags & flag) !== 0 && at % rarely === 0 ? [name(at)] : [])));
    return { runs, changed: flagged(1, 2), failed: flagged(2, 3), blind: flagged(4, 2), differs: flagged(8) };
  });

const id = (run: string, when: "then" | "now") => `${when}-${run}` as RunId;
const saved = (run: string, isOther: boolean) => versionOf(run, { hash: `sha256:${run}${isOther ? "-other" : ""}` });

/** By the actions that were chosen, run after run. */
function play({ runs, changed, failed, blind, differs }: World): string[] {
  const statusOf = (run: string): RunStatus => (failed.has(run) ? "failed" : "success");
  const reasons = new Map(Array.from(changed, (run) => [run, "x"]));
  const obstacleOf = (run: string) => (blind.has(run) ? "x" : null);
  const choices = chooseReplay(runs, { changed: reasons, statusOf, obstacleOf });
  const upstream = new Map<string, { run_id: RunId }>();
  const executed: string[] = [];
  const digest = (text: string) => text;
  for (const planned of runs) {
    const { run } = planned;
    const read = (isOther: (run: string) => boolean) =>
      listConsumed(planned).map(([dataset, input]) => [dataset, saved(input.run, isOther(input.run))] as const);
    const then = read(() => false).map(([dataset, version]) => [
      dataset,
      identifyRead({ version, as: "upstream" }, digest) ?? "",
    ]);
    const replay: PlannedReplay = {
      action: choices.get(run)?.action ?? "run",
      run_id: id(run, "then"),
      inputs: Object.fromEntries(then),
      needs: Object.fromEntries(listOrderNeeds(planned, new Map()).map((need) => [need, id(need, "then")])),
      reason: "",
    };
    const now = read((writer) => executed.includes(writer) && differs.has(writer));
    const inputs = now.map(([dataset, version]) => [
      dataset,
      { from_run: "", from_dataset: "", as: "upstream" as const, version },
    ]);
    const { isLinked } = decideReplay(replay, {
      resolved: { reads: makeReads({ inputs: Object.fromEntries(inputs) }) },
      upstream,
      digest,
    });
    if (!isLinked) executed.push(run);
    upstream.set(run, { run_id: id(run, isLinked ? "then" : "now") });
  }
  return executed;
}

/** What has to be executed, by what the words mean: looked at again and again until nothing is added. */
function expectExecuted({ runs, changed, failed, blind, differs }: World): string[] {
  const executed = new Set([...changed, ...failed]);
  const ancestors = (run: string): string[] => {
    const needs = runs.find((each) => each.run === run)?.needs ?? [];
    return needs.flatMap((need) => [need, ...ancestors(need)]);
  };
  for (let size = -1; size !== executed.size; ) {
    size = executed.size;
    for (const planned of runs) {
      const { run, definition } = planned;
      const consumed = listUpstream(planned);
      const readsOther = consumed.some((writer) => executed.has(writer) && differs.has(writer));
      const follows = definition.needs.some((need) => !consumed.includes(need) && executed.has(need));
      const isBlind = blind.has(run) && ancestors(run).some((above) => executed.has(above));
      if (readsOther || follows || isBlind) executed.add(run);
    }
  }
  return runs.flatMap(({ run }) => (executed.has(run) ? [run] : []));
}

it("executes exactly what has to be, whatever the graph, the changes and what comes of them", () => {
  fc.assert(
    fc.property(world, (drawn) => {
      expect(play(drawn)).toEqual(expectExecuted(drawn));
    }),
    { numRuns: 2_000 },
  );
});
