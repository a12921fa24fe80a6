import { once } from "node:events";
import { closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claimPath, readClaim, writeClaim } from "../../src/processes/claim.ts";
import { identifyProcess } from "../../src/processes/identity.ts";
import { openLog } from "../../src/processes/log-file.ts";
import { ALREADY_CLAIMED, spawnClaimed } from "../../src/processes/spawn-claimed.ts";
import { Rig } from "../rig/rig.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

function spawnIn(folder: string, argv: string[], environment: NodeJS.ProcessEnv = {}) {
  const logFd = openLog(join(folder, "log"));
  const child = spawnClaimed({ argv, cwd: folder, environment, logFd, claimPath: claimPath(folder) });
  closeSync(logFd);
  return child;
}

test("the program runs as the process that claimed, leader of its own group, without stdin", async () => {
  const folder = makeTemporaryFolder();
  const rig = new Rig();
  const spawned = spawnIn(folder, rig.command("child", "a b", "$HOME", "*", ""));
  const child = await rig.child("child");
  expect(child.pid).toBe(spawned.pid);
  expect(child.args).toEqual(["a b", "$HOME", "*", ""]);
  expect(readClaim(folder)).toEqual({ owner: identifyProcess(child.pid) });
  expect(readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ")[2]).toBe(`${child.pid}`);
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
  const environment = { stat: "x", s: "two\nlines", PATH: "/nowhere" };
  await once(spawnIn(folder, ["/usr/bin/env", "-0"], environment), "exit");
  const found = readFileSync(join(folder, "log"), "utf8").split("\0");
  expect(found).toEqual(expect.arrayContaining(["stat=x", "s=two\nlines", "PATH=/nowhere"]));
  expect(found.filter((line) => line.includes("runweave_"))).toEqual([]);
});
