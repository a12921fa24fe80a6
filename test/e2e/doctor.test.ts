import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli, runJson, startCli } from "../rig/cli.ts";
import { killWhileHeld, prepareHeld } from "../rig/held-session.ts";
import { Rig } from "../rig/rig.ts";
import { shortId } from "../rig/short-id.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

interface Diagnosis {
  ok: boolean;
  findings: { what: string; level: string; ok: boolean; detail: string; hint: string | null }[];
}

const rig = new Rig();
afterAll(() => rig.close());

test("doctor is short where all is well, and tells of a session that was cut off until it is finished", async () => {
  const { options, session_id, child, marked } = await killWhileHeld(rig, "cut-off");
  const said = await runCli(["doctor"], options);
  expect([said.exitCode, said.stderr]).toEqual([0, "using workflow.json\n"]);
  expect(said.stdout).toContain(`warn  session ${shortId(session_id)}: it is on record as running, but process `);
  expect(said.stdout).toContain(`1 of its runs was under way, still alive: held (process `);
  expect(said.stdout).toContain(`      hint: \`runweave resume ${shortId(session_id)}\` finishes it\n`);
  const { exitCode, value } = await runJson<Diagnosis>(["doctor"], options);
  expect([exitCode, value.ok]).toEqual([0, true]);
  expect(value.findings.find(({ what }) => what.startsWith("session"))).toMatchObject({ level: "warn", ok: true });

  await child.tell({ do: "write", path: child.args[0], text: "made\n" });
  await child.tell({ do: "exit", code: 0 });
  expect((await runCli(["resume"], options)).exitCode).toBe(0);
  expect(await marked.remaining(5_000)).toEqual([]);
  const well = await runCli(["doctor"], options);
  expect(well.stdout.split("\n").map((line) => line.split(":")[0])).toEqual([
    "ok    Node",
    "ok    SQLite",
    "ok    registry",
    "ok    disk",
    "",
  ]);
});

test("doctor does not wait for an owner that is stopped, and says which process that is", async () => {
  const { folder, file, options, marked } = prepareHeld(rig, "stopped");
  const cli = startCli(["run", file, "--json"], options);
  const child = await rig.child("stopped");
  const { session_id } = await cli.event("run.started");
  cli.signal("SIGSTOP");
  try {
    const said = await runCli(["doctor"], options);
    expect(said.stdout).toContain(
      `warn  session ${shortId(session_id)}: process ${cli.pid}, which runs it, is stopped`,
    );
    expect(said.stdout).toContain(`\`kill -CONT ${cli.pid}\` lets it continue`);
  } finally {
    cli.signal("SIGCONT");
  }
  await child.tell({ do: "write", path: child.args[0], text: "made\n" });
  await child.tell({ do: "exit", code: 0 });
  expect((await cli.result).exitCode).toBe(0);
  expect(await marked.remaining(5_000)).toEqual([]);
  rmSync(join(folder, ".runweave/registry.sqlite"));
  expect((await runCli(["doctor"], options)).stdout).toContain("warn  registry-missing: ");
});

test("doctor tells all that it checks though the workflow file has an error, and of that error", async () => {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, "w.json"), '{"name": "w", "runs": {"a": {"comand": ["true"]}}}');
  const options = { cwd: folder, env: { RUNWEAVE_REGISTRY: undefined } };
  const said = await runCli(["doctor", "w.json"], options);
  expect([said.exitCode, said.stderr]).toEqual([2, expect.stringContaining("comand")]);
  expect(said.stdout).toMatch(/^ok {4}Node: /m);
  expect(said.stdout).toMatch(/^FAIL {2}workflow w\.json: it has \d problems?, so its projects were not checked$/m);
  const { exitCode, value } = await runJson<Diagnosis & { problems: object[] }>(["doctor", "w.json"], options);
  expect([exitCode, value.ok, value.problems.length > 0]).toEqual([2, false, true]);
});
