import { expect, test } from "vitest";
import { markRun } from "../../src/processes/run-mark.ts";

test.each([
  ["outside of any run", {}, "own"],
  ["within a run", { RUNWEAVE_RUN_ID: "b", RUNWEAVE_ANCESTORS: "a:b" }, "a:b:own"],
  ["within a Kedro run, which is no command", { RUNWEAVE_RUN_ID: "a", RUNWEAVE_ANCESTORS: "a:b" }, "a:b:own"],
  ["within a run that names no others", { RUNWEAVE_RUN_ID: "a" }, "a:own"],
  ["where somebody has emptied it", { RUNWEAVE_ANCESTORS: "::", RUNWEAVE_RUN_ID: "" }, "own"],
])("%s, an attempt names itself last, after all that are around it", (_, environment, ancestors) => {
  expect(markRun(environment, "own")).toEqual({ RUNWEAVE_RUN_ID: "own", RUNWEAVE_ANCESTORS: ancestors });
});
