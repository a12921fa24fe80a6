import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { claimPath, readClaim, readOwner, writeClaim } from "../../../src/processes/claim.ts";
import { checkProcess, identifyProcess, type ProcessIdentity } from "../../../src/processes/identity.ts";
import { endGroup, signalGroup, signalProcess } from "../../../src/processes/signals.ts";
import { endAttempt } from "../../../src/runners/adopted-end.ts";
import { drawFrom, type TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const RUN_ID = "2026-11-23T21.04.54.666Z-0000d783fb92";

export const reusedPid: TrialKind = {
  name: "reused-pid",
  what: "a claim whose pid belongs to another process by now, or that somebody else has forged: the process is left alone",
  hasProcesses: true,
  callsSource: true,
  share: 10,
  async run(seed, { folder }) {
    const draw = drawFrom(String(seed), "pid");
    const attempt = join(folder, `pid-${seed}`);
    mkdirSync(attempt);
    const bystander = spawn("sleep", ["30"], { detached: true, stdio: "ignore" });
    try {
      await once(bystander, "spawn");
      const truth = identifyProcess(bystander.pid ?? 0);
      const forged = forge(truth, draw());
      writeClaim(attempt, forged);
      const owner = readClaim(attempt)?.owner;
      const violations: Violation[] = [];
      if (!owner) return [violate("one-start-per-attempt", `the claim of ${JSON.stringify(forged)} can't be read`)];
      if (checkProcess(owner) !== "gone") violations.push(violate("no-process-left", "its owner counts as alive"));
      const wasSignalled = signalProcess(owner, "SIGKILL") || signalGroup(owner, "SIGKILL");
      if (wasSignalled) violations.push(violate("no-process-left", "a process that is not ours was signalled"));
      await endGroup(owner, 10);
      if (checkProcess(truth) !== "alive") violations.push(violate("no-process-left", "a process not ours is gone"));
      violations.push(...(await judgeForged(join(folder, `forged-${seed}`), truth)));
      writeFileSync(claimPath(attempt), "{");
      if (readClaim(attempt)?.owner !== null)
        violations.push(violate("one-start-per-attempt", "half a claim names an owner"));
      return violations;
    } finally {
      bystander.kill("SIGKILL");
      rmSync(attempt, { recursive: true });
    }
  },
};

/** A claim that somebody else has written names a living process as it is: it is not of the attempt, and is left alone. */
async function judgeForged(attempt: string, bystander: ProcessIdentity): Promise<Violation[]> {
  mkdirSync(attempt);
  try {
    writeClaim(attempt, bystander);
    const place = { folder: attempt, runId: RUN_ID };
    const violations: Violation[] = [];
    if (readOwner(place) !== null) violations.push(violate("one-start-per-attempt", "a forged claim names an owner"));
    await endAttempt(place);
    if (checkProcess(bystander) !== "alive")
      violations.push(violate("no-process-left", "a forged claim ended a process"));
    return violations;
  } finally {
    rmSync(attempt, { recursive: true });
  }
}

/** The same pid, of another start or another boot. */
function forge(truth: ProcessIdentity, chance: number): ProcessIdentity {
  if (chance < 0.3) return { ...truth, boot_id: "00000000-0000-0000-0000-000000000000" };
  const started = truth.start_time ?? 0;
  if (chance < 0.6) return { ...truth, start_time: started + Math.floor(chance * 1_000_000) + 1 };
  // A machine that has just booted has not counted far yet.
  return { ...truth, start_time: Math.floor(chance * started) };
}
