import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CliOptions, runCli, runJson, startCli } from "../rig/cli.ts";
import { HELD_OUTPUTS, killWhileHeld, prepareHeld } from "../rig/held-session.ts";
import { formatRuns, readOutputs, showSession } from "../rig/resumable.ts";
import { Rig } from "../rig/rig.ts";
import { shortId } from "../rig/short-id.ts";
import { waitFor } from "../rig/wait-for.ts";

let rig: Rig;
beforeAll(() => {
  rig = new Rig();
});
afterAll(() => rig.close());

describe("two at once", () => {
  test("who resumes a session that is run is told who has it, and changes nothing", async () => {
    const { file, options } = prepareHeld(rig, "owned");
    const cli = startCli(["run", file, "--json"], options);
    const child = await rig.child("owned");
    const { session_id } = await cli.event("session.started");
    const refused = await runCli(["resume", session_id], options);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain(
      `error[session-owned]  session ${shortId(session_id)} is run by process ${cli.pid} on`,
    );
    const nothing = `nothing to resume: session ${shortId(session_id)} is run by process ${cli.pid} on`;
    expect((await runCli(["resume"], options)).stdout).toContain(nothing);
    await child.tell({ do: "write", path: String(child.args[0]), text: "made\n" });
    await child.tell({ do: "exit", code: 0 });
    expect((await cli.result).exitCode).toBe(0);
  });

  test("of several that resume at once exactly one goes on, and the others say who has it", async () => {
    const { options, child, session_id } = await killWhileHeld(rig, "raced");
    const racers = Array.from({ length: 4 }, () => startCli(["resume", session_id, "--json"], options));
    const ended: number[] = [];
    racers.forEach((racer, at) => void racer.result.then(() => ended.push(at)));
    await waitFor(() => ended.length === 3);
    await child.tell({ do: "write", path: String(child.args[0]), text: "made\n" });
    await child.tell({ do: "exit", code: 0 });
    const results = await Promise.all(racers.map(({ result }) => result));
    expect(results.filter(({ exitCode }) => exitCode === 0)).toHaveLength(1);
    for (const { exitCode, stderr } of results.filter((result) => result.exitCode !== 0)) {
      expect({ exitCode, stderr }).toEqual({
        exitCode: expect.any(Number),
        stderr: expect.stringMatching(/process \d+ on/),
      });
    }
    expect(readOutputs(await showSession(options))).toEqual(HELD_OUTPUTS);
  });

  test("an owner that sleeps past its lease loses the session, lets its command live, and says who has it", async () => {
    const { file, options } = prepareHeld(rig, "asleep");
    const impatient = { ...options, env: { ...options.env, RUNWEAVE_LEASE_MS: "300" } };
    const sleeper = startCli(["run", file, "--json"], impatient);
    const child = await rig.child("asleep");
    const { session_id } = await sleeper.event("session.started");
    await sleeper.event("run.started");
    sleeper.signal("SIGSTOP");
    let taker = startCli(["resume", session_id, "--json"], options);
    while ((await Promise.race([taker.result, taker.event("session.resumed")])) && (await hasRefused(taker))) {
      // Whoever is stopped while it writes keeps everybody from writing: it has to come to the end of that.
      if ((await taker.result).stderr.includes("registry-locked")) {
        sleeper.signal("SIGCONT");
        while (!(await hasOwner(options, session_id)));
        sleeper.signal("SIGSTOP");
      }
      taker = startCli(["resume", session_id, "--json"], options);
    }
    sleeper.signal("SIGCONT");
    const { exitCode, stderr } = await sleeper.result;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: expect.stringContaining(`session ${shortId(session_id)} was taken over by process ${taker.pid} on`),
    });
    await child.tell({ do: "write", path: String(child.args[0]), text: "made\n" });
    await child.tell({ do: "exit", code: 0 });
    expect((await taker.result).exitCode).toBe(0);
    const session = await showSession(options);
    expect(formatRuns(session)).toEqual({ before: "success 1", held: "success 1", after: "success 1" });
    expect(readOutputs(session)).toEqual(HELD_OUTPUTS);
  });
});

/** Whether somebody who has renewed its lease works on the session. */
async function hasOwner(options: CliOptions, sessionId: string): Promise<boolean> {
  const { value } = await runJson<{ owner: string | null }>(["show", sessionId], options);
  return value.owner === "working";
}

/** Whether it has ended; while it goes on, it has the session. */
async function hasRefused(cli: ReturnType<typeof startCli>): Promise<boolean> {
  return (await Promise.race([cli.result, Promise.resolve(null)])) !== null;
}
