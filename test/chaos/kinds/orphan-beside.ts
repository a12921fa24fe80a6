import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readClaim } from "../../../src/processes/claim.ts";
import { checkWorkload } from "../real/disk-invariants.ts";
import { endProcesses, signalPid } from "../real/end-processes.ts";
import { Orchestrator } from "../real/orchestrator.ts";
import { readRegistry } from "../real/read-registry.ts";
import { checkEnd } from "../real/sessions.ts";
import { TrialFolder } from "../real/trial-folder.ts";
import type { Campaign, TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const POLL_MS = 10;
/** Two seconds of writing, if nobody ends it. */
const WRITER = 'for turn in $(seq 100); do echo A$turn >>"$TARGET"; sleep 0.02; done';

interface Case {
  name: string;
  /** How the writer is started. */
  start: string;
  /** How long the run's own process then lives, in seconds. */
  leaderSeconds: string;
  killsLeader: boolean;
  /** Captured. */
  path: string;
  target: string;
}

const STARTS = { "in its group": `sh -c '${WRITER}' &`, "in a session of its own": `setsid sh -c '${WRITER}' &` };
const CASES: readonly Case[] = Object.entries(STARTS).flatMap(([where, start]) =>
  [true, false].flatMap((killsLeader) =>
    [
      { path: "plain/it", target: "plain/it" },
      { path: "plain", target: "plain/it" },
    ].map((paths) => ({
      name: `a writer ${where}, its run ${killsLeader ? "killed" : "ended"}, ${paths.path} is captured`,
      start,
      killsLeader,
      leaderSeconds: killsLeader ? "5" : "0.2",
      ...paths,
    })),
  ),
);

export const orphanBeside: TrialKind = {
  name: "orphan-beside",
  what: "the orchestrator is killed, its run too or at its end, and what the run left in the background writes on: who captures the same path has it alone",
  hasProcesses: true,
  share: 2,
  full: 40,
  async run(seed, campaign) {
    const cases = CASES.filter(({ name }) => campaign.isWanted(name));
    const chosen = cases[seed % Math.max(1, cases.length)];
    if (chosen === undefined) return [];
    const found = await play(chosen, campaign);
    return found.map((each) => ({ ...each, detail: `${chosen.name}: ${each.detail}` }));
  },
};

async function play(chosen: Case, campaign: Campaign): Promise<Violation[]> {
  const trial = new TrialFolder(campaign.folder, { steps: [], expected: {} });
  const { folder } = trial;
  mkdirSync(join(folder, "plain"));
  writeFileSync(trial.file, JSON.stringify(describeFirst(chosen)));
  writeFileSync(join(folder, "second.json"), JSON.stringify(describeSecond(chosen)));
  try {
    await leaveOrphan(chosen, trial, campaign);
    const second = start(trial, campaign, ["run", "second.json", "--json"]);
    const found = checkEnd(await second.ended, [0]);
    found.push(...judge(trial, "second", "B1\nB2\n"));
    writeFileSync(join(folder, "cured"), "");
    found.push(...checkEnd(await start(trial, campaign, ["resume", "--json"]).ended, [0]));
    return [...found, ...judge(trial, "first", "A\n"), ...(await checkWorkload(trial))];
  } finally {
    endProcesses(trial.marked.list());
    trial.remove();
  }
}

function describeFirst({ path, target, start: begin, leaderSeconds }: Case): object {
  const cure = `[ ! -e cured ] || { echo A >${target}; exit 0; }`;
  const script = `${cure}; : >${target}; export TARGET=$PWD/${target}; ${begin} : >begun; sleep ${leaderSeconds}`;
  return { name: "first", runs: { first: { command: ["sh", "-c", script], outputs: { it: path } } } };
}

function describeSecond({ path, target }: Case): object {
  const script = `echo B1 >${target}; sleep 0.3; echo B2 >>${target}`;
  return { name: "second", runs: { second: { command: ["sh", "-c", script], outputs: { it: path } } } };
}

async function leaveOrphan({ killsLeader }: Case, trial: TrialFolder, campaign: Campaign): Promise<void> {
  const first = start(trial, campaign, ["run", trial.file, "--json"]);
  await first.shows('"run.started"');
  while (!existsSync(join(trial.folder, "begun"))) await delay(POLL_MS);
  first.signal("SIGKILL");
  await first.ended;
  const attempt = findAttempt(trial, "first");
  const folder = join(trial.state, "attempts", attempt?.run_id ?? "");
  const leader = readClaim(folder)?.owner?.pid;
  if (killsLeader && leader !== undefined) signalPid(leader, "SIGKILL");
  else while (!existsSync(join(folder, "exit"))) await delay(POLL_MS);
}

function findAttempt(trial: TrialFolder, run: string) {
  return readRegistry(trial, (registry) => {
    const runs = registry.listSessions().flatMap(({ session_id }) => registry.findSession(session_id)?.runs ?? []);
    return runs.find((each) => each.run === run);
  });
}

/** What a run captured is what it wrote, and nothing else. */
function judge(trial: TrialFolder, run: string, wanted: string): Violation[] {
  const location = findAttempt(trial, run)?.outputs.it?.location ?? "nowhere";
  const file = existsSync(join(location, "it")) ? join(location, "it") : location;
  const content = existsSync(file) ? readFileSync(file, "utf8") : "not there";
  if (content === wanted) return [];
  const detail = `what ${run} captured is ${JSON.stringify(content.slice(0, 200))}`;
  return [violate("same-outputs-as-uninterrupted", detail)];
}

function start(trial: TrialFolder, { packageFolder }: Campaign, args: string[]): Orchestrator {
  return new Orchestrator(trial, { packageFolder, args });
}
