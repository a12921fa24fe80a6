import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { claimPath } from "../../../src/processes/claim.ts";
import { checkProcess, identifyProcess, type ProcessIdentity } from "../../../src/processes/identity.ts";
import { endProcesses } from "../real/end-processes.ts";
import { finishSession } from "../real/finish-session.ts";
import { awaitMoment } from "../real/moments.ts";
import { preload } from "../real/preload.ts";
import { readRegistry } from "../real/read-registry.ts";
import { checkEnd, startResume, startRun } from "../real/sessions.ts";
import { CAPTURED, DIAMOND, PUBLISHED, Workload } from "../real/workload.ts";
import { type Draw, drawFrom, type TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

/** A little slower, so that two meet in the middle of it. */
const SLOW = Object.fromEntries(Object.entries(DIAMOND).map(([name, step]) => [name, { ...step, seconds: 0.15 }]));
const LEASE_MS = 300;
const IMPATIENT = { RUNWEAVE_LEASE_MS: String(LEASE_MS) };
/** Who is stopped within a transaction has the registry: others wait for it half a minute, and say so. */
const PATIENT = 3;
/** Finished, a run failed for it (which it must not), refused, or lost. */
const ENDS = [0, 2, 3, null];

export const severalResumers: TrialKind = {
  name: "several-resumers",
  what: "two to four who resume a killed session at once, one of them killed or not: one has it, the others say who",
  hasProcesses: true,
  share: 8,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "resumers");
    const workload = new Workload(campaign.folder, SLOW);
    try {
      const orchestrator = startRun(workload, campaign);
      await awaitMoment(orchestrator, draw);
      orchestrator.signal("SIGKILL");
      const violations = checkEnd(await orchestrator.ended, [null, 0]);
      const resumers = Array.from({ length: 2 + Math.floor(draw() * 3) }, () => startResume(workload, campaign));
      const kills = draw() < 0.5 ? 1 : 0;
      if (kills > 0) {
        await delay(draw() * 400);
        resumers[0]?.signal("SIGKILL");
      }
      for (const { ended } of resumers) violations.push(...checkEnd(await ended, ENDS));
      violations.push(...checkOwners(workload, 1 + kills));
      return [...violations, ...(await finishSession(workload, campaign))];
    } finally {
      workload.remove();
    }
  },
};

/** Nobody takes a session from a process that works on it: so often it may change hands as owners were killed. */
function checkOwners(workload: Workload, kills: number): Violation[] {
  const taken = readRegistry(workload, (registry) => {
    return [...registry.events()].filter(({ type }) => type === "session.resumed").length;
  });
  const hasChangedHands = (taken ?? 0) > kills;
  return hasChangedHands ? [violate("one-owner-at-once", `taken over ${taken} times after ${kills} kills`)] : [];
}

export const stoppedOwner: TrialKind = {
  name: "stopped-owner",
  what: "SIGSTOP of the orchestrator past its lease: another takes the session over, and the sleeper that wakes lets it be",
  hasProcesses: true,
  share: 10,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "stopped");
    const workload = new Workload(campaign.folder, SLOW);
    try {
      const extra = { environment: IMPATIENT, limitMs: PATIENT * workload.limitMs };
      const sleeper = startRun(workload, campaign, extra);
      await awaitMoment(sleeper, draw);
      sleeper.signal("SIGSTOP");
      await delay(LEASE_MS * (0.9 + draw() * 0.3));
      const taker = startResume(workload, campaign, { ...extra, args: drawArgs(draw) });
      await awaitMoment(taker, draw);
      if (draw() < 0.3) taker.signal("SIGKILL");
      sleeper.signal("SIGCONT");
      const violations = [...checkEnd(await taker.ended, ENDS), ...checkEnd(await sleeper.ended, ENDS)];
      return [...violations, ...(await finishSession(workload, campaign))];
    } finally {
      endProcesses(workload.marked.list());
      workload.remove();
    }
  },
};

const HOUR_MS = 3_600_000;
const JUMPS = [-24 * HOUR_MS, -HOUR_MS, -5, HOUR_MS, 24 * HOUR_MS];
const POINTS = 40;

