import { afterAll, beforeAll, expect, test } from "vitest";
import { binPath, startCli } from "../rig/cli.ts";
import { MarkedProcesses } from "../rig/marked-processes.ts";
import { formatRuns, showSession, writeCommands } from "../rig/resumable.ts";
import { Rig } from "../rig/rig.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

let rig: Rig;
beforeAll(() => {
  rig = new Rig();
});
afterAll(() => rig.close());

/**
 * A session whose run starts another runweave. The command of that has a session of its own, and ignores every signal that it may
 * ignore. The run ends when the inner runweave does, or with `waitsForOuter` when the test tells the child `outer` to.
 */
async function startNested(name: string, { waitsForOuter = false } = {}) {
  const [folder, inner] = [makeTemporaryFolder(), makeTemporaryFolder()];
  const file = writeCommands(inner, { stubborn: { command: rig.command(`${name}-inner`) } });
  const script = '[ -e again ] && exit 0; touch again; "$1" "$2" run "$3"';
  const last = waitsForOuter ? ` & shift 3; exec "$@"` : "; exit 1";
  const args = [process.execPath, binPath(), file, ...rig.command(`${name}-outer`)];
  const outer = writeCommands(folder, { nesting: { command: ["sh", "-c", script + last, "sh", ...args] } });
  const marked = new MarkedProcesses();
  const options = { cwd: folder, env: marked.environment };
  const cli = startCli(["run", outer, "--json"], options);
  const stubborn = await rig.child(`${name}-inner`);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) await stubborn.tell({ do: "ignore", signal });
  return { cli, stubborn, marked, options };
}

test("a run that ends while a runweave that it started goes on has that ended, and what that has started", async () => {
  const { cli, stubborn, marked, options } = await startNested("left", { waitsForOuter: true });
  await (await rig.child("left-outer")).tell({ do: "exit", code: 0 });
  expect((await cli.result).exitCode).toBe(0);
  await stubborn.gone;
  expect(formatRuns(await showSession(options))).toEqual({ nesting: "success 1" });
  expect(await marked.remaining()).toEqual([]);
});

test("a run that is killed at once has what a runweave within it started ended, too", async () => {
  const { cli, stubborn, marked } = await startNested("killed");
  cli.signal("SIGINT");
  // Another one, as two of a kind may arrive as one.
  cli.signal("SIGTERM");
  expect((await cli.result).exitCode).toBe(130);
  await stubborn.gone;
  expect(await marked.remaining()).toEqual([]);
});

test("resume --kill ends what a runweave within the cut-off attempt has started before there is another one", async () => {
  const { cli, stubborn, marked, options } = await startNested("cut");
  cli.signal("SIGKILL");
  await cli.result;
  const going = startCli(["resume", "--kill", "--json"], options);
  expect((await going.result).exitCode).toBe(0);
  await stubborn.gone;
  expect(formatRuns(await showSession(options))).toEqual({ nesting: "success 2" });
  expect(await marked.remaining()).toEqual([]);
});
