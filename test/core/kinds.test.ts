import { expect, test } from "vitest";
import { hasCatalog, isProcess, KINDS, RUN_KINDS } from "../../src/core/kinds.ts";
import type { RunKind } from "../../src/core/run.ts";
import { commandTask, kedroTask, moduleTask } from "../rig/resolved-run.ts";

test("each kind has a row, and is either of a project's catalog or a process of its own", () => {
  expect(Object.keys(KINDS).sort()).toEqual([...RUN_KINDS].sort());
  const tasks = [
    kedroTask({ project_path: "/p" }),
    commandTask([], { cwd: "/" }),
    moduleTask({ path: "/m.ts", params: {} }, { cwd: "/" }),
  ];
  expect(tasks.map((task) => [task.kind, hasCatalog(task), isProcess(task)])).toEqual([
    ["kedro", true, false],
    ["command", false, true],
    ["module", false, true],
  ]);
});

test.each(["odd", "constructor"])("a kind that a registry was changed to by hand has no catalog: %s", (kind) => {
  expect(hasCatalog({ kind: kind as RunKind })).toBe(false);
});
