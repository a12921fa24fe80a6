import { type Location, type Problem, problemAt, warningAt } from "../../core/error/problem.ts";
import { hasCatalog } from "../../core/kinds.ts";
import type { Place } from "../../core/place.ts";
import { findRead } from "../../core/select-reads.ts";
import { formatSource } from "../consume-source.ts";
import { formatNames } from "../format-names.ts";
import { formatPath } from "../places/format-path.ts";
import { indexAccesses, type PlaceIndex } from "../places/place-index.ts";
import type { Access } from "../places/place-map.ts";
import { findFacts, type PlaceKind } from "../places/places.ts";
import type { PlannedRun } from "../plan.ts";
import { isInDatabaseFile } from "../shared-places.ts";
import type { CheckContext } from "./check-context.ts";
import { checkMissing } from "./check-missing.ts";
import { checkOtherPlaces } from "./check-other-places.ts";
import { isPlaceless } from "./check-placeless.ts";
import { hintConsume } from "./check-slice.ts";
import { ARM_PATHS, areArms, createToldPairs, type ToldPairs } from "./told-pairs.ts";

/** Checks what runs do to each other through the paths that they share. */
export function checkPlaces(context: CheckContext): void {
  const index = indexAccesses(context.runs, context.facts);
  const told = checkWrites(context, index);
  checkReads(context, index);
  checkOtherPlaces(context, index, told);
  checkMissing(context, index);
}

/** Two runs that write one place are in order. Of each place, and of each pair of runs, one problem. */
function checkWrites(context: CheckContext, index: PlaceIndex): ToldPairs {
  const told = createToldPairs();
  const conflicts = new Map<string, Conflict>();
  for (const [place] of index.plainWrites.entries()) {
    const pair = findUnordered(context, sortByPlan(index.plainWrites.findAtOrAbove(place)));
    if (pair === null) continue;
    told.add(...pair);
    const key = JSON.stringify(pair.map(({ run }) => run.run));
    const conflict = conflicts.get(key) ?? { pair, earlier: new Set(), later: new Set(), where: new Set() };
    conflict.where.add(formatPlace(context, pair[1], place));
    conflict.earlier.add(pair[0].dataset);
    conflict.later.add(pair[1].dataset);
    conflicts.set(key, conflict);
  }
  for (const conflict of conflicts.values()) reportConflict(context, conflict);
  return told;
}

interface Conflict {
  pair: [Access, Access];
  /** The names under which each of them writes what they share. */
  earlier: Set<string>;
  later: Set<string>;
  where: Set<string>;
}

/** Names the file of a table's database, which its catalog entry does not have as a path of its own. */
function formatPlace({ facts }: CheckContext, { run, dataset }: Access, place: Place): string {
  const slice = facts.get(run.run);
  const known = slice === undefined ? undefined : findFacts(slice, dataset);
  if (known === undefined || !hasCatalog(run.task) || !isInDatabaseFile(known)) return "the same path";
  return `the same file, ${formatPath(place.path, run.task.project_path)}`;
}

/** Writers are ordered if each waits for the one before it in the plan, so that neighbours are all there is to look at. */
function findUnordered({ graph }: CheckContext, writers: readonly Access[]): [Access, Access] | null {
  for (const [position, later] of writers.entries()) {
    const earlier = writers[position - 1];
    if (earlier === undefined || earlier.run === later.run) continue;
    if (!graph.reaches(earlier.run.run, later.run.run)) return [earlier, later];
  }
  return null;
}

function reportConflict(context: CheckContext, { pair: [first, second], earlier, later, where }: Conflict): void {
  const names = [first.run.definition.name, second.run.definition.name];
  context.findings.add(["write-conflict", ...names, ...later], () => {
    const location = context.definition.locate(["runs", second.run.definition.name]);
    const [one, other] = [formatNames([...earlier]), formatNames([...later])];
    const what =
      one === other ? `both write ${other}` : `${first.run.run} writes ${one}, ${second.run.run} writes ${other}`;
    const message = `${first.run.run} and ${second.run.run} may run at the same time, and ${what} to ${[...where].join(" and ")}`;
    const hint = areArms(first, second)
      ? `isolate them, list the datasets under \`floating\`, or ${ARM_PATHS}`
      : "let one need the other, isolate them, or list the datasets under `floating`";
    return problemAt(location, "write-conflict", message, hint);
  });
}

