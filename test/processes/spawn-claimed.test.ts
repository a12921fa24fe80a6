import { once } from "node:events";
import { closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claimPath, readClaim, writeClaim } from "../../src/processes/claim.ts";
import { identifyProcess, readStat } from "../../src/processes/identity.ts";
import { openLog } from "../../src/processes/log-file.ts";
import { ALREADY_CLAIMED, spawnClaimed } from "../../src/processes/spawn-claimed.ts";
import { Rig } from "../rig/rig.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { waitFor } from "../rig/wait-for.ts";

function spawnIn(folder: string, argv: string[], environment: NodeJS.ProcessEnv = {}) {
  const logFd = openLog(join(folder, "log"));
  const child = spawnClaimed({
    argv,
    cwd: folder,
    environment,
    logFd,
    claimPath: claimPath(folder),
    exitPath: join(folder, "exit"),
    seal: "sealed",
  });
  closeSync(logFd);
  return child;
}

test("the program runs in the group of the process that claimed, without stdin", async () => {
  const folder = makeTemporaryFolder();
  const rig = new Rig();
  const spawned = spawnIn(folder, rig.command("child", "a b", "$HOME", "*", ""));
  const child = await rig.child("child");
  expect(readStat(child.pid)?.group).toBe(spawned.pid);
  expect(child.args).toEqual(["a b", "$HOME", "*", ""]);
  expect(readClaim(folder)).toEqual({ owner: identifyProcess(spawned.pid ?? 0), isGivenUp: false });
  await child.tell({ do: "exit", code: 3 });
  expect(await once(spawned, "exit")).toEqual([3, null]);
  await rig.close();
});

test("a claimed attempt does not start again", async () => {
  const folder = makeTemporaryFolder();
  writeClaim(folder, identifyProcess(process.pid));
  const [code] = await once(spawnIn(folder, ["/bin/sh", "-c", "echo ran"]), "exit");
  expect(code).toBe(ALREADY_CLAIMED);
  expect(readFileSync(join(folder, "log"), "utf8")).not.toContain("ran\n");
  expect(readClaim(folder)?.owner?.pid).toBe(process.pid);
});

test("the environment arrives as it was given, under names that the claim itself uses too", async () => {
  const folder = makeTemporaryFolder();
  const environment = { stat: "x", s: "two\nlines", PATH: "/nowhere", runweave_seal: "theirs" };
  await once(spawnIn(folder, ["/usr/bin/env", "-0"], environment), "exit");
  const found = readFileSync(join(folder, "log"), "utf8").split("\0");
  expect(found).toEqual(expect.arrayContaining(["stat=x", "s=two\nlines", "PATH=/nowhere"]));
  // The seal is not the program's: neither by its variable nor by one of the same name that the user has.
  expect(found.filter((line) => /runweave_|seal/i.test(line))).toEqual([]);
});

test.each([
  ["an exit code", "exit 3", '{"exit_code":3,"seal":"sealed"}', [3, null]],
  ["a signal", "kill -TERM $$", '{"exit_code":143,"seal":"sealed"}', [null, "SIGTERM"]],
  ["a code that is no signal's", "exit 200", '{"exit_code":200,"seal":"sealed"}', [200, null]],
] as const)("how the program ended stands in a file, whoever waits: %s", async (_, script, content, ended) => {
  const folder = makeTemporaryFolder();
  expect(await once(spawnIn(folder, ["/bin/sh", "-c", script]), "exit")).toEqual(ended);
  expect(readFileSync(join(folder, "exit"), "utf8")).toBe(`${content}\n`);
  expect(readFileSync(join(folder, "log"), "utf8")).toBe("");
});

test("a signal to the group ends the program by it, or not: what the program makes of it counts", async () => {
  const folder = makeTemporaryFolder();
  const script = 'trap "exit 0" TERM; echo ready; while :; do sleep 0.01; done';
  const child = spawnIn(folder, ["/bin/sh", "-c", script], { PATH: "/usr/bin:/bin" });
  const ended = once(child, "exit");
  await waitFor(() => readFileSync(join(folder, "log"), "utf8") === "ready\n");
  process.kill(-(child.pid ?? 0), "SIGTERM");
  expect(await ended).toEqual([0, null]);
});
