import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { keepPlan, keptPlanPath } from "../../../src/compose/kept-plan/keep-plan.ts";
import { identifyOwner } from "../../../src/processes/host.ts";
import { identifyProcess } from "../../../src/processes/identity.ts";
import { attemptFolder } from "../../../src/versions/layout.ts";
import { awaitStop, makeState, type World } from "../../rig/checked-state.ts";
import { plannedRun, planOf } from "../../rig/plans.ts";

/** A process of no orchestrator that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid ?? 0;
}

/** Who had the session until now is another process. */
function takeOver({ history, sessionId }: World, owner: object, leaseUntil = "2020-01-01T00:00:00.000Z"): void {
  const claim = { owner: { ...identifyOwner(), ...owner }, epoch: 2, lease_until: leaseUntil };
  history.add({
    type: "session.resumed",
    time: history.time,
    session_id: sessionId,
    claim,
    command_line: [],
    runs: [],
  });
}

describe("a session on record as running", () => {
  test("whose process has ended: which of its runs still have one, and what finishes it", async () => {
    const world = makeState();
    const { state, history, sessionId, check } = world;
    takeOver(world, { pid: await endedProcess(), start_time: 1 });
    const begin = (run: string, owner: object) => {
      const ref = history.resolve(sessionId, run);
      history.start(ref);
      mkdirSync(attemptFolder(state, ref.run_id));
      writeFileSync(join(attemptFolder(state, ref.run_id), "claim"), JSON.stringify(owner));
    };
    begin("other", identifyProcess(process.pid));
    const detail = expect.stringMatching(/has ended; 1 of its runs was under way, still alive: other \(process \d+\)$/);
    const what = `session ${sessionId}`;
    const script = `\`runweave resume ${sessionId}\` closes it; then start its script again`;
    expect(check()).toEqual([{ what, level: "warn", detail, hint: script }]);
    const kept = { session_id: sessionId, store: state.store, max_parallel: 1, variables: {} };
    await keepPlan(state, { ...kept, plan: planOf([plannedRun("other")]) });
    expect(check()).toMatchObject([{ level: "warn", hint: `\`runweave resume ${sessionId}\` finishes it` }]);
    const plan = keptPlanPath(state, sessionId);
    for (const text of ["", "{}", '{"format":1,']) {
      writeFileSync(plan, text);
      expect(check()).toEqual([
        {
          what,
          level: "fail",
          detail: expect.stringMatching(/has ended; .*; and it can't be resumed: .*plan\.json/),
          hint: `\`runweave cancel ${sessionId}\` ends it; then run the workflow file again`,
        },
      ]);
    }
  });

  test("whose owner is silent past its lease, or works elsewhere", () => {
    const world = makeState();
    takeOver(world, { host: "another" });
    expect(world.check()).toMatchObject([
      { level: "warn", detail: expect.stringContaining("on another has been silent since 2020-01-01 00:00:00") },
    ]);
    const other = makeState();
    takeOver(other, { host: "another" }, "2040-01-01T00:00:00.000Z");
    expect(other.check()).toEqual([]);
  });

  test("whose owner is stopped, and of which a run's process is gone", async () => {
    const world = makeState();
    const { state, history, sessionId, check } = world;
    const child = spawn("sleep", ["600"]);
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child, "spawn");
    takeOver(world, identifyProcess(child.pid ?? 0), "2040-01-01T00:00:00.000Z");
    const ref = history.resolve(sessionId, "other");
    history.start(ref);
    const claim = join(attemptFolder(state, ref.run_id), "claim");
    mkdirSync(join(claim, ".."));
    writeFileSync(claim, JSON.stringify({ ...identifyProcess(child.pid ?? 0), start_time: 1 }));
    child.kill("SIGSTOP");
    await awaitStop(child.pid ?? 0);
    expect(check()).toMatchObject([
      {
        level: "warn",
        detail: `process ${child.pid}, which runs it, is stopped`,
        hint: expect.stringContaining("-CONT"),
      },
      {
        level: "warn",
        detail: expect.stringMatching(/^other \(.*\) is on record as running, but its process \d+ is gone$/),
      },
    ]);
    for (const put of CLAIMS) {
      rmSync(claim, { recursive: true });
      put(claim);
      expect(check()[1]).toMatchObject({
        detail: `${claim} can't be read: it is unknown which process runs that attempt`,
      });
    }
  });
});

/** What else than a claim may be in its place. */
const CLAIMS: readonly ((path: string) => void)[] = [
  (path) => writeFileSync(path, ""),
  (path) => writeFileSync(path, '{"pid":12'),
  (path) => writeFileSync(path, '{"pid":"foreign"}'),
  (path) => symlinkSync("/proc/self/stat", path),
  (path) => mkdirSync(path),
];
