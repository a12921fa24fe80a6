import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import type { HoldRequest } from "../../../src/core/hold.ts";
import type { SharedPlace } from "../../../src/core/place.ts";
import { formatLocalTime } from "../../../src/core/text/local-time.ts";
import { identifyOwner } from "../../../src/processes/host.ts";
import { identifyProcess } from "../../../src/processes/identity.ts";
import { markRun } from "../../../src/processes/run-mark.ts";
import { awaitStop, makeState } from "../../rig/checked-state.ts";

const TIME = "2026-11-23T21:00:00.000Z";
const places: SharedPlace[] = [{ path: "/d/x.csv", suffix: null, access: "write" }];

function request(over: Partial<HoldRequest>): HoldRequest {
  const about = { session_id: null, run: null, run_id: null, epoch: null };
  return { holder: "gc 1", act: "gc", places, owner: identifyOwner(), ...about, time: TIME, ...over };
}

async function startProcess(environment: NodeJS.ProcessEnv = {}) {
  const child = spawn("sleep", ["600"], { env: { ...process.env, ...environment } });
  await once(child, "spawn");
  onTestFinished(() => void child.kill("SIGKILL"));
  return { ...identifyProcess(child.pid ?? 0), host: identifyOwner().host };
}

describe("places that an act has", () => {
  const findings = ({ check }: ReturnType<typeof makeState>) => check().filter(({ what }) => what === "places");

  test("are told with who has them since when; a process that is stopped is something to look after", async () => {
    const world = makeState();
    const owner = await startProcess();
    world.registry.holds.ask(request({ owner }), []);
    const who = `\`runweave gc\` (process ${owner.pid} on ${owner.host})`;
    expect(findings(world)).toMatchObject([
      { level: "ok", detail: expect.stringContaining(`${who}, since ${formatLocalTime(TIME)}`) },
    ]);
    process.kill(owner.pid, "SIGSTOP");
    await awaitStop(owner.pid);
    expect(findings(world)).toMatchObject([{ level: "warn", hint: `\`kill -CONT ${owner.pid}\` lets it continue` }]);
  });

  test("are told of processes that outlived the one which asked, with what sees to them", async () => {
    const world = makeState();
    const { sessionId: session_id, attempt, history } = world;
    const ref = history.resolve(session_id, "other");
    const owner = { ...identifyOwner(), start_time: 1 };
    const { run, run_id } = ref;
    world.registry.holds.ask(request({ holder: run_id, act: "run", owner, session_id, run, run_id }), []);
    expect(findings(world)).toEqual([]);
    const orphan = await startProcess(markRun({}, run_id));
    expect(findings(world)).toMatchObject([
      {
        level: "warn",
        detail: expect.stringContaining(`process ${orphan.pid} `),
        hint: expect.stringContaining("resume"),
      },
    ]);
    expect(attempt.run_id).not.toBe(run_id);
  });
});
