import { accept, type Checked, type Problem, problemAt, warningAt } from "../../core/error/problem.ts";
import type { GivenRead, Read } from "../../core/read.ts";
import { versionOf } from "../../core/read-version.ts";
import { findRead, listFrozen, listSupplied, listUpstream, takePlace } from "../../core/select-reads.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import { ExplainError } from "../../explain/explain-error.ts";
import { findSavedVersion } from "../../explain/find/find-saved-version.ts";
import { findTarget } from "../../explain/find/read-target.ts";
import { groupByName } from "../../plan/expand/find-target.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { findSiblings } from "../../plan/transcoding.ts";
import { freezeRunId } from "../freeze/freeze-run-id.ts";
import type { ChangedRuns } from "../prepare/apply-settings.ts";
import type { RegistrySource } from "../registry-source.ts";

const USAGE = "--pin DATASET@RUN=RUN_ID";

/** One read of one run. */
interface NamedRead {
  run: PlannedRun;
  dataset: string;
}

export interface PinOptions {
  registry: RegistrySource;
  /** Returns the version of a dataset that a run read in the replayed session. */
  versionThen(run: string, dataset: string): string | undefined;
}

/**
 * Carries out what `--pin [RUN.]DATASET=RUN_ID` or `--pin DATASET@RUN=RUN_ID` says: the run reads what that run saved. A version,
 * `DATASET@RUN` or an alias, may stand for the RUN_ID. Problems: `invalid-pin`, `unknown-dataset`, `ambiguous-dataset`, and those of a
 * version that can't be had; a warning: `unchanged`.
 */
export async function applyPins(
  runs: readonly PlannedRun[],
  pins: readonly string[],
  { registry, versionThen }: PinOptions,
): Promise<Checked<ChangedRuns<PlannedRun>>> {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const byName = new Map(runs.map((run) => [run.run, run]));
  const changed = new Map<string, string>();
  for (const text of pins) {
    const pin = readPin(runs, text, registry);
    if (!pin.ok) {
      problems.push(...pin.problems);
      continue;
    }
    for (const { run, dataset } of pin.value.reads) {
      const current = byName.get(run.run) ?? run;
      const input = await freezePin(current, { dataset, saved: pin.value.saved }, registry);
      if (!input.ok) problems.push(...input.problems.map((problem) => ofPin(problem, text)));
      else if (versionThen(run.run, dataset) === versionOf(input.value))
        warnings.push(warningAt(null, "unchanged", `--pin ${text} changes nothing: ${run.run} read that version`));
      else {
        byName.set(run.run, injectInstead(current, dataset, input.value));
        changed.set(run.run, `${dataset} is pinned to ${versionOf(input.value)}`);
      }
    }
  }
  // Arms are alike: what is wrong for one is said once.
  const once = [...new Map(problems.map((problem) => [problem.message, problem])).values()];
  if (once.length > 0) return { ok: false, problems: once };
  return accept({ runs: [...byName.values()], changed }, warnings);
}

/** Saved dataset that a pin names. If `dataset` is null, it has the reader's own name. */
interface Saved {
  runId: string;
  dataset: string | null;
}

function readPin(
  runs: readonly PlannedRun[],
  text: string,
  registry: RegistrySource,
): Checked<{ reads: NamedRead[]; saved: Saved }> {
  const split = findSplit(runs, text);
  if (split < 1 || split === text.length - 1) {
    return reject("invalid-pin", `--pin takes DATASET@RUN=RUN_ID, not "${text}"`, USAGE);
  }
  const [name, word] = [text.slice(0, split), text.slice(split + 1)];
  const named = nameReads(runs, name);
  if (!named.ok) return named;
  if (groupByName(runs).has(word)) {
    const hint = "`runweave show SESSION` lists the run_ids of its runs";
    return reject("invalid-pin", `--pin ${text}: this needs a run_id, and "${word}" is the name of a run`, hint);
  }
  const saved = readSaved(word, registry);
  return saved.ok ? accept({ reads: named.value, saved: saved.value }) : saved;
}

/** A run_id, which is looked up when it is frozen; or a version by its name. */
function readSaved(word: string, registry: RegistrySource): Checked<Saved> {
  const reader = registry.open();
  if (reader === null || findTarget(reader, word) === null) return accept({ runId: word, dataset: null });
  try {
    const { head, dataset } = findSavedVersion(reader, word, { session: undefined, usage: USAGE });
    return accept({ runId: head.run_id, dataset });
  } catch (error) {
    if (error instanceof ExplainError) return reject(error.code, error.message, error.hint);
    throw error;
  }
}

