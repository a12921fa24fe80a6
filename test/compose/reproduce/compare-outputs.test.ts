import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { compareOutputs } from "../../../src/compose/reproduce/compare-outputs.ts";
import type { KedroTask } from "../../../src/core/port/runner.ts";
import { commandTask, versionOf } from "../../rig/plans.ts";
import { makeSuiteFolder } from "../../rig/suite-folder.ts";

const folder = makeSuiteFolder();
const entry = { config: {}, versioned: true };
const saved = (name: string) => {
  const location = join(folder, name);
  writeFileSync(location, name);
  return versionOf(name, { location, hash: `sha256:${name}`, entry });
};
const [a, b] = [saved("a.bin"), saved("b.bin")];
/** Answers as the worker would. */
const answering = (difference: string | null) => ({ compare: () => Promise.resolve({ model: difference }) });
const leniency = { tolerance: 0, ignoreRowOrder: false };

it.each([
  ["loads and finds equal", null, { verdict: "equal", detail: null, unreadable: false }],
  [
    "loads and finds different",
    "it was 1 and is 2",
    { verdict: "different", detail: "it was 1 and is 2", unreadable: false },
  ],
  [
    "can't load",
    "it can't be compared: no sqlalchemy",
    {
      verdict: "different",
      detail: "the bytes differ, and the values can't be compared: no sqlalchemy",
      unreadable: true,
    },
  ],
])("tells of what its project %s", async (_, difference, expected) => {
  const task = { kind: "kedro" } as KedroTask;
  const [compared] = await compareOutputs(
    { model: a },
    { model: b },
    { task, projects: answering(difference), leniency },
  );
  expect(compared).toMatchObject(expected);
});

it("tells of bytes that nothing here reads that their values are unknown", async () => {
  const how = { task: commandTask(), projects: answering(null), leniency };
  const [other, same] = [await compareOutputs({ o: a }, { o: b }, how), await compareOutputs({ o: a }, { o: a }, how)];
  expect(other).toMatchObject([{ verdict: "different", unreadable: true }]);
  expect(same).toMatchObject([{ verdict: "identical", unreadable: false }]);
});

it("does not call a version equal by its own file alone if other files belong to it", async () => {
  const how = { task: commandTask(), projects: answering(null), leniency };
  const [one, other] = ["one", "other"].map((name) => {
    const location = join(folder, `${name}.json`);
    writeFileSync(location, "1");
    return versionOf(name, { location, hash: `sha256:${name}`, beside: ["meta"] });
  });
  const found = await compareOutputs({ o: one ?? a }, { o: other ?? b }, how);
  expect(found).toMatchObject([{ verdict: "different", unreadable: true }]);
});
