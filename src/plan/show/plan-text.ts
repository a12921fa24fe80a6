import { hasCatalog } from "../../core/kinds.ts";
import type { Task } from "../../core/port/runner.ts";
import type { Read } from "../../core/read.ts";
import { versionOf } from "../../core/read-version.ts";
import { describeResources } from "../../core/resources.ts";
import { listUpstream } from "../../core/select-reads.ts";
import { cleanName } from "../clean-name.ts";
import { findLimit } from "../find-limit.ts";
import { formatNames } from "../format-names.ts";
import { formatPath } from "../places/format-path.ts";
import { listTurns, type Turns } from "../places/list-turns.ts";
import type { Plan, PlannedRun } from "../plan.ts";
import { describePolicy } from "./describe-policy.ts";

const STILL_TO_COME = "still to come";
/** Widest column that is aligned: one long name must not push every other column off the screen. */
const MAX_COLUMN = 40;
const MAX_COMMAND = 60;

interface Widths {
  run: number;
  dataset: number;
  source: number;
}

/**
 * The plan for people: waves of runs that can go side by side, and below each run its policies and what it reads from whom: the version
 * where it is known, "still to come" where an upstream run has yet to save it.
 */
export function toPlanText(plan: Plan): string {
  const waves = groupIntoWaves(plan.runs);
  const widths = measureColumns(plan.runs);
  const turns = listTurns(plan.runs);
  const body = waves.flatMap((runs, index) => {
    const lines = runs.flatMap((run) => formatRun(plan, run, { widths, turns: turns.get(run.run) ?? [] }));
    return ["", `wave ${index + 1}`, ...lines];
  });
  return `${[...formatHead(plan, waves.length), ...body].join("\n")}\n`;
}

/** A run's wave is the one after the last of what it needs. */
function groupIntoWaves(runs: readonly PlannedRun[]): PlannedRun[][] {
  const waveOf = new Map<string, number>();
  const waves: PlannedRun[][] = [];
  for (const run of runs) {
    const wave = run.needs.reduce((latest, need) => Math.max(latest, (waveOf.get(need) ?? -1) + 1), 0);
    waveOf.set(run.run, wave);
    const members = waves[wave] ?? [];
    waves[wave] = members;
    members.push(run);
  }
  return waves;
}

function formatHead(plan: Plan, waves: number): string[] {
  const limit = plan.maxParallel === null ? "as many at a time as there are CPUs" : `${plan.maxParallel} at a time`;
  const size = `${count(plan.runs.length, "run")} in ${count(waves, "wave")}`;
  const resources = findLimit(plan);
  const within = resources === null ? "" : `, within ${describeResources(resources) || "nothing"}`;
  const head = `${cleanName(plan.workflow)}: ${size}, ${limit}${within}, ${plan.onFailure}`;
  if (plan.publish.length === 0) return [head];
  return [head, `publishes ${plan.publish.map(({ run, dataset }) => cleanName(`${dataset} of ${run}`)).join(", ")}`];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

interface RunLayout {
  widths: Widths;
  turns: readonly Turns[];
}

function formatRun(plan: Plan, run: PlannedRun, { widths, turns }: RunLayout): string[] {
  const consumed = new Set(listUpstream(run));
  const waits = run.needs.filter((need) => !consumed.has(need)).map(cleanName);
  const after = waits.length === 0 ? "" : `, after ${formatNames(waits)}`;
  const head = `  ${pad(cleanName(run.run), widths.run)}  ${pad(run.task.kind, "command".length)}  ${formatTask(run.task, plan)}${after}`;
  const policy = cleanName(describePolicy(run));
  const reads = listReads(run).map((read) => formatRead(read, widths));
  const shared = turns.map((each) => formatTurns(each, run.task));
  return [head, ...(policy === "" ? [] : [`      ${policy}`]), ...shared, ...reads];
}

function formatTurns({ path, others }: Turns, task: Task): string {
  const place = hasCatalog(task) ? formatPath(path, task.project_path) : path;
  return cleanName(`      takes turns with ${formatNames(others)} at ${place}`);
}

function formatTask(task: Task, plan: Pick<Plan, "file">): string {
  switch (task.kind) {
    case "kedro": {
      const env = task.env === null ? "" : ` (${task.env})`;
      return cleanName(`${task.pipeline_names.join(" + ")}${env}`);
    }
    case "command":
      return shorten(cleanName(task.argv.join(" ")));
    case "module":
      return shorten(cleanName(describePath(task.module.path, plan)));
    default:
      return task satisfies never;
  }
}

function shorten(command: string): string {
  return command.length > MAX_COMMAND ? `${command.slice(0, MAX_COMMAND - 1).toWellFormed()}…` : command;
}

/** Path relative to the folder of the workflow file, if it lies in that. */
function describePath(path: string, { file }: Pick<Plan, "file">): string {
  const folder = file === null ? "/" : file.slice(0, file.lastIndexOf("/") + 1);
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}

interface ShownRead {
  dataset: string;
  source: string;
  version: string;
}

function listReads(run: PlannedRun): ShownRead[] {
  return Object.entries(run.reads).flatMap(([dataset, read]) => {
    const source = formatSource(dataset, read);
    if (source === null) return [];
    const version = versionOf(read) ?? STILL_TO_COME;
    return [{ dataset: cleanName(dataset), source: cleanName(source), version: cleanName(version) }];
  });
}

/** Null for what the run writes itself, and for what floats. */
function formatSource(dataset: string, read: Read): string | null {
  switch (read.rule) {
    case "consumed":
      return read.dataset === dataset ? read.run : `${read.dataset} of ${read.run}`;
    case "frozen":
    case "plain":
      return "the project";
    case "own":
    case "floating":
      return null;
    default:
      return read.source;
  }
}

function formatRead({ dataset, source, version }: ShownRead, widths: Widths): string {
  return `      ${pad(dataset, widths.dataset)}  from  ${pad(source, widths.source)}  ${version}`;
}

function measureColumns(runs: readonly PlannedRun[]): Widths {
  const widths: Widths = { run: 0, dataset: 0, source: 0 };
  const widen = (column: keyof Widths, text: string): void => {
    if (text.length <= MAX_COLUMN) widths[column] = Math.max(widths[column], text.length);
  };
  for (const run of runs) {
    widen("run", cleanName(run.run));
    for (const { dataset, source } of listReads(run)) {
      widen("dataset", dataset);
      widen("source", source);
    }
  }
  return widths;
}

function pad(text: string, width: number): string {
  return text.padEnd(width);
}
