import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { SessionRecord } from "../../../src/core/run.ts";
import { sayCommand } from "../../hostile/command-line.ts";
import { type Cell, FIRST_CELL, KNOBS, writeEdited } from "../../rig/edited-project.ts";
import { makeSuiteFolder } from "../../rig/suite-folder.ts";

/** `npm run test:reuse` does 300; every other time a few are enough to see that nothing is broken. */
const CASES = Number(process.env.RUNWEAVE_REUSE_CASES ?? 16);
const SEED = Number(process.env.RUNWEAVE_REUSE_SEED ?? Date.now() % 1_000_000);
/** Edits of as many cells are tried in one session: a case costs its runs and no start of a worker. */
const CELLS = Math.min(20, Math.ceil(CASES / 2));

const folder = makeSuiteFolder();

/** Up to three things about a cell, each to one of its three values: so that many an edit is taken back by a later one. */
const edit = fc.array(fc.tuple(fc.constantFrom(...KNOBS), fc.nat(2)), { minLength: 1, maxLength: 3 });
const round = fc.array(edit, { minLength: CELLS, maxLength: CELLS });

/** Runs the workflow as it stands; every output by its run and name, with its hash, and how many runs were reused. */
async function run(
  file: string,
  cache: "on" | "off",
): Promise<{ hashes: Record<string, string | null>; reused: string[] }> {
  const registry = join(folder, "state");
  const said = await sayCommand(["run", file, "--cache", cache, "--registry", registry]);
  expect(said, said.stderr).toMatchObject({ exitCode: 0 });
  const { runs } = JSON.parse((await sayCommand(["show", "--json", "--registry", registry])).stdout) as SessionRecord;
  const hashes = runs.flatMap(({ run, outputs }) =>
    Object.entries(outputs).map(([name, { hash }]) => [`${run} ${name}`, hash]),
  );
  return {
    hashes: Object.fromEntries(hashes),
    reused: runs.flatMap((each) => (each.status === "reused" ? each.run : [])),
  };
}

test(
  `${CASES} random edits of code, parameters and data, seed ${SEED}: with and without reuse the results are equal`,
  async () => {
    let cells: Cell[] = Array.from({ length: CELLS }, () => FIRST_CELL);
    let [cases, reused, changed] = [0, 0, 0];
    let before = await run(writeEdited(folder, cells), "on");
    for (const edits of fc.sample(round, { numRuns: Math.ceil(CASES / CELLS), seed: SEED })) {
      cells = cells.map((cell, at) => ({ ...cell, ...Object.fromEntries(edits[at] ?? []) }));
      rmSync(join(folder, "project/src/cells/__pycache__"), { recursive: true, force: true });
      const file = writeEdited(folder, cells);
      const [withReuse, without] = [await run(file, "on"), await run(file, "off")];
      expect({ seed: SEED, cells, hashes: withReuse.hashes }).toEqual({ seed: SEED, cells, hashes: without.hashes });
      cases += CELLS;
      reused += withReuse.reused.length;
      changed += Object.keys(without.hashes).filter((name) => without.hashes[name] !== before.hashes[name]).length;
      before = without;
    }
    console.log(
      `reuse: ${cases} edits, seed ${SEED}: ${reused} of ${cases * 3} runs reused, ${changed} outputs changed`,
    );
    expect(cases).toBeGreaterThanOrEqual(CASES);
    // Without either, the property would say nothing.
    expect(reused).toBeGreaterThan(0);
    expect(changed).toBeGreaterThan(0);
  },
  60_000 + CASES * 10_000,
);
