import { readdirSync, rmSync, writeFileSync } from "node:fs";
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

const TEXT = "x".repeat(100_000);
/** A workflow whose plan has 600 kB. */
const BIG = { name: "big", runs: { make: { command: ["true"], environment: { A: TEXT, B: TEXT, C: TEXT } } } };

test.each([
  {
    what: "the plan itself",
    left: 100_000,
    code: "disk-full",
    path: /no space left on device, write '.*\/state\/sessions\//,
  },
  {
    what: "the record of its session",
    left: 640_000,
    code: "registry-full",
    path: /the registry .*\/state\/registry\.sqlite can't grow/,
  },
])(
  "a disk that is full while a plan is kept: $what has no room, which is told with its place, and nothing stays",
  async ({ left, code, path }) => {
    const own = setUp();
    if (own === null) return;
    const { disk, cwd, cli } = own;
    expect((await cli("run", "w.json")).exitCode).toBe(0);
    writeFileSync(join(cwd, "big.json"), JSON.stringify(BIG));
    const before = listAll(join(cwd, "state"));
    fillDisk(disk, left);
    const { exitCode, stderr } = await cli("run", "big.json");
    expect([exitCode, stderr]).toEqual([3, expect.stringMatching(path)]);
    expect(stderr).toContain(`error[${code}]`);
    expect(stderr).toContain("`runweave gc --keep-last 5 --yes`, then `runweave trash empty --yes`");
    expect(listAll(join(cwd, "state"))).toEqual(before);
    rmSync(join(cwd, "ballast"));
    expect((await cli("run", "big.json")).exitCode).toBe(0);
  },
);

const listAll = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !/^(registry\.sqlite-|newest)/.test(name))
    .sort();

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
