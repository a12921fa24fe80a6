import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents } from "../rig/cli.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { shortId } from "../rig/short-id.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const touch = { command: ["sh", "-c", 'echo 1 > "$1"', "sh", "${outputs.o.path}"], outputs: ["o"] };

describe("what takes a session and is given the name of a run", () => {
  const folder = makeSuiteFolder();
  const options = { cwd: folder };
  let session: SessionRecord;

  beforeAll(async () => {
    const late = { command: ["sh", "-c", "test -e ready"], needs: ["prep"] };
    const runs = { prep: touch, train: { ...touch, matrix: { seed: [1, 2] } }, late };
    await runEvents(writeCommands(folder, runs, { name: "named" }), options);
    session = await showSession(options);
  });

  test.each(["heal", "rollback"])("%s names the session of the run, and does nothing", async (command) => {
    const before = await showSession(options);
    for (const name of ["prep", "train", "train[seed=1]", String(session.runs[0]?.run_id)]) {
      const { exitCode, stderr } = await runCli([command, name], options);
      expect([name, exitCode]).toEqual([name, 2]);
      expect(stderr).toContain(`error[not-a-session]`);
      expect(stderr).toContain(`session ${shortId(session.session_id)}`);
      expect(stderr).toContain(`runweave ${command} ${shortId(session.session_id)}`);
    }
    expect(await showSession(options)).toEqual(before);
  });

  test("heal says how to name a version of that run", async () => {
    const { stderr } = await runCli(["heal", "prep"], options);
    expect(stderr).toContain(`o@${shortId(session.runs[0]?.run_id)}`);
  });

  test.each(["heal", "rollback", "resume"])("%s of a name that nothing has says what is near", async (command) => {
    const { exitCode, stderr } = await runCli([command, "perp"], options);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('there is no session "perp" in the registry');
    expect(stderr).toContain('"prep"');
  });

  test("resume takes the session of the run, as show does", async () => {
    expect((await runCli(["resume", "train"], options)).stderr).toContain(
      "say which: 'train[seed=1]', 'train[seed=2]'",
    );
    expect((await runCli(["show", "prep"], options)).exitCode).toBe(0);
    const { exitCode, stdout } = await runCli(["resume", "prep"], options);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(shortId(session.session_id));
    expect(existsSync(join(folder, "ready"))).toBe(false);
  });
});
