import { isDataFile } from "../../core/data-file.ts";
import { isMapping } from "../../core/json.ts";
import type { Json } from "../../core/run.ts";
import { formatCanonical, isSameJson } from "../../plan/canonical-json.ts";
import { type Drift, LOCK_PARTS, type Lock, type LockedPin, type LockedRun, type LockPart } from "./lock.ts";

/** Finds the file in the checkout that a part of a lock file names: null if it is unknown. */
export type FindFile = (part: LockPart, key: string, run: string) => string | null;

/** Lists differences from the lock file, the first cause first; one that concerns several runs is told once. */
export function compareLocks(before: Lock, after: Lock, findFile: FindFile = () => null): Drift[] {
  const drifts = new Map<string, Drift>();
  const add = (found: Found, run: string | null) => {
    const { part, key } = found;
    const drift = { ...found, file: found.file ?? findFile(part, key, run ?? "") };
    const { file } = drift;
    const id = formatCanonical([part, key, file, drift.before, drift.after]);
    const known = drifts.get(id) ?? { ...drift, runs: [] };
    if (run !== null) known.runs.push(run);
    drifts.set(id, known);
  };
  for (const found of compareLeaves(flatten({ ...before.workflow }), flatten({ ...after.workflow })))
    add({ part: "workflow", ...found }, null);
  for (const run of unionOf(before.runs, after.runs)) {
    const [was, is] = [ownOf(before.runs, run), ownOf(after.runs, run)];
    if (was === undefined || is === undefined) {
      const tell = (known: LockedRun | undefined) => known?.fingerprint ?? null;
      add({ part: "workflow", key: `runs.${run}`, before: tell(was), after: tell(is) }, null);
    } else for (const found of compareWhole([before, was], [after, is])) add(found, run);
  }
  return [...drifts.values()].sort((a, b) => LOCK_PARTS.indexOf(a.part) - LOCK_PARTS.indexOf(b.part));
}

type Leaves = Record<string, Json>;
type Found = Omit<Drift, "runs" | "file"> & { file?: string | undefined };

/** Reports a fingerprint that differs though no other part does: the lock file can't be trusted then. */
function compareWhole(before: [Lock, LockedRun], after: [Lock, LockedRun]): Found[] {
  const found = compareRuns(before, after);
  const [was, is] = [before[1].fingerprint, after[1].fingerprint];
  return found.length > 0 || was === is ? found : [{ part: "workflow", key: "fingerprint", before: was, after: is }];
}

function compareRuns([before, was]: [Lock, LockedRun], [after, is]: [Lock, LockedRun]): Found[] {
  const [left, right] = [describeRun(before, was), describeRun(after, is)];
  // Digests of code are not comparable between versions of Python: each writes parsed code in another way.
  const isOtherPython = seriesOf(left.environment) !== seriesOf(right.environment);
  return LOCK_PARTS.flatMap((part): Found[] => {
    if (part === "code" && isOtherPython) return [];
    const found = compareLeaves(left[part], right[part]).map((leaf) => ({ part, ...leaf }));
    return part === "pins" ? found.flatMap((pin) => comparePins(pin, was.pins[pin.key], is.pins[pin.key])) : found;
  });
}

/** Field by field, unless it is another kind of pin, or one that is new or gone. */
function comparePins(found: Found, was: LockedPin | undefined, is: LockedPin | undefined): Found[] {
  if (was === undefined || is === undefined || was.rule !== is.rule) return [found];
  const fields = compareLeaves({ ...was }, { ...is });
  return fields.map((field) => ({ ...field, part: "pins", key: `${found.key}.${field.key}`, file: is.path }));
}

function describeRun(lock: Lock, run: LockedRun): Record<LockPart, Leaves> {
  const { environment, task, program, code, parameters, catalog, pins } = run;
  const facts = environment === null ? undefined : lock.environments[environment];
  return {
    workflow: {},
    task: flatten(task),
    program,
    environment:
      facts === undefined
        ? {}
        : { python: facts.python, ...(facts.kedro === undefined ? {} : { kedro: facts.kedro }), ...facts.packages },
    code,
    parameters,
    catalog,
    pins: Object.fromEntries(Object.entries(pins).map(([dataset, pin]) => [dataset, { ...pin }])),
  };
}

function seriesOf({ python = null }: Leaves): string | undefined {
  return typeof python === "string" ? /^\d+\.\d+/.exec(python)?.[0] : undefined;
}

function compareLeaves(was: Leaves, is: Leaves): { key: string; before: Json; after: Json }[] {
  return unionOf(was, is).flatMap((key) => {
    const [before, after] = [ownOf(was, key), ownOf(is, key)];
    const isSame = before !== undefined && after !== undefined && isSameJson(before, after);
    return isSame ? [] : [{ key, before: before ?? null, after: after ?? null }];
  });
}

function ownOf<T>(mapping: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

function unionOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

/** Lists are leaves. */
function flatten(value: Record<string, Json>, prefix = ""): Leaves {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => {
      return isMapping(part) ? Object.entries(flatten(part, `${prefix}${key}.`)) : [[`${prefix}${key}`, part]];
    }),
  );
}

/** `python of train: "3.11.9" -> "3.12.1"`: one line for people. */
export function describeDrift({ part, key, runs, file, before, after }: Drift): string {
  const [first = "", ...others] = runs;
  const whose = runs.length === 0 ? "" : ` of ${first}${others.length === 0 ? "" : ` and ${others.length} more`}`;
  // Differences of the workflow file need no file name.
  const where = file === null || part === "workflow" || part === "task" ? "" : ` (${file})`;
  const what = part === "code" && isDataFile(key) ? "file" : part;
  return `${what} ${key}${where}${whose}: ${tell(before)} -> ${tell(after)}`;
}

function tell(side: Json): string {
  if (side === null) return "nothing";
  return typeof side === "string" ? side : formatCanonical(side);
}
