import { describe, expect, it } from "vitest";
import type { RegistryReader } from "../../src/core/port/registry.ts";
import { measureBlast } from "../../src/explain/blast-radius.ts";
import { listAffectedRuns } from "../../src/explain/heal/affected-runs.ts";
import { traceLineage } from "../../src/explain/lineage.ts";
import { indexTaints } from "../../src/explain/taint.ts";
import { explainPin } from "../../src/explain/why.ts";
import { countQuestions } from "../rig/count-questions.ts";
import type { AttemptRef } from "../suites/history.ts";
import { HealingWorld } from "./healing-world.ts";

/** The run that reads the last level counts too. */
const LEVELS = 7;
const MOST_PER_LEVEL = 5;

/** Every run of a level reads what all runs of the level before saved. The first runs of two sessions save the same content. */
function buildGraph(width: number): { world: HealingWorld; first: AttemptRef; last: AttemptRef } {
  const world = new HealingWorld();
  const session = world.startSession();
  let level: AttemptRef[] = [];
  const first = world.execute(session, "run-0-0", { saves: { o: "first" } });
  for (let depth = 0; depth < LEVELS - 1; depth += 1) {
    const reads = level.map((ref, at) => [`i${at}`, ref, "o"] as const);
    level = Array.from({ length: width }, (_, at) => {
      if (depth === 0 && at === 0) return first;
      return world.execute(session, `run-${depth}-${at}`, { reads, saves: { o: `${depth}-${at}` } });
    });
  }
  const last = world.execute(session, "last", { reads: level.map((ref, at) => [`i${at}`, ref, "o"] as const) });
  world.execute(world.startSession(), "run-0-0", { saves: { o: "first" } });
  world.taint(first);
  return { world, first, last };
}

type Walk = (registry: RegistryReader, graph: ReturnType<typeof buildGraph>) => unknown;

describe("a walk asks at most five questions for each level of the graph, however wide that is", () => {
  const walks: Record<string, Walk> = {
    "lineage upwards": (registry, { last }) => traceLineage(registry, last.run_id, { direction: "up" }),
    "lineage downwards": (registry, { first }) => traceLineage(registry, first.run_id, { direction: "down" }),
    why: (registry, { last, world }) => {
      const [run] = world.registry.findHeads([last.run_id]);
      return run && explainPin(registry, { dataset: "i0", run, at: null });
    },
    taint: (registry) => indexTaints(registry),
    "the blast radius": (registry) => measureBlast(registry),
    "what is to be healed": (registry) => listAffectedRuns(registry),
  };
  it.each(Object.entries(walks))("%s", (_, walk) => {
    const counts = [2, 12].map((width) => {
      const graph = buildGraph(width);
      const { registry, asked } = countQuestions(graph.world.registry);
      walk(registry, graph);
      return asked.length;
    });
    expect(counts[1], "a wide graph takes no more than a narrow one").toBe(counts[0]);
    expect(counts[0]).toBeGreaterThan(LEVELS);
    expect(counts[0]).toBeLessThanOrEqual(MOST_PER_LEVEL * LEVELS);
  });
});
