import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fillDisk, mountSmallDisk } from "../chaos/real/small-disk.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const DISK_BYTES = 40_000_000;

/** A project on a small disk of its own, with a workflow whose run writes 500 kB. Null where no disk may be mounted. */
function setUp() {
  const disk = mountSmallDisk(join(makeTemporaryFolder(), "disk"), DISK_BYTES);
  if (disk === null) return null;
  onTestFinished(disk.remove);
  const cwd = disk.folder;
  const script = 'head -c 500000 /dev/urandom >"$1"';
  const make = { command: ["sh", "-c", script, "sh", "${outputs.it.path}"], outputs: ["it"] };
  writeFileSync(join(cwd, "w.json"), JSON.stringify({ name: "w", runs: { make } }));
  const cli = async (...args: string[]) => await runCli([...args, "--registry", join(cwd, "state")], { cwd });
  const listTrash = () => readdirSync(join(cwd, "state/trash"));
  return { disk, cwd, cli, listTrash };
}

const GC = ["gc", "--keep-last", "1", "--yes"];

test("a disk that is full of runweave's own data: gc and the trash free it, and runs go on", async ({ skip }) => {
  const own = setUp();
  if (own === null) return skip();
  const { disk, cwd, cli, listTrash } = own;
  for (let play = 0; play < 3; play += 1) expect((await cli("run", "w.json")).exitCode).toBe(0);
  fillDisk(disk, 0);
  const full = await cli("run", "w.json");
  expect(full.exitCode).toBe(3);
  expect(full.stderr).toContain("`runweave trash empty --yes`");
  // It frees nothing by itself, and leaves enough to do what does, however often it is called.
  for (let call = 0; call < 3; call += 1) expect(await cli(...GC)).toMatchObject({ exitCode: 0, stderr: "" });
  expect(listTrash()).toHaveLength(2);
  expect(await cli("trash", "empty", "--yes")).toMatchObject({ exitCode: 0, stderr: "" });
  expect(listTrash()).toEqual([]);
  expect((await cli("run", "w.json")).exitCode).toBe(0);
  const { value } = await runJson<{ broken: number }>(["verify", "--all", "--registry", join(cwd, "state")], { cwd });
  expect(value).toMatchObject({ ok: true });
});
