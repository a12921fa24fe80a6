import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession } from "../../src/compose/session/open-session.ts";
import type { RunHandle } from "../../src/compose/session/script-run.ts";
import type { ScriptSession } from "../../src/compose/session/script-session.ts";
import { GATED_NODES, GATED_PIPELINES, writeGatedProject } from "../rig/gated-project.ts";
import { Rig } from "../rig/rig.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";

/** `npm run test:interleavings` draws 200; every other time a few are enough to see that nothing is broken. */
const DRAWS = Number(process.env.RUNWEAVE_INTERLEAVINGS ?? 8);
const MAX_RUNS = 4;
const WORDS = ["a", "b"];

interface DrawnRun {
  pipeline: (typeof GATED_PIPELINES)[number];
  word: string;
}

const folder = makeSuiteFolder();
const rig = new Rig();
const solo = new Map<string, Record<string, string | null>>();
let session: ScriptSession;
let base: RunHandle;
let drawn = 0;

const socket = join(rig.folder, "socket");
const keyOf = ({ pipeline, word }: DrawnRun): string => `${pipeline} ${word}`;

/** Starts a run; with a label, its nodes wait at their gates. */
function start({ pipeline, word }: DrawnRun, label: string): Promise<RunHandle> {
  const consumes = pipeline === "consumer" ? { consumes: { kept: base } } : {};
  return session.run({
    pipeline,
    params: { word, label, socket },
    outputs: ["result", ...(pipeline === "chain" ? ["kept"] : [])],
    ...consumes,
  });
}

function hashesOf({ outputs }: RunHandle): Record<string, string | null> {
  return Object.fromEntries(Object.entries(outputs).map(([dataset, { hash }]) => [dataset, hash]));
}

beforeAll(async () => {
  const project = join(folder, "project");
  writeGatedProject(project);
  session = await openSession({
    project,
    python: findTestPython(),
    registry: join(folder, "s"),
    max_parallel: MAX_RUNS,
  });
  base = await start({ pipeline: "chain", word: "base" }, "");
  for (const pipeline of GATED_PIPELINES) {
    for (const word of WORDS) solo.set(keyOf({ pipeline, word }), hashesOf(await start({ pipeline, word }, "")));
  }
});
afterAll(async () => {
  await session.close();
  await rig.close();
});

/** Lets runs go on side by side, one node at a time, in the drawn order. */
async function interleave(runs: readonly DrawnRun[], order: readonly number[]): Promise<RunHandle[]> {
  const draw = drawn++;
  const labels = runs.map((_, index) => `${draw}-${index}`);
  const handles = Promise.all(runs.map((run, index) => start(run, labels[index] ?? "")));
  // A run that fails before its gate would never get there.
  const failed = handles.then(() => new Promise<never>(() => {}));
  const opened = runs.map(() => 0);
  const atGate = (run: number) => {
    const { pipeline } = runs[run] as DrawnRun;
    return Promise.race([failed, rig.child(`${labels[run]}/${pipeline}_${(opened[run] ?? 0) + 1}`)]);
  };
  for (const pick of order) {
    const waiting = opened.flatMap((count, run) => (count < GATED_NODES ? [run] : []));
    // Every run that goes on stands at its next gate before one of them is opened.
    const gates = await Promise.all(waiting.map(atGate));
    const chosen = pick % waiting.length;
    void gates[chosen]?.tell({ do: "go" });
    opened[waiting[chosen] ?? 0] = (opened[waiting[chosen] ?? 0] ?? 0) + 1;
  }
  return await handles;
}

const schedules = fc
  .array(fc.record({ pipeline: fc.constantFrom(...GATED_PIPELINES), word: fc.constantFrom(...WORDS) }), {
    minLength: 2,
    maxLength: MAX_RUNS,
  })
  .chain((runs) => {
    const length = runs.length * GATED_NODES;
    return fc.tuple(fc.constant(runs), fc.array(fc.nat(MAX_RUNS * 3), { minLength: length, maxLength: length }));
  });

test(
  `${DRAWS} random interleavings give each run the bytes that it gives alone`,
  async () => {
    let nodes = 0;
    const together = fc.asyncProperty(schedules, async ([runs, order]) => {
      const handles = await interleave(runs, order);
      nodes += order.length;
      for (const [index, handle] of handles.entries()) {
        const run = runs[index] as DrawnRun;
        expect({ run, ...hashesOf(handle) }).toEqual({ run, ...solo.get(keyOf(run)) });
      }
    });
    await fc.assert(together, { numRuns: DRAWS, endOnFailure: true });
    expect(nodes).toBeGreaterThanOrEqual(DRAWS * 2 * GATED_NODES);
  },
  120_000 + DRAWS * 20_000,
);
