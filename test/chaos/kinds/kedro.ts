import { existsSync, readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { checkWorkload } from "../real/disk-invariants.ts";
import { endProcesses, signalPid } from "../real/end-processes.ts";
import { makeExampleWorkload } from "../real/example-workload.ts";
import { finishSession } from "../real/finish-session.ts";
import { makeKedroWorkload, OTHER_ENVIRONMENT } from "../real/kedro-workload.ts";
import { awaitMoment, type Pace } from "../real/moments.ts";
import type { Orchestrator } from "../real/orchestrator.ts";
import { readRegistry } from "../real/read-registry.ts";
import { checkEnd, startResume, startRun } from "../real/sessions.ts";
import type { TrialFolder } from "../real/trial-folder.ts";
import { type Campaign, type Draw, drawFrom, type TrialKind } from "../trial.ts";
import type { Violation } from "../violation.ts";

/** A session of four Kedro runs of nine nodes. */
const PACE: Pace = { lines: 60, betweenMs: 60, startUpMs: 3_000 };
const MOST_KILLED_RESUMES = 3;
const MOST_KILLED_CHILDREN = 4;
const RETRIED = () => ({ retries: 2 });
/** Those of one environment are begun before, between and after those of the other. */
const IN_TWO_ENVIRONMENTS = (name: string) => (name === "right" || name === "last" ? { env: OTHER_ENVIRONMENT } : {});
/** Longer than a busy machine keeps a worker from answering, and no longer than a trial can wait. */
const PATIENCE = { RUNWEAVE_WORKER_PATIENCE_MS: "3000" };
/** A worker is not given up within the trial: nothing may have to wait for one that could have said that it ends. */
const NO_IMPATIENCE = { environment: { RUNWEAVE_WORKER_PATIENCE_MS: "600000" }, limitMs: 60_000 };
/** What a worker takes to import the project, about. */
const IMPORT_MS = 1_500;
const SHARE_OF_IMPORTS = 0.3;

/** The example: seven runs that train real models. */
const EXAMPLE: Pace = { lines: 80, betweenMs: 200, startUpMs: 5_000 };

type Strike = (workload: TrialFolder, campaign: Campaign, draw: Draw) => Promise<Violation[]>;

interface Disturbance {
  /** Further fields of each run. */
  run?: (name: string) => object;
  make?(campaign: Campaign): Promise<TrialFolder | null>;
  strike: Strike;
}

/** A session of real Kedro runs to which something is done, and which is then finished. */
function makeKind(kind: Omit<TrialKind, "run" | "hasProcesses">, { run, make, strike }: Disturbance) {
  return {
    ...kind,
    hasProcesses: true,
    async run(seed: number, campaign: Campaign) {
      const draw = drawFrom(String(seed), kind.name);
      const workload = await (make ?? makeKedroWorkload)(campaign, run);
      if (workload === null) return null;
      try {
        const violations = await strike(workload, campaign, draw);
        return [...violations, ...(await finishSession(workload, campaign))];
      } finally {
        // What a bug leaves behind is told by then.
        endProcesses(workload.marked.list());
        workload.remove();
      }
    },
  } satisfies TrialKind;
}

export const kedroKilled = makeKind(
  {
    name: "kedro-killed",
    what: "kill -9 of the orchestrator at any moment of a session of Kedro runs, and of up to three who resume it",
    share: 4,
    full: 400,
  },
  {
    async strike(workload, campaign, draw) {
      const violations: Violation[] = [];
      const resumes = Math.floor(draw() * (MOST_KILLED_RESUMES + 1));
      for (let kill = 0; kill <= resumes; kill++) {
        const args = draw() < 0.2 ? ["--kill"] : [];
        const start = kill === 0 ? startRun(workload, campaign) : startResume(workload, campaign, { args });
        // Of what a resumed session has left to do there is less with every kill.
        await awaitMoment(start, draw, { ...PACE, lines: PACE.lines / (kill + 1) });
        if (start.signal("SIGKILL")) campaign.noteKill();
        violations.push(...checkEnd(await start.ended, [null, 0, 2]));
      }
      return draw() < 0.5 ? [...violations, ...(await checkWorkload(workload))] : violations;
    },
  },
);

export const exampleKilled = makeKind(
  {
    name: "example-killed",
    what: "kill -9 of the orchestrator at any moment of the example: resumed, its outputs are the same byte for byte",
    share: 1,
    full: 30,
  },
  {
    make: makeExampleWorkload,
    async strike(workload, campaign, draw) {
      const start = startRun(workload, campaign);
      await awaitMoment(start, draw, EXAMPLE);
      if (start.signal("SIGKILL")) campaign.noteKill();
      return checkEnd(await start.ended, [null, 0]);
    },
  },
);

export const kedroChildKilled = makeKind(
  {
    name: "kedro-child-killed",
    what: "kill -9 of a Kedro run's own process: it is tried again by the session, or by `resume`",
    share: 2,
  },
  {
    run: RETRIED,
    async strike(workload, campaign, draw) {
      const start = startRun(workload, campaign);
      await awaitMoment(start, draw, PACE);
      const children = workload.witnesses();
      const victim = children[Math.floor(draw() * children.length)];
      if (victim !== undefined) signalPid(victim.pid, "SIGKILL");
      return [...checkEnd(await start.ended, [0]), ...(await checkWorkload(workload))];
    },
  },
);

export const kedroCutOff = makeKind(
  {
    name: "kedro-cut-off",
    what: "kill -9 of a Kedro run's own process, up to four times, each time resumed: it goes on at the node that was cut off",
    share: 4,
    full: 600,
  },
  {
    async strike(workload, campaign, draw) {
      const violations: Violation[] = [];
      const kills = 1 + Math.floor(draw() * MOST_KILLED_CHILDREN);
      for (let count = 0; count < kills; count++) {
        const before = workload.witnesses().length;
        const start = count === 0 ? startRun(workload, campaign) : startResume(workload, campaign, {});
        await awaitMoment(start, draw, { ...PACE, startUpMs: 0 });
        for (const { pid } of workload.witnesses().slice(before).slice(-1)) signalPid(pid, "SIGKILL");
        violations.push(...checkEnd(await start.ended, [0, 1, 2]), ...(await checkWorkload(workload)));
      }
      return violations;
    },
  },
);

export const workerKilled = makeKind(
  {
    name: "worker-killed",
    what: "kill -9 of the zygote at any moment, its import too, its orchestrator too or not: its runs are tried again",
    share: 2,
  },
  {
    async strike(workload, campaign, draw) {
      const start = startRun(workload, campaign);
      if (draw() < SHARE_OF_IMPORTS) await awaitImport(workload, start, draw);
      else await awaitMoment(start, draw, PACE);
      signalWorkers(workload, start, "SIGKILL");
      const isAlone = draw() < 0.4 && start.signal("SIGKILL");
      const ended = [...checkEnd(await start.ended, isAlone ? [null] : [0, 1]), ...(await checkWorkload(workload))];
      // What had failed before its orchestrator was killed makes the session fail: that is finished, and resumed in turn.
      const end = await startResume(workload, campaign).ended;
      return [...ended, ...checkEnd(end, [0, 1, 2])];
    },
  },
);

export const workerEnded = makeKind(
  {
    name: "worker-ended",
    what: "SIGTERM to a worker of one of two environments, at any moment: nothing waits for it, and what had not begun is begun elsewhere",
    share: 1,
    full: 40,
  },
  {
    run: IN_TWO_ENVIRONMENTS,
    async strike(workload, campaign, draw) {
      const start = startRun(workload, campaign, NO_IMPATIENCE);
      if (!(await start.shows('"run.started"'))) return checkEnd(await start.ended, [0]);
      await awaitMoment(start, draw, { ...PACE, startUpMs: 0 });
      const workers = listWorkers(workload);
      const victim = workers[Math.floor(draw() * workers.length)];
      if (victim !== undefined) signalPid(victim, "SIGTERM");
      return [...checkEnd(await start.ended, [0, 1]), ...(await checkWorkload(workload))];
    },
  },
);

export const workerWedged = makeKind(
  {
    name: "worker-wedged",
    what: "a zygote that hangs (SIGSTOP) at any moment: it is found out and ended, or by `resume` if its orchestrator is gone",
    share: 3,
  },
  {
    async strike(workload, campaign, draw) {
      const start = startRun(workload, campaign, { environment: PATIENCE });
      // One that hangs while it reads the project is the user's to interrupt.
      if (!(await start.shows('"run.started"'))) return checkEnd(await start.ended, [0]);
      await awaitMoment(start, draw, { ...PACE, startUpMs: 0 });
      const isAlone = draw() < 0.4;
      signalWorkers(workload, start, "SIGSTOP");
      if (isAlone) start.signal("SIGKILL");
      const ended = checkEnd(await start.ended, [0, 1, null]);
      return isAlone ? ended : [...ended, ...(await checkWorkload(workload))];
    },
  },
);

/** One trial for each byte that an events file may be cut at. */
export const kedroEventsCut = makeKind(
  {
    name: "kedro-events-cut",
    what: "a Kedro run dies with its orchestrator, and its events file ends anywhere: the session is finished all the same",
    share: 2,
  },
  {
    async strike(workload, campaign, draw) {
      const start = startRun(workload, campaign);
      await awaitMoment(start, draw, PACE);
      start.signal("SIGKILL");
      const ended = checkEnd(await start.ended, [null, 0]);
      endProcesses(workload.marked.list());
      await workload.marked.remaining(5_000);
      for (const file of openAttempts(workload)) {
        const bytes = readFileSync(file).length;
        truncateSync(file, Math.floor(draw() * (bytes + 1)));
      }
      return ended;
    },
  },
);

/** The events files of attempts that have no end on record. */
function openAttempts(workload: TrialFolder): string[] {
  const session = readRegistry(workload, (registry) => registry.findSession("latest"));
  const open = (session?.runs ?? []).filter(({ run_id, status }) => run_id !== null && status === "running");
  const files = open.map(({ run_id }) => join(workload.state, "attempts", String(run_id), "events"));
  return files.filter((file) => readable(file));
}

function readable(file: string): boolean {
  try {
    return readFileSync(file).length >= 0;
  } catch {
    return false;
  }
}

/** Not what else an orchestrator starts, such as Git. */
function signalWorkers(workload: TrialFolder, { pid }: Orchestrator, signal: NodeJS.Signals): void {
  for (const worker of findWorkers(workload, pid)) signalPid(worker, signal);
}

function findWorkers({ marked }: TrialFolder, parent: number): number[] {
  const workers = marked.find((argv) => argv.includes("runweave_worker"));
  return marked.childrenOf(parent).filter((pid) => workers.includes(pid));
}

/** The workers that are on record, those that were forked from others too. */
function listWorkers({ state }: TrialFolder): number[] {
  const records = join(state, "workers");
  if (!existsSync(records)) return [];
  return readdirSync(records)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Lets a worker be started, and get some way into the import. */
async function awaitImport(workload: TrialFolder, orchestrator: Orchestrator, draw: Draw): Promise<void> {
  await orchestrator.until(() => findWorkers(workload, orchestrator.pid).length > 0);
  await delay(draw() * IMPORT_MS);
}
