import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { identifyProcess, isAlive, type ProcessIdentity } from "../../src/processes/identity.ts";
import { markRun } from "../../src/processes/run-mark.ts";
import { endStrays, listStrays } from "../../src/processes/strays.ts";

/** A shell of its own group that does this, with the mark in its environment, and the pid that it prints. */
async function start(script: string, mark: string): Promise<{ ancestor: ProcessIdentity; printed: ProcessIdentity }> {
  const env = { ...process.env, ...markRun({}, mark) };
  const child = spawn("/bin/sh", ["-c", script], { detached: true, env, stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const ancestor = identifyProcess(child.pid ?? 0);
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { ancestor, printed: identifyProcess(Number(line)) };
}

/** It says who it is once it has its session. */
const STRAY = "setsid sh -c 'echo $$; exec sleep 60'";
const markOf = (ancestor: ProcessIdentity, value: string) => ({ ancestor, runId: value });

it("finds and ends what has a session of its own, and leaves its ancestor's group alone", async () => {
  const { ancestor, printed } = await start(`${STRAY} & sleep 60`, "mine");
  const inGroup = listStrays(markOf(ancestor, "mine")).filter(({ pid }) => pid === ancestor.pid);
  expect(inGroup).toEqual([]);
  expect(await endStrays(markOf(ancestor, "mine"), 2_000)).toBeGreaterThan(0);
  expect(isAlive(printed)).toBe(false);
  expect(isAlive(ancestor)).toBe(true);
});

it("kills one that ignores being asked", async () => {
  const script = `setsid sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' & wait`;
  const { ancestor, printed } = await start(script, "stubborn");
  await endStrays(markOf(ancestor, "stubborn"), 50);
  expect(isAlive(printed)).toBe(false);
});

it("finds what has a lower number than its ancestor, once all numbers may have been given out since that started", async () => {
  const { ancestor, printed } = await start(`${STRAY} & wait`, "wrapped");
  const later = await start("echo $$; sleep 600", "other");
  const find = (start_time: number) => {
    const earlier = { ...later.ancestor, start_time };
    return listStrays({ runId: "wrapped", ancestor: earlier }).map(({ pid }) => pid);
  };
  const now = ancestor.start_time ?? 0;
  expect(find(now - 60_000)).toContain(printed.pid);
  await endStrays(markOf(ancestor, "wrapped"), 1_000);
});

it("leaves those of other marks and from before alone", async () => {
  const earlier = await start(`${STRAY} & wait`, "same");
  const later = await start(`${STRAY} & wait`, "same");
  expect(listStrays(markOf(later.ancestor, "other"))).toEqual([]);
  const found = listStrays(markOf(later.ancestor, "same")).map(({ pid }) => pid);
  expect(found).toContain(later.printed.pid);
  expect(found).not.toContain(earlier.printed.pid);
  for (const { ancestor } of [earlier, later]) await endStrays(markOf(ancestor, "same"), 1_000);
});
