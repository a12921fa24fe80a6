import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BlastRadius } from "../../src/explain/blast-radius.ts";
import { type CliOptions, runCli, runEvents, runJson, startCli } from "../rig/cli.ts";
import { formatRuns, readOutputs, resume, showSession, writeCommands } from "../rig/resumable.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { TerminalCli } from "../rig/terminal.ts";
import { waitFor } from "../rig/wait-for.ts";

const shell = (script: string) => ["sh", "-c", script, "sh", "${outputs.o.path}", "${inputs.i.path}"];
const from = (run: string) => ({ i: { run, dataset: "o" } });

/** A session whose first version is tainted, with its file mended; its second run waits as long as `slow` is there. */
async function prepare(): Promise<{ folder: string; options: CliOptions }> {
  const folder = makeTemporaryFolder();
  const options = { cwd: folder };
  writeFileSync(join(folder, "raw.txt"), "1\n");
  const waits = '[ -e slow ] && touch started; while [ -e slow ]; do sleep 0.05; done; cat "$2" > "$1"';
  const runs = {
    first: { command: shell('cat "$2" > "$1"'), consumes: { i: { file: "raw.txt" } }, outputs: ["o"] },
    second: { command: shell(waits), consumes: from("first"), outputs: ["o"] },
    third: { command: shell('cat "$2" > "$1"'), consumes: from("second"), outputs: ["o"] },
  };
  await runEvents(writeCommands(folder, runs), options);
  await runCli(["taint", "o@first", "--reason", "it is old"], options);
  writeFileSync(join(folder, "raw.txt"), "2\n");
  return { folder, options };
}

const replaced = async (options: CliOptions) => {
  const { runs, replaced } = (await runJson<BlastRadius>(["taint"], options)).value;
  return replaced.map(({ run_id }) => runs.find((run) => run.run_id === run_id)?.run);
};

test.each(["SIGINT", "SIGKILL"] as const)(
  "cut off by %s: what is healed is on record, and healing again goes on with the rest",
  async (signal) => {
    const { folder, options } = await prepare();
    writeFileSync(join(folder, "slow"), "");
    const cli = startCli(["heal", "--yes"], options);
    await waitFor(() => existsSync(join(folder, "started")));
    cli.signal(signal);
    expect((await cli.result).exitCode).toBe(signal === "SIGINT" ? 130 : null);
    expect(await replaced(options)).toEqual(["first"]);
    rmSync(join(folder, "slow"));
    expect((await runCli(["heal", "--yes"], options)).exitCode).toBe(0);
    const healed = await showSession(options);
    expect(formatRuns(healed)).toEqual({ first: "reused 1", second: "success 1", third: "success 1" });
    expect(readOutputs(healed)).toMatchObject({ "third.o": "2\n" });
    expect(await replaced(options)).toEqual(["first", "second", "third"]);
    expect((await runCli(["heal"], options)).stdout).toContain("nothing to heal");
  },
);

test("a session that heals and was cut off can be resumed: that heals the rest", async () => {
  const { folder, options } = await prepare();
  writeFileSync(join(folder, "slow"), "");
  const cli = startCli(["heal", "--yes"], options);
  await waitFor(() => existsSync(join(folder, "started")));
  cli.signal("SIGKILL");
  await cli.result;
  rmSync(join(folder, "slow"));
  expect((await resume(options)).exitCode).toBe(0);
  expect(formatRuns(await showSession(options))).toMatchObject({ first: "success 1", third: "success 1" });
  expect(await replaced(options)).toEqual(["first", "second", "third"]);
});

test("while one heals a session, another one is refused", async () => {
  const { folder, options } = await prepare();
  writeFileSync(join(folder, "slow"), "");
  const cli = startCli(["heal", "--yes"], options);
  await waitFor(() => existsSync(join(folder, "started")));
  const { exitCode, stdout } = await runCli(["heal"], options);
  expect([exitCode, stdout]).toEqual([1, expect.stringContaining("error[healing-under-way]")]);
  rmSync(join(folder, "slow"));
  expect((await cli.result).exitCode).toBe(0);
});

test("on a terminal it asks: only a yes does it", async () => {
  const { folder, options } = await prepare();
  const refused = new TerminalCli(["heal"], { cwd: folder });
  await refused.shows("Heal this? [y/N]");
  refused.press("\r");
  expect(await refused.ended).toEqual({ exitCode: 0, restored: true });
  expect(refused.shown).toContain("nothing was done");
  expect(await replaced(options)).toEqual([]);
  const interrupted = new TerminalCli(["heal"], { cwd: folder });
  await interrupted.shows("Heal this? [y/N]");
  interrupted.press("\u0003");
  expect(await interrupted.ended).toEqual({ exitCode: 130, restored: true });
  expect(await replaced(options)).toEqual([]);
  const agreed = new TerminalCli(["heal"], { cwd: folder });
  await agreed.shows("Heal this? [y/N]");
  agreed.press("y\r");
  expect(await agreed.ended).toEqual({ exitCode: 0, restored: true });
  expect(await replaced(options)).toEqual(["first", "second", "third"]);
});
