import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { carriesMark, isWorker, markRun, markWorker } from "../../src/processes/run-mark.ts";
import { isRoot, ordinaryUser } from "../rig/ordinary-user.ts";

test.each([
  ["outside of any run", {}, "own"],
  ["within a run", { RUNWEAVE_RUN_ID: "b", RUNWEAVE_ANCESTORS: "a:b" }, "a:b:own"],
  ["within a Kedro run, which is no command", { RUNWEAVE_RUN_ID: "a", RUNWEAVE_ANCESTORS: "a:b" }, "a:b:own"],
  ["within a run that names no others", { RUNWEAVE_RUN_ID: "a" }, "a:own"],
  ["where somebody has emptied it", { RUNWEAVE_ANCESTORS: "::", RUNWEAVE_RUN_ID: "" }, "own"],
])("%s, an attempt names itself last, after all that are around it", (_, environment, ancestors) => {
  expect(markRun(environment, "own")).toEqual({ RUNWEAVE_RUN_ID: "own", RUNWEAVE_ANCESTORS: ancestors });
});

test("a process that changes its program all the time has the mark at every moment", async () => {
  const script = 'exec sh -c "$0" "$0"';
  const env = { PATH: process.env.PATH, ...markRun({}, "own") };
  const child = spawn("/bin/sh", ["-c", script, script], { env, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  for (let look = 0; look < 5_000; look++) expect(carriesMark(Number(child.pid), "own")).toBe(true);
  expect(child.exitCode).toBeNull();
});

test.each([
  ["no environment at all", {}],
  ["an id that begins alike", markRun({}, "own-not")],
  ["the id as the value of something else", { OTHER: "own" }],
])("a process with %s has no mark", async (_, env) => {
  const child = spawn("/bin/sleep", ["600"], { env, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  expect(carriesMark(Number(child.pid), "own")).toBe(false);
});

test.skipIf(!isRoot)(
  "a process of another user is no worker of root, whatever marks it has put on itself",
  async () => {
    for (const [user, isOurs] of [
      [{}, true],
      [ordinaryUser, false],
    ] as const) {
      const child = spawn("/bin/sleep", ["600"], { env: markWorker({}), stdio: "ignore", ...user });
      onTestFinished(() => void child.kill("SIGKILL"));
      await once(child, "spawn");
      expect(isWorker(Number(child.pid))).toBe(isOurs);
    }
  },
);
