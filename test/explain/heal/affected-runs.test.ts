import { describe, expect, it } from "vitest";
import type { RegistryReader } from "../../../src/core/port/registry.ts";
import {
  chooseAffectedRuns,
  type HealScope,
  listAffectedRuns,
  orderSessions,
} from "../../../src/explain/heal/affected-runs.ts";
import {
  type HealingVerdict,
  judgeAgain,
  listPendingVerdicts,
  withVerdicts,
} from "../../../src/explain/heal/judge-healing.ts";
import { indexTaints, traceTaints } from "../../../src/explain/taint.ts";
import { HealingWorld } from "../healing-world.ts";

/** a feeds b and c in one session; d of another one reads b, e of a third one reads d and c. */
function build() {
  const world = new HealingWorld();
  const [first, second, third] = [world.startSession(), world.startSession(), world.startSession()];
  const a = world.execute(first, "a", { saves: { o: "a", p: "p" } });
  const b = world.execute(first, "b", { reads: [["i", a, "o"]], saves: { o: "b" } });
  const c = world.execute(first, "c", { reads: [["i", a, "p"]], saves: { o: "c" } });
  const d = world.execute(second, "d", { reads: [["i", b, "o"]], saves: { o: "d" } });
  const e = world.execute(third, "e", {
    reads: [
      ["i", d, "o"],
      ["j", c, "o"],
    ],
    saves: { o: "e" },
  });
  const names = (scope: Partial<HealScope> = {}) => {
    const chosen = chooseAffectedRuns(listAffectedRuns(world.registry), {
      registry: world.registry,
      scope: { versions: [], sessions: [], ...scope },
    });
    return [...chosen.values()].map(({ run }) => run);
  };
  const judge = (run: string, again: typeof a, suppose: HealingVerdict[] = []): HealingVerdict[] => {
    const registry = withVerdicts(world.registry, suppose);
    const affectedRun = [...listAffectedRuns(registry).values()].find((each) => each.run === run);
    if (affectedRun === undefined) throw new Error(`${run} is not bad`);
    return judgeAgain(affectedRun, again.run_id, { registry, taints: indexTaints(registry), time: world.history.time });
  };
  return { world, first, second, third, a, b, c, d, e, names, judge };
}

describe("what is left to heal", () => {
  it("is what is bad and not replaced, of versions, of sessions with what they depend on, or all of it", () => {
    const { world, a, c, b, d, second, third, names } = build();
    world.taint(a);
    world.taint(c);
    expect(names()).toEqual(["a", "c", "b", "e", "d"]);
    expect(names({ versions: [{ dataset: "o", run_id: c.run_id }] })).toEqual(["a", "c", "b", "e", "d"]);
    expect(names({ sessions: [second] })).toEqual(["a", "b", "d"]);
    expect(names({ sessions: [third] })).toEqual(["a", "c", "b", "e", "d"]);
    expect(names({ versions: [{ dataset: "o", run_id: d.run_id }] })).toEqual(["a", "c", "b", "e", "d"]);
    const reusing = world.startSession();
    world.reuse(reusing, "x", b.run_id);
    expect(names({ sessions: [reusing] })).toEqual(["a", "b"]);
  });

  it("is told session by session, each after those that it reads of", () => {
    const { world, a, first, second, third } = build();
    world.taint(a);
    expect(orderSessions(listAffectedRuns(world.registry).values())).toEqual([first, second, third]);
  });

  it("is told even if sessions took results of each other", () => {
    const world = new HealingWorld();
    const [one, two] = [world.startSession(), world.startSession()];
    const a = world.execute(one, "a", { saves: { o: "a" } });
    const b = world.execute(two, "b", { reads: [["i", a, "o"]], saves: { o: "b" } });
    world.execute(one, "c", { reads: [["i", b, "o"]], saves: { o: "c" } });
    world.taint(a);
    expect(orderSessions(listAffectedRuns(world.registry).values())).toEqual([one, two]);
  });

  it("has no run that saved nothing and was executed again on what is good", () => {
    const world = new HealingWorld();
    const session = world.startSession();
    const a = world.execute(session, "a", { saves: { o: "a" } });
    world.execute(session, "send", { reads: [["i", a, "o"]] });
    world.taint(a);
    const healing = world.startSession(session);
    const again = world.execute(healing, "a", { saves: { o: "A" } });
    expect([...listAffectedRuns(world.registry).values()].map(({ run }) => run)).toEqual(["a", "send"]);
    world.execute(healing, "send", { reads: [["i", again, "o"]] });
    expect([...listAffectedRuns(world.registry).values()].map(({ run }) => run)).toEqual(["a"]);
  });
});

