import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkProcess,
  identifyProcess,
  identifySelf,
  isAlive,
  isRunning,
  parseIdentity,
  parseStat,
  readStat,
} from "../../src/processes/identity.ts";
import { waitFor } from "../rig/wait-for.ts";

const FIELDS = `S 1 42 42 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 138912 0 0 ${"0 ".repeat(25)}4711 0`;

test("this process is alive under its own identity", () => {
  expect(checkProcess(identifyProcess(process.pid))).toBe("alive");
});

test("the identity of this process is read once, and is that of its pid", () => {
  expect(identifySelf()).toEqual(identifyProcess(process.pid));
  expect(identifySelf()).toBe(identifySelf());
});

test.each([
  ["another start time", { start_time: 1 }],
  ["another boot", { boot_id: "00000000-0000-0000-0000-000000000000" }],
])("a process with %s is another process", (_, difference) => {
  expect(checkProcess({ ...identifyProcess(process.pid), ...difference })).toBe("gone");
});

test("an identity without a start time is unknown while the pid exists, and never alive", () => {
  const identity = { ...identifyProcess(process.pid), start_time: null };
  expect(checkProcess(identity)).toBe("unknown");
  expect(isAlive(identity)).toBe(false);
});

test("a process that has ended is gone", async () => {
  const child = spawn("true");
  const identity = identifyProcess(child.pid ?? 0);
  await once(child, "exit");
  expect(checkProcess(identity)).toBe("gone");
});

test("a zombie is gone, though its pid is still taken", async () => {
  // The shell becomes `cat`, which never waits for the child that it inherits.
  const parent = spawn("sh", ["-c", "sleep 1000 & echo $!; exec cat"], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  await waitFor(() => readFileSync(`/proc/${parent.pid}/comm`, "utf8") === "cat\n");
  process.kill(pid, "SIGKILL");
  await waitFor(() => !isAlive(identifyProcess(pid)));
  expect(identifyProcess(pid).start_time).not.toBeNull();
  parent.stdin.end();
  await once(parent, "exit");
});

test("the command in a stat line may hold anything", () => {
  fc.assert(
    fc.property(fc.string(), (command) => {
      const stat = { state: "S", group: 42, session: 42, startTime: 138912, environmentStart: 4711 };
      expect(parseStat(`7 (${command}) ${FIELDS}`)).toEqual({ ...stat, isExiting: false, isKernel: false });
    }),
  );
});

test("a process without a command line is one that exits", async () => {
  for (let child = 0; child < 100; child++) {
    const cat = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
    const pid = cat.pid ?? 0;
    const file = `/proc/${pid}/cmdline`;
    const command = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
    await waitFor(() => command() === "cat\0");
    const exit = once(cat, "exit");
    cat.stdin.end();
    // Nothing waits for the process before the next turn of the event loop.
    await new Promise(setImmediate);
    while (command() !== "") {}
    const stat = readStat(pid);
    expect(stat === null || stat.isExiting || !isRunning(stat)).toBe(true);
    await exit;
  }
});

test("a stat line that is cut short says nothing", () => {
  expect(parseStat("7 (sh) S 1 42")).toBeNull();
});

test.each([
  [
    { pid: 7, start_time: 3, boot_id: "b" },
    { pid: 7, start_time: 3, boot_id: "b" },
  ],
  [{ pid: 7 }, { pid: 7, start_time: null, boot_id: null }],
  [{ pid: 1, start_time: 3, boot_id: "b" }, null],
  [{ pid: 0 }, null],
  [{ pid: -7 }, null],
  [{ pid: "7" }, null],
  [{ pid: 7, start_time: "3" }, null],
  [null, null],
  [[], null],
])("the identity in %j is %j", (value, identity) => {
  expect(parseIdentity(value)).toEqual(identity);
});
