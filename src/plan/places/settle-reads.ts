import { hasCatalog, isProcess } from "../../core/kinds.ts";
import type { ProjectFacts, SliceFacts } from "../../core/project-facts.ts";
import type { ConsumedRead, GivenRead, OwnRead, Read, Reads } from "../../core/read.ts";
import { findRead } from "../../core/select-reads.ts";
import type { ExpandedRun, PlannedRun } from "../plan.ts";
import { findSiblings, findWritten, isDeclared } from "../transcoding.ts";
import { findFacts, isMemory, isWrittenByItself } from "./places.ts";

type Entry<T extends Read = Read> = [dataset: string, read: T];

/**
 * Settles each dataset that a run reads, or writes at a place, once: what is consumed or given first, then what the run
 * writes itself, then what the project has versions of, then what floats. `given` has the inputs from outside the
 * session as they were found. Left out is what nothing pins: data in memory, and plain files, which nobody has looked at
 * yet.
 */
export function settleReads(
  run: ExpandedRun,
  { facts, given }: { facts: ProjectFacts; given: Readonly<Record<string, GivenRead>> },
): Reads {
  const slice = facts.get(run.run);
  const supplied: Entry<ConsumedRead | GivenRead>[] = [...listConsumed(run, facts), ...listGiven(run, given, facts)];
  const known = new Set(supplied.map(([dataset]) => dataset));
  const own = listPlaced(run, slice).flatMap((dataset): Entry<OwnRead>[] =>
    known.has(dataset) ? [] : [[dataset, { rule: "own" }]],
  );
  const rest = slice === undefined ? [] : slice.inputs.filter((dataset) => !known.has(dataset));
  const entries = [
    ...supplied.map((entry) => notePassedOver(entry, slice)),
    ...own.map((entry) => notePassedOver(entry, slice)),
    ...rest.flatMap((dataset) => freezeVersion(run, dataset, slice)),
    ...rest.flatMap((dataset): Entry[] => (isFloating(run, dataset) ? [[dataset, { rule: "floating" }]] : [])),
  ];
  return Object.fromEntries(entries);
}

/** Lists the datasets that a planned run writes at a place: a command may consume and write one of the same name. */
export function listWrites({ task, reads }: Pick<PlannedRun, "task" | "reads">): string[] {
  const own = Object.keys(reads).filter((dataset) => findRead(reads, dataset)?.rule === "own");
  return isProcess(task) ? [...new Set([...own, ...Object.keys(task.outputs)])] : own;
}

function listPlaced({ task }: ExpandedRun, slice: SliceFacts | undefined): string[] {
  switch (task.kind) {
    case "kedro":
      return slice === undefined
        ? [...task.outputs]
        : slice.outputs.filter((name) => hasPlace(name, task.outputs, slice));
    case "command":
    case "module":
      return Object.keys(task.outputs);
    default:
      return task satisfies never;
  }
}

function hasPlace(dataset: string, declared: readonly string[], slice: SliceFacts): boolean {
  if (isDeclared(declared, dataset)) return true;
  const facts = findFacts(slice, dataset);
  return facts?.in_catalog === true && !isMemory(facts);
}

/**
 * Lists the inputs of a run under the names that its slice reads and that upstream's slice writes. `table: prep`
 * settles `table@pandas` and `table@spark` alike, and so does `table@pandas: prep`, because the siblings are one file;
 * a sibling that is consumed by its own name keeps that. Upstream's `table` is found under `table@spark` if that is
 * what it writes. The worker reads a sibling of another format through downstream's own entry. Names that no slice
 * knows stay as declared.
 */
function listConsumed(run: ExpandedRun, facts: ProjectFacts): Entry<ConsumedRead>[] {
  if (facts.size === 0) return Object.entries(run.consumes);
  return Object.entries(run.consumes).flatMap(([dataset, read]) => {
    const written = findWritten(facts.get(read.run)?.outputs ?? [], read.dataset) ?? read.dataset;
    return listReaders(run, dataset, facts).map((name): Entry<ConsumedRead> => [name, { ...read, dataset: written }]);
  });
}

/** Lists the inputs from outside the session in the same way. Throws if one of them was not looked up. */
function listGiven(
  run: ExpandedRun,
  given: Readonly<Record<string, GivenRead>>,
  facts: ProjectFacts,
): Entry<GivenRead>[] {
  const missing = Object.keys(run.injects).find((dataset) => !Object.hasOwn(given, dataset));
  if (missing !== undefined) throw new Error(`${missing}, an input of ${run.run}, was not looked up`);
  return Object.entries(given).flatMap(([dataset, read]) =>
    listReaders(run, dataset, facts).map((name): Entry<GivenRead> => [name, read]),
  );
}

/** Lists the names under which the slice reads what is declared as `dataset`. */
function listReaders({ run, consumes, injects }: ExpandedRun, dataset: string, facts: ProjectFacts): string[] {
  const isDeclaredItself = (name: string): boolean => Object.hasOwn(consumes, name) || Object.hasOwn(injects, name);
  const siblings = findSiblings(facts.get(run)?.inputs ?? [], dataset);
  const readers = siblings.filter((name) => name === dataset || !isDeclaredItself(name));
  return readers.length === 0 ? [dataset] : readers;
}

/** Adds the project's newest version, for `why`. */
function notePassedOver<T extends ConsumedRead | GivenRead | OwnRead>(
  [dataset, read]: [string, T],
  slice: SliceFacts | undefined,
): [string, T] {
  const latest = slice === undefined ? null : (findFacts(slice, dataset)?.latest_version ?? null);
  return [dataset, latest === null ? read : { ...read, passed_over: latest }];
}

/** The project's own version of what comes from nowhere else. */
function freezeVersion({ task }: ExpandedRun, dataset: string, slice: SliceFacts | undefined): Entry[] {
  if (!hasCatalog(task) || slice === undefined || task.floating.includes(dataset)) return [];
  const facts = findFacts(slice, dataset);
  if (!facts?.versioned || facts.latest_version === null || isWrittenByItself(task, slice, dataset)) return [];
  return [[dataset, { rule: "frozen", version: facts.latest_version }]];
}

function isFloating({ task }: ExpandedRun, dataset: string): boolean {
  return hasCatalog(task) && task.floating.includes(dataset);
}