describe("what an attempt says of the one in whose stead it stands", () => {
  it("is that it replaces what is other, and that what is equal is good", () => {
    const { world, a, b, judge, names } = build();
    world.taint(a);
    const healing = world.startSession();
    const again = world.execute(healing, "a", { saves: { o: "A", p: "p" } });
    const replaced = judge("a", again);
    expect(replaced).toMatchObject([
      { type: "version.replaced", dataset: "o", run_id: a.run_id, replaced_by: again.run_id },
    ]);
    const equal = world.execute(healing, "b", { reads: [["i", again, "o"]], saves: { o: "b" } });
    const confirmed = judge("b", equal);
    expect(confirmed).toMatchObject([{ type: "version.confirmed", run_id: b.run_id, equal_to: equal.run_id }]);
    world.registry.append([...replaced, ...confirmed]);
    expect(names()).toEqual([]);
    expect(traceTaints(world.registry).versions).toMatchObject([{ run_id: a.run_id, replaced_by: again.run_id }]);
  });

  it("is nothing if it saved the very content that is tainted, is bad itself, or has not saved it", () => {
    const { world, a, b, d, judge } = build();
    world.taint(a);
    expect(judge("a", world.execute(world.startSession(), "a", { saves: { o: "a" } }))).toEqual([]);
    expect(judge("d", b)).toEqual([]);
    expect(judge("d", d)).toEqual([]);
    expect(judge("d", world.execute(world.startSession(), "d", { saves: { q: "x" } }))).toEqual([]);
  });

  it("holds until what replaces it turns out bad: then what heals that heals it too", () => {
    const { world, a, first, judge, names } = build();
    world.taint(a);
    const healing = world.startSession(first);
    const again = world.execute(healing, "a", { saves: { o: "A" } });
    world.registry.append(judge("a", again));
    expect(names()).toEqual(["b", "d", "e"]);
    world.taint(again);
    expect(names()).toEqual(["a", "b", "d", "e"]);
    const affectedRuns = listAffectedRuns(world.registry);
    expect(affectedRuns.has(a.run_id)).toBe(false);
    expect(orderSessions(affectedRuns.values()).slice(0, 2)).toEqual([healing, first]);
    const third = world.execute(world.startSession(healing), "a", { saves: { o: "AA" } });
    world.registry.append(judge("a", third));
    const index = indexTaints(world.registry);
    for (const { run_id } of [a, again])
      expect(index.ofVersion({ dataset: "o", run_id })).toMatchObject({
        replaced_by: third.run_id,
        superseded_by: null,
      });
  });
});

describe("what is owed to the record", () => {
  it("is what sessions that heal have made, and did not come to say", () => {
    const { world, a, b, first } = build();
    world.taint(a);
    const healing = world.startSession(first);
    const again = world.execute(healing, "a", { saves: { o: "A" } });
    const other = world.execute(healing, "b", { reads: [["i", again, "o"]], saves: { o: "B" } });
    const owed = listPendingVerdicts(world.registry, world.history.time);
    expect(owed).toMatchObject([
      { type: "version.replaced", run_id: a.run_id, replaced_by: again.run_id },
      { type: "version.replaced", run_id: b.run_id, replaced_by: other.run_id },
    ]);
    world.registry.append(owed);
    expect(listPendingVerdicts(world.registry, world.history.time)).toEqual([]);
  });

  it("is nothing of a replay that does not heal", () => {
    const { world, a } = build();
    world.taint(a);
    world.execute(world.startSession(), "a", { saves: { o: "A" } });
    expect(listPendingVerdicts(world.registry, world.history.time)).toEqual([]);
  });
});

it("verdicts are supposed of a registry that is a class, whose methods know its own parts", () => {
  const { world, a, b } = build();
  class OwnRegistry {
    #verdicts = world.registry.verdicts();
    verdicts() {
      return this.#verdicts;
    }
    findHeads(runIds: readonly string[]) {
      return this.#verdicts.length === 0 ? world.registry.findHeads(runIds) : [];
    }
  }
  const about = { time: world.history.time, session_id: a.session_id, run: "a", run_id: a.run_id, dataset: "o" };
  const verdict: HealingVerdict = { type: "version.replaced", ...about, replaced_by: b.run_id };
  const supposed = withVerdicts(new OwnRegistry() as unknown as RegistryReader, [verdict]);
  expect(supposed.verdicts()).toMatchObject([{ kind: "replaced", run_id: a.run_id, other_run_id: b.run_id }]);
  expect(supposed.findHeads([b.run_id])).toHaveLength(1);
});
