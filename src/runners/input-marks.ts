import { isAbsolute, join } from "node:path";
import type { ResolvedRun } from "../core/port/runner.ts";
import { listFiles, listInputs } from "../core/select-reads.ts";
import { readJsonRecord } from "../processes/read-record.ts";
import { partitionSuffix } from "../versions/partition-suffix.ts";
import { type MarkedData, markData } from "../versions/tree/tree.ts";
import { writeFileWhole } from "../versions/write-file.ts";

/** A mark for each input of a run, by its name. A mark changes when any file of the input is written, replaced or touched. */
export type InputMarks = Readonly<Record<string, string>>;

/** The data that a run reads. */
export type RunReads = Pick<ResolvedRun, "reads">;

/** Marks what a run is to read on this disk, before its content is looked at. What is not there has none. */
export async function markInputs(run: RunReads): Promise<InputMarks> {
  const marked = await Promise.all(
    listMarked(run).map(async ([name, data]) => {
      const mark = await markNow(data);
      return mark === null ? [] : [[name, mark] as const];
    }),
  );
  return Object.fromEntries(marked.flat());
}

/** Keeps the marks with the attempt, so that the process that sees its end knows them too. */
export function writeInputMarks(folder: string, marks: InputMarks): void {
  if (Object.keys(marks).length > 0) writeFileWhole(marksPath(folder), JSON.stringify(marks));
}

/** The marks of an attempt; those that were not written to the end are missing. */
export function readInputMarks(folder: string): InputMarks {
  const found = readJsonRecord(marksPath(folder));
  if (typeof found !== "object" || found === null) return {};
  return Object.fromEntries(Object.entries(found).filter(([, mark]) => typeof mark === "string"));
}

/** Selects the inputs that may have changed since they were marked: touched since, or never marked. */
export async function leaveOutUntouched(run: RunReads, marks: InputMarks): Promise<RunReads> {
  const found = await markInputs(run);
  const isTouched = (name: string) => !Object.hasOwn(found, name) || found[name] !== marks[name];
  return { reads: Object.fromEntries(Object.entries(run.reads).filter(([name]) => isTouched(name))) };
}

function marksPath(folder: string): string {
  return join(folder, "inputs.json");
}

function listMarked(run: RunReads): [string, MarkedData][] {
  const versions = listInputs(run).map(([name, { version }]): [string, MarkedData] => {
    const { location, entry, beside } = version;
    return [name, { path: location, suffix: partitionSuffix(entry), beside }];
  });
  const plain = listFiles(run).map(([name, { path, tree }]): [string, MarkedData] => [name, { path, ...tree }]);
  return [...versions, ...plain].filter(([, { path }]) => isAbsolute(path));
}

async function markNow(data: MarkedData): Promise<string | null> {
  return await markData(data).catch(() => null);
}
