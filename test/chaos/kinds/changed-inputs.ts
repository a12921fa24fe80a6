import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { RunRecord } from "../../../src/core/run.ts";
import { endProcesses } from "../real/end-processes.ts";
import { readRegistry } from "../real/read-registry.ts";
import { checkEnd, startResume, startRun } from "../real/sessions.ts";
import { TrialFolder } from "../real/trial-folder.ts";
import type { Campaign, TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const POLL_MS = 10;
const RIGHT = "right\n";
/** It reads once it may, and ends once it may. No word of it is a file, as files that it names are part of its fingerprint. */
const READ =
  ': >"$FLAGS/begun"; until [ -e "$FLAGS/go" ]; do sleep 0.01; done; cat "$1" >"$2"; : >"$FLAGS/read"; until [ -e "$FLAGS/leave" ]; do sleep 0.01; done';

/** Puts other content in the place of an input; what it gives puts the former back, with its times. */
type Change = (path: string) => () => void;

const CHANGES: Readonly<Record<string, Change>> = {
  "written over": (path) => {
    cpSync(path, `${path}.kept`, { preserveTimestamps: true });
    writeFileSync(path, "WRONG\n");
    return () => {
      cpSync(`${path}.kept`, path, { preserveTimestamps: true });
      rmSync(`${path}.kept`);
    };
  },
  "moved away, with another in its place": (path) => {
    renameSync(path, `${path}.kept`);
    writeFileSync(path, "WRONG\n");
    return () => renameSync(`${path}.kept`, path);
  },
};
const INPUTS = ["a file", "a version"] as const;

interface Case {
  input: (typeof INPUTS)[number];
  how: string;
  /** Whether the orchestrator is dead while that happens, and another one goes on with the session. */
  isKilled: boolean;
  /** Whether what was there is put back before anybody looks again. */
  isPutBack: boolean;
}

const CASES: readonly Case[] = INPUTS.flatMap((input) =>
  Object.keys(CHANGES).flatMap((how) =>
    [true, false].flatMap((isPutBack) => [true, false].map((isKilled) => ({ input, how, isKilled, isPutBack }))),
  ),
);

export const changedInputs: TrialKind = {
  name: "changed-inputs",
  what: "an input is another one while a run reads it, for a while or for good, its orchestrator alive or killed: the run fails, or it is on record with it and its result reused by nobody",
  hasProcesses: true,
  share: 4,
  full: 48,
  async run(seed, campaign) {
    const cases = CASES.filter((each) => campaign.isWanted(tell(each)));
    const chosen = cases[seed % Math.max(1, cases.length)];
    if (chosen === undefined) return [];
    const found = await play(chosen, campaign);
    return found.map((each) => ({ ...each, detail: `${tell(chosen)}: ${each.detail}` }));
  },
};

function tell({ input, how, isKilled, isPutBack }: Case): string {
  return `${input}, ${how}${isPutBack ? ", put back" : ""}${isKilled ? ", after a kill" : ""}`;
}

async function play({ input, how, isKilled, isPutBack }: Case, campaign: Campaign): Promise<Violation[]> {
  const trial = new TrialFolder(campaign.folder, { steps: [], expected: {} });
  writeWorkflow(trial, input);
  try {
    const orchestrator = startRun(trial, campaign);
    await waitFor(trial, "begun");
    if (isKilled) orchestrator.signal("SIGKILL");
    const putBack = CHANGES[how]?.(findInput(trial, input));
    writeFileSync(join(flagsOf(trial), "go"), "");
    await waitFor(trial, "read");
    if (isPutBack) putBack?.();
    writeFileSync(join(flagsOf(trial), "leave"), "");
    const found = checkEnd(await orchestrator.ended, isKilled ? [null] : [0, 1]);
    if (isKilled) found.push(...checkEnd(await startResume(trial, campaign).ended, [0, 1]));
    found.push(...judge(trial));
    if (isPutBack) found.push(...checkEnd(await startRun(trial, campaign).ended, [0]), ...judge(trial));
    return found;
  } finally {
    endProcesses(trial.marked.list());
    trial.remove();
  }
}

function writeWorkflow(trial: TrialFolder, input: Case["input"]): void {
  const isFile = input === "a file";
  const fill = `printf '%s' '${RIGHT}' >"$1"`;
  const make = { command: ["sh", "-c", fill, "sh", `\${outputs.table.path}`], outputs: ["table"] };
  const consumes = { table: isFile ? { file: "raw" } : "make" };
  const command = ["sh", "-c", READ, "sh", `\${inputs.table.path}`, `\${outputs.report.path}`];
  const flags = flagsOf(trial);
  mkdirSync(flags);
  const read = { command, consumes, outputs: ["report"], environment: { FLAGS: flags } };
  // Else either could be reused for the other.
  const again = { ...read, needs: ["read"], environment: { FLAGS: flags, WHICH: "again" } };
  const runs = { ...(isFile ? {} : { make }), read, again };
  writeFileSync(join(trial.folder, "raw"), RIGHT);
  writeFileSync(trial.file, JSON.stringify({ defaults: { cache: "on" }, runs }));
}

function findInput(trial: TrialFolder, input: Case["input"]): string {
  if (input === "a file") return join(trial.folder, "raw");
  const location = findRuns(trial).find(({ run }) => run === "make")?.outputs.table?.location;
  if (location === undefined) throw new Error("`make` has saved nothing");
  return location;
}

function flagsOf({ folder }: TrialFolder): string {
  return join(folder, "flags");
}

async function waitFor(trial: TrialFolder, name: string): Promise<void> {
  const endMs = performance.now() + trial.limitMs;
  while (!existsSync(join(flagsOf(trial), name))) {
    if (performance.now() > endMs) throw new Error(`${name} is not there after ${trial.limitMs} ms`);
    await delay(POLL_MS);
  }
}

/** What a run made of something else than its pins name is no success, or says so, and nobody has reused it. */
function judge(trial: TrialFolder): Violation[] {
  return findRuns(trial).flatMap((each) => {
    const { run, status, outputs, notes } = each;
    const location = outputs.report?.location;
    if (location === undefined || (status !== "success" && status !== "reused")) return [];
    if (readFileSync(location, "utf8") === RIGHT || (status === "success" && notes.length > 0)) return [];
    const detail = `${run} is a ${status}, and its output is made of something else than its pins name`;
    return [violate("same-outputs-as-uninterrupted", detail)];
  });
}

function findRuns(trial: TrialFolder): readonly RunRecord[] {
  return readRegistry(trial, (registry) => registry.findSession("latest")?.runs) ?? [];
}