/** Checks that no run writes, before or meanwhile, data that another run reads without consuming them. */
function checkReads(context: CheckContext, index: PlaceIndex): void {
  for (const [place, readers] of index.reads.entries()) {
    for (const kind of ["plain", "own"] as const) {
      const writes = kind === "plain" ? index.plainWrites : index.ownWrites;
      for (const writer of selectEarliest(writes.findOverlapping(place)))
        checkReaders(context, readers, { writer, kind, place });
    }
  }
}

/** Leaves out writers that wait for another one, and arms that wait for the same runs: they add no problem. */
function selectEarliest(writers: readonly Access[]): Access[] {
  const names = new Set(writers.map(({ run }) => run.run));
  const first = writers.filter(({ run }) => !run.needs.some((need) => names.has(need)));
  return [
    ...new Map(
      first.map((access) => [JSON.stringify([access.run.definition.name, access.run.needs]), access]),
    ).values(),
  ];
}

interface Written {
  writer: Access;
  kind: PlaceKind;
  place: Place;
}

function checkReaders(context: CheckContext, readers: readonly Access[], written: Written): void {
  const { run } = written.writer;
  const before = context.graph.ancestors(run.run);
  for (const reader of readers) {
    if (reader.run !== run && !before.has(reader.run.run)) reportRead(context, reader, written);
  }
}

function reportRead(context: CheckContext, reader: Access, { writer, kind, place }: Written): void {
  const { run, dataset } = reader;
  const { name } = run.definition;
  // A versioned dataset without a version is an error already.
  if (kind === "own" && reader.lacksVersion) return;
  const subject = ["not-consumed", name, dataset];
  const describe = (): Omission => ({
    location: context.definition.locate(["runs", name, "consumes"]),
    said: explainRead(reader),
    hint: hintSettle(context, reader, writer),
    dataset,
  });
  switch (kind) {
    case "plain":
      context.findings.add(subject, () => describeRace(describe(), writer, formatPlace(context, writer, place)));
      break;
    case "own":
      if (reader.isMissing) context.findings.add(subject, () => describeNothing(describe(), writer.run));
      else context.findings.warn(subject, () => describeStale(describe(), writer.run));
      break;
    default:
      kind satisfies never;
  }
}

function explainRead({ run, dataset }: Access): string {
  const read = findRead(run.reads, dataset);
  if (read !== undefined && "source" in read) return `${run.run} reads ${read.source} as "${dataset}"`;
  return `${run.run} reads "${dataset}"`;
}

interface Omission {
  location: Location | null;
  said: string;
  hint: string;
  dataset: string;
}

function describeRace({ location, said, hint, dataset }: Omission, writer: Access, where: string): Problem {
  const { run } = writer.run;
  const message =
    dataset === writer.dataset
      ? `${said}, which ${run} writes to ${where}, without consuming it`
      : `${said} without consuming it, and ${run} writes "${writer.dataset}" to ${where}`;
  return problemAt(location, "not-consumed", message, hint);
}

function describeNothing({ location, said, hint }: Omission, writer: PlannedRun): Problem {
  return problemAt(location, "not-consumed", `${said}, which only ${writer.run} writes, without consuming it`, hint);
}

function describeStale({ location, said, hint }: Omission, writer: PlannedRun): Problem {
  return warningAt(
    location,
    "not-consumed",
    `${said}, which ${writer.run} writes, without consuming it: it gets what was there before`,
    hint,
  );
}

/** Hint for data without a path: they can't be consumed, only waited for. */
function hintSettle(context: CheckContext, { run, dataset, isMissing }: Access, writer: Access): string {
  const slice = context.facts.get(writer.run.run);
  const written = slice === undefined ? undefined : findFacts(slice, writer.dataset);
  if (written !== undefined && isPlaceless(written)) {
    return `list "${dataset}" under \`floating\`, and let "${run.definition.name}" say \`needs: [${writer.run.definition.name}]\``;
  }
  const hint = hintConsume(context, run, dataset);
  if (hint !== null || !isMissing) return hint ?? hintOrder(run, writer.run);
  const { definition, arm } = writer.run;
  const more = [`dataset: ${writer.dataset}`, "as: downstream"];
  return `consumes: { ${dataset}: ${formatSource({ run: definition.name, arm, more }, run.arm)} }`;
}

function hintOrder(reader: PlannedRun, writer: PlannedRun): string {
  return `if it should read what was there before: \`needs: [${reader.definition.name}]\` of "${writer.definition.name}"`;
}

function sortByPlan(accesses: readonly Access[]): readonly Access[] {
  return [...accesses].sort((a, b) => a.run.index - b.run.index);
}
