import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { identifyProcess, isAlive } from "../../src/processes/identity.ts";
import { MemorySampler } from "../../src/processes/memory-sampler.ts";
import { countGroup, endGroup, signalGroup, signalProcess } from "../../src/processes/signals.ts";
import { Rig } from "../rig/rig.ts";

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.close());

function spawnLeader(name: string): ChildProcess {
  const [program = "", ...args] = rig.command(name);
  return spawn(program, args, { detached: true, stdio: "ignore" });
}

async function startGroup() {
  const child = spawnLeader("leader");
  const leader = await rig.child("leader");
  await leader.tell({ do: "spawn", name: "member" });
  return { child, leader, member: await rig.child("member"), identity: identifyProcess(leader.pid) };
}

test("a signal reaches every process of the group", async () => {
  const { leader, member, identity } = await startGroup();
  expect(countGroup(identity)).toBe(2);
  expect(signalGroup(identity, "SIGKILL")).toBe(true);
  await Promise.all([leader.gone, member.gone]);
});

test("a process that only has the same pid is not signalled", async () => {
  const { leader, identity } = await startGroup();
  const other = { ...identity, start_time: (identity.start_time ?? 0) + 1 };
  expect(signalProcess(other, "SIGKILL")).toBe(false);
  expect(signalGroup(other, "SIGKILL")).toBe(false);
  expect(await endGroup(other, 0)).toBe(0);
  expect(await leader.tell({ do: "print", text: "" })).toBeUndefined();
  signalGroup(identity, "SIGKILL");
});

test("what a leader leaves behind is ended, its refusal of SIGTERM included", async () => {
  const { child, leader, member, identity } = await startGroup();
  await member.tell({ do: "ignore", signal: "SIGTERM" });
  await leader.tell({ do: "exit", code: 0 });
  if (child.exitCode === null) await once(child, "exit");
  expect(isAlive(identity)).toBe(false);
  const refused = member.nextSignal();
  expect(await endGroup(identity, 100)).toBe(1);
  expect(await refused).toBe("SIGTERM");
  await member.gone;
  expect(countGroup(identity)).toBe(0);
});

test("the memory of a group is the sum over its processes, at its peak", async () => {
  const { leader, member, identity } = await startGroup();
  const sampler = new MemorySampler(3_600_000);
  sampler.watch(leader.pid);
  sampler.sample();
  const bytes = 50_000_000;
  await leader.tell({ do: "allocate", bytes });
  await member.tell({ do: "allocate", bytes });
  sampler.sample();
  signalGroup(identity, "SIGKILL");
  await Promise.all([leader.gone, member.gone]);
  sampler.sample();
  expect(sampler.unwatch(leader.pid)).toBeGreaterThan(2 * bytes);
});

test("a group that was never sampled has no peak", () => {
  const sampler = new MemorySampler(3_600_000);
  sampler.watch(process.pid);
  expect(sampler.unwatch(process.pid)).toBeNull();
});
