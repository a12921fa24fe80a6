import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KedroTask, PlannedSave } from "../../src/core/port/runner.ts";
import type { JsonObject, VersionRecord } from "../../src/core/run.ts";
import { judgeOutputs } from "../../src/runners/kedro/claims/judge-outputs.ts";
import { hashPath } from "../../src/versions/hash.ts";
import { kedroTask, makeRun, makeStateFolders } from "./resolved-run.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

interface ClaimParts {
  task?: Partial<KedroTask>;
  planned?: Partial<PlannedSave>;
}

/** The id of another attempt. */
export const OTHER = "2026-11-23T21.04.54.666Z-0000d783fb92";

/** A run that has saved `table` in the store, what the plan has of it, and what the run says. */
export async function makeClaim({ task = {}, planned = {} }: ClaimParts = {}) {
  const folder = makeTemporaryFolder();
  const folders = makeStateFolders(folder);
  const plain = join(folder, "project/data/table.csv");
  const config = { type: "pandas.CSVDataset", filepath: plain, load_args: { sep: ";", labels: "data/labels.csv" } };
  const save: PlannedSave = {
    plain_location: plain,
    versioned: false,
    entry: { config, versioned: false },
    declared: true,
    stays: false,
    ...planned,
  };
  const made = makeRun({ task: kedroTask({ project_path: join(folder, "project"), outputs: ["table"], ...task }) });
  const run = { ...made, saves: { table: save } };
  const location = join(folders.store, "table.csv-01234567", run.run_id, "table.csv");
  put(location);
  const told = await describeSaved(location, { version: run.run_id, plain, config });
  const judge = (changes: Partial<VersionRecord> = {}, name = "table") =>
    judgeOutputs({ [name]: { ...told, ...changes } }, { run, folders });
  return { folder, folders, run, plain, location, told, config, judge };
}

/** Writes a file, and the folders that it is in. */
export function put(path: string, text = "a;b\n1;2\n"): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

async function describeSaved(
  location: string,
  { version, plain, config }: { version: string; plain: string; config: JsonObject },
) {
  const content = await hashPath({ path: location });
  const entry = { config: { ...config, filepath: location }, versioned: false };
  return { version, location, ...content, entry, plain_location: plain };
}