export const clockJumps: TrialKind = {
  name: "clock-jumps",
  what: "the clock is set by up to a day at any write, of who runs a session and of who resumes it while that one lives or not",
  hasProcesses: true,
  share: 8,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "clock");
    const jump = () => {
      const byMs = JUMPS[Math.floor(draw() * JUMPS.length)] ?? 0;
      return preload(workload, { CHAOS_CLOCK: `${Math.floor(draw() * POINTS)}:${byMs}` });
    };
    const workload = new Workload(campaign.folder, SLOW);
    try {
      const orchestrator = startRun(workload, campaign, jump());
      await awaitMoment(orchestrator, draw);
      if (draw() < 0.5) orchestrator.signal("SIGKILL");
      const resumer = startResume(workload, campaign, { ...jump(), args: drawArgs(draw) });
      const violations = [...checkEnd(await resumer.ended, ENDS), ...checkEnd(await orchestrator.ended, ENDS)];
      return [...violations, ...(await finishSession(workload, campaign, jump()))];
    } finally {
      workload.remove();
    }
  },
};

export const reusedPidResumed: TrialKind = {
  name: "reused-pid-resumed",
  what: "a session is cut off, and the pids in its claims are other processes' by the time it is resumed: those are left alone",
  hasProcesses: true,
  share: 6,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "reused");
    const workload = new Workload(campaign.folder, SLOW);
    const bystander = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    try {
      await once(bystander, "spawn");
      const truth = identifyProcess(bystander.pid ?? 0);
      const orchestrator = startRun(workload, campaign);
      await orchestrator.shows('"run.started"');
      await awaitMoment(orchestrator, draw);
      orchestrator.signal("SIGKILL");
      await orchestrator.ended;
      endProcesses(workload.marked.list());
      await workload.marked.remaining(5_000);
      forgeClaims(workload, forge(truth, draw));
      const finished = await finishSession(workload, campaign, { args: drawArgs(draw) });
      return checkProcess(truth) === "alive" ? finished : [...finished, notOurs()];
    } finally {
      bystander.kill("SIGKILL");
      workload.remove();
    }
  },
};

const OTHER_BOOT = "11111111-2222-4333-8444-555555555555";

export const rebooted: TrialKind = {
  name: "rebooted",
  what: "everything ends at any moment of a session, and the machine is booted anew: claims and holds are of another boot, and hold up nobody",
  hasProcesses: true,
  share: 2,
  full: 60,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "rebooted");
    const workload = new Workload(campaign.folder, CAPTURED, PUBLISHED);
    try {
      const orchestrator = startRun(workload, campaign);
      await awaitMoment(orchestrator, draw);
      orchestrator.signal("SIGKILL");
      await orchestrator.ended;
      endProcesses(workload.marked.list());
      await workload.marked.remaining(5_000);
      return await finishSession(workload, campaign, preload(workload, { CHAOS_BOOT: OTHER_BOOT }));
    } finally {
      workload.remove();
    }
  },
};

function notOurs(): Violation {
  return violate("no-process-left", "a process that is not ours was ended");
}

/** The same pid, of an earlier start or another boot. */
function forge(truth: ProcessIdentity, draw: Draw): ProcessIdentity {
  if (draw() < 0.5) return { ...truth, boot_id: "00000000-0000-0000-0000-000000000000" };
  return { ...truth, start_time: Math.floor((truth.start_time ?? 0) * draw()) };
}

function forgeClaims(workload: Workload, owner: ProcessIdentity): void {
  const session = readRegistry(workload, (registry) => registry.findSession("latest"));
  for (const { run_id, status } of session?.runs ?? []) {
    if (run_id === null || status !== "running") continue;
    const folder = join(workload.state, "attempts", run_id);
    if (!existsSync(folder)) mkdirSync(folder);
    writeFileSync(claimPath(folder), JSON.stringify(owner));
  }
}

function drawArgs(draw: Draw): string[] {
  return draw() < 0.3 ? ["--kill"] : [];
}