/** An arm on either side may hold any text: the last `=` that has a read on its left, else the last outside of an arm's brackets. */
function findSplit(runs: readonly PlannedRun[], text: string): number {
  const signs = [...text.matchAll(/=/g)].map(({ index }) => index).reverse();
  const known = signs.find((at) => nameReads(runs, text.slice(0, at)).ok);
  return known ?? text.replace(/\[[^\]]*\]/g, (arm) => " ".repeat(arm.length)).lastIndexOf("=");
}

function nameReads(runs: readonly PlannedRun[], name: string): Checked<NamedRead[]> {
  const named = findReads(runs, name);
  if (named.length > 0) return accept(named);
  const reads = runs.flatMap((run) => (listReads(run).includes(name) ? [{ run, dataset: name }] : []));
  const declared = [...new Set(reads.map(({ run }) => run.definition.name))];
  if (declared.length === 1) return accept(reads);
  if (declared.length > 1) {
    const hint = `say which: ${declared.map((each) => `${each}.${name}`).join(", ")}`;
    return reject("ambiguous-dataset", `${declared.length} runs read "${name}"`, hint);
  }
  const known = runs.flatMap((run) => listReads(run).flatMap((dataset) => [dataset, `${run.run}.${dataset}`]));
  return reject("unknown-dataset", `no run of the session reads "${name}"`, didYouMean(name, new Set(known)));
}

/** Splits `RUN.DATASET` or `DATASET@RUN`: names of runs and of datasets may hold dots. */
function findReads(runs: readonly PlannedRun[], name: string): NamedRead[] {
  for (const [run, arms] of groupByName(runs)) {
    const isBefore = name.startsWith(`${run}.`);
    if (!isBefore && !name.endsWith(`@${run}`)) continue;
    const dataset = isBefore ? name.slice(run.length + 1) : name.slice(0, -run.length - 1);
    const reads = arms.filter((arm) => listReads(arm).includes(dataset)).map((arm) => ({ run: arm, dataset }));
    if (reads.length > 0) return reads;
  }
  return [];
}

/** The reads that can be pinned to another version. */
function listReads(run: PlannedRun): string[] {
  return [...listSupplied(run), ...listFrozen(run)].map(([dataset]) => dataset);
}

/** The dataset goes by the name that its writer gave it, as far as the version or the plan tells. */
async function freezePin(
  { reads }: PlannedRun,
  { dataset, saved }: { dataset: string; saved: Saved },
  registry: RegistrySource,
): Promise<Checked<GivenRead>> {
  const read = findRead(reads, dataset);
  const name = saved.dataset ?? nameThere(dataset, read);
  const as = read !== undefined && "as" in read && read.rule !== "file" ? read.as : "upstream";
  const freezing = await freezeRunId({ kind: "run_id", run_id: saved.runId, dataset: name, as }, registry);
  if (freezing.ok) {
    const { input } = freezing;
    return accept({ ...input, reason: input.reason.replace(/^the workflow names/, "the replay names") });
  }
  const { code, message, hint } = freezing.fault;
  return reject(code, message, hint);
}

function nameThere(dataset: string, read: Read | undefined): string {
  if (read?.rule === "consumed") return read.dataset;
  return read?.rule === "run_id" || read?.rule === "alias" ? read.from_dataset : dataset;
}

/**
 * Reads the input in the place of the former one. All siblings of the dataset are one file. A run that consumes no
 * dataset of another one any more does not wait for it.
 */
export function injectInstead(run: PlannedRun, dataset: string, input: GivenRead): PlannedRun {
  const names = new Set([dataset, ...findSiblings(listReads(run), dataset)]);
  const given = Array.from(names, (name) => [name, takePlace(input, findRead(run.reads, name))] as const);
  const changed = { ...run, reads: { ...run.reads, ...Object.fromEntries(given) } };
  const left = new Set(listUpstream(changed));
  const dropped = new Set(listUpstream(run).filter((name) => !left.has(name)));
  const isNeeded = (need: string) => !dropped.has(need) || run.definition.needs.some((name) => isArmOf(need, name));
  return { ...changed, needs: run.needs.filter(isNeeded) };
}

function isArmOf(run: string, name: string): boolean {
  return run === name || run.startsWith(`${name}[`);
}

function ofPin(problem: Problem, text: string): Problem {
  return { ...problem, message: `--pin ${text}: ${problem.message}` };
}

function reject(code: string, message: string, hint: string | null): { ok: false; problems: Problem[] } {
  return { ok: false, problems: [problemAt(null, code, message, hint)] };
}
