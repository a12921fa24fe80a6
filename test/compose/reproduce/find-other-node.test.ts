import { expect, it } from "vitest";
import { findOtherNode } from "../../../src/compose/reproduce/find-other-node.ts";
import { formatDrift } from "../../../src/core/answer/reproduction.ts";
import { commandTask, kedroTask, moduleTask } from "../../rig/resolved-run.ts";

const module = moduleTask({ path: "/w/score.ts", params: {} }, { cwd: "/w" });

it.each([
  ["a module that another Node ran", module, "24.1.0", ["platform Node: 24.1.0 -> 24.2.0"]],
  ["a module that this Node ran", module, "24.2.0", []],
  ["a module of which nobody told", module, undefined, []],
  ["a command", commandTask(["ls"], { cwd: "/w" }), "24.1.0", []],
  ["a pipeline", kedroTask({ project_path: "/p" }), "24.1.0", []],
])("%s", (_, task, recorded, told) => {
  expect(findOtherNode(task, recorded, "24.2.0").map(formatDrift)).toEqual(told);
});
