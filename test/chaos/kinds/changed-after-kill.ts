import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { endProcesses } from "../real/end-processes.ts";
import { finishSession } from "../real/finish-session.ts";
import { preload, preloadLog } from "../real/preload.ts";
import { readRegistry } from "../real/read-registry.ts";
import { startRun } from "../real/sessions.ts";
import { CAPTURED, PUBLISHED, type Steps, Workload } from "../real/workload.ts";
import type { Campaign, TrialKind } from "../trial.ts";
import type { Violation } from "../violation.ts";

const POLL_MS = 10;
const OLD = new Date("2020-01-01T00:00:00Z");
const HOUR_MS = 3_600_000;
/** Long enough to be stopped at before the end of a run. */
const SLOW: Steps = Object.fromEntries(
  Object.entries(CAPTURED).map(([name, step]) => [name, { ...step, seconds: 0.5 }]),
);

/** Puts other content at a path, with times from before, as file managers, backups and archives do. */
type Change = (path: string) => void;

const CHANGES: Readonly<Record<string, Change>> = {
  "an older file is moved over it": (path) => renameSync(makeOld(`${path}.other`), path),
  "cp -p of an older file": (path) => {
    const other = makeOld(`${path}.other`);
    execFileSync("cp", ["-p", other, path]);
    rmSync(other);
  },
  "an archive is unpacked over it": (path) => {
    const other = makeOld(`${path}.other`);
    execFileSync("tar", [
      "-C",
      dirname(path),
      "-cf",
      `${path}.tar`,
      "--transform",
      "s/[.]other$//",
      `${other.slice(dirname(path).length + 1)}`,
    ]);
    execFileSync("tar", ["-C", dirname(path), "-xpf", `${path}.tar`]);
    for (const each of [other, `${path}.tar`]) rmSync(each);
  },
  "it is deleted, and restored from a backup": (path) => {
    const other = makeOld(`${path}.other`);
    rmSync(path);
    execFileSync("cp", ["-a", other, path]);
    rmSync(other);
  },
  "it is written over, and its time set back": (path) => {
    const { atime, mtime } = statSync(path);
    writeFileSync(path, "WRONG\n");
    utimesSync(path, atime, mtime);
  },
};

interface Case {
  name: string;
  change: Change;
  /** In the workload's folder. */
  path: string;
  /** What the clock of who resumes is set by. */
  clockMs: number;
}

const CASES: readonly Case[] = Object.entries(CHANGES).flatMap(([name, change]) =>
  ["plain/one", "plain/many/b"].map((path) => ({ name: `${name}: ${path}`, change, path, clockMs: 0 })),
);
const CLOCKS: readonly Case[] = [-HOUR_MS, HOUR_MS].map((clockMs) => ({
  name: `it is written over, and the clock is set by ${clockMs / HOUR_MS} h`,
  change: (path) => copyFileSync(writeTo(`${dirname(path)}.other`), path),
  path: "plain/one",
  clockMs,
}));
const ALL = [...CASES, ...CLOCKS];

export const changedAfterKill: TrialKind = {
  name: "changed-after-kill",
  what: "kill -9 when a run has ended and its captured output is not taken in; then that is changed, with older times: it is made again",
  hasProcesses: true,
  share: 2,
  full: 36,
  async run(seed, campaign) {
    const cases = ALL.filter(({ name }) => campaign.isWanted(name));
    const chosen = cases[seed % Math.max(1, cases.length)];
    if (chosen === undefined) return [];
    const found = await play(chosen, campaign);
    return found.map((each) => ({ ...each, detail: `${chosen.name}: ${each.detail}` }));
  },
};

async function play({ change, path, clockMs }: Case, campaign: Campaign): Promise<Violation[]> {
  const workload = new Workload(campaign.folder, SLOW, PUBLISHED);
  try {
    await killAtEnd(workload, campaign);
    change(join(workload.folder, path));
    rmSync(join(workload.folder, "plain.other"), { force: true });
    const extra = clockMs === 0 ? preloadLog(workload) : preload(workload, { CHAOS_CLOCK: `0:${clockMs}` });
    return await finishSession(workload, campaign, extra);
  } finally {
    endProcesses(workload.marked.list());
    workload.remove();
  }
}

/** Both runs have come to their end, and the orchestrator, which was stopped before, has seen nothing of that. */
async function killAtEnd(workload: Workload, campaign: Campaign): Promise<void> {
  const orchestrator = startRun(workload, campaign);
  for (const run of ["one", "many"]) {
    await orchestrator.printsLine((line) => line.includes('"run.started"') && line.includes(`"run":"${run}"`));
  }
  orchestrator.signal("SIGSTOP");
  const session = readRegistry(workload, (registry) => registry.findSession("latest"));
  const started = (session?.runs ?? []).flatMap(({ run_id, status }) =>
    status === "running" && run_id ? [run_id] : [],
  );
  for (const runId of started) {
    while (!existsSync(join(workload.state, "attempts", runId, "exit"))) await delay(POLL_MS);
  }
  orchestrator.signal("SIGKILL");
  await orchestrator.ended;
}

function makeOld(path: string): string {
  utimesSync(writeTo(path), OLD, OLD);
  return path;
}

function writeTo(path: string): string {
  writeFileSync(path, "WRONG\n");
  if (readFileSync(path, "utf8") !== "WRONG\n") throw new Error(`${path} can't be written`);
  return path;
}
