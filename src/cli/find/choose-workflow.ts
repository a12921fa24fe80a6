import { existsSync, lstatSync, type Stats, statSync } from "node:fs";
import { extname, join } from "node:path";
import { isOpenToAll, listOwnFolders } from "../../compose/capture/find-checkout.ts";
import { WORKFLOW_EXTENSIONS } from "../../define/load.ts";
import { CliError } from "../errors.ts";
import { showPath } from "../show-path.ts";
import { writeLines } from "../terminal.ts";

/** The workflow file and the runs that a command line names. */
export interface NamedRuns {
  file: string;
  runs: string[];
}

/** A workflow that a command finds by itself, if none is named. */
const NAMES = ["workflow.yaml", "workflow.yml", "workflow.json", "workflow.ts"];

/**
 * Reads `[FILE] [RUN...]`. The first word is the file if it has the extension of a workflow file, or a `/`. Only the word counts,
 * not the files that there are. Default: the file of `workflowOr`.
 */
export function readFileAndRuns(words: readonly string[]): NamedRuns {
  const [first, ...rest] = words;
  if (first !== undefined && isFile(first)) return { file: first, runs: rest };
  return { file: workflowOr(undefined, words), runs: [...words] };
}

/** True if a word is a file: the name of a run has neither a dot nor a `/` before its `[`. */
function isFile(word: string): boolean {
  const [name = ""] = word.split("[", 1);
  return name.includes("/") || WORKFLOW_EXTENSIONS.includes(extname(word).toLowerCase());
}

/** Returns the named file; else finds the nearest workflow here or above, and names it on stderr. Throws CliError if there is none. */
export function workflowOr(file: string | undefined, runs: readonly string[] = []): string {
  const found = file ?? useNearest();
  if (found !== null) return found;
  const { end } = listOwnFolders(process.cwd());
  const above = end === null ? "nor in one above it" : `nor in one above it that counts: ${end}`;
  const missing = `there is no ${NAMES.join(", ")} in this folder, ${above}`;
  const [first] = runs;
  const hint = first === undefined ? "name the workflow file" : `name the workflow file before "${first}"`;
  throw new CliError("no-workflow", missing, { hint });
}

/** Finds the nearest workflow here or above, and names it on stderr; null if there is none. Throws CliError as `findWorkflow`. */
export function useNearest(): string | null {
  const found = findWorkflow(process.cwd());
  if (found === null) return null;
  const shown = showPath(found);
  writeLines(process.stderr, [`using ${shown}`]);
  return shown;
}

/**
 * Finds the workflow of the nearest folder that has one; null if none has. Throws CliError if that folder has several,
 * or if another user may have put it there: a workflow says what is executed.
 */
function findWorkflow(from: string): string | null {
  for (const folder of listOwnFolders(from).folders) {
    const [found, ...others] = NAMES.map((name) => join(folder, name)).filter((path) => existsSync(path));
    if (found === undefined) continue;
    if (others.length > 0) throw refuseSeveral(folder, [found, ...others]);
    refuseForeign(folder, found);
    return found;
  }
  return null;
}

/** Throws CliError unless the file belongs to the user, or to the owner of a folder that only its owner can write to. */
function refuseForeign(folder: string, path: string): void {
  const [around, link, file] = [statSync(folder), lstatSync(path), statSync(path)];
  const isOurs = ({ uid }: Stats) => uid === process.getuid?.() || (uid === around.uid && !isOpenToAll(around.mode));
  const foreign = [link, file].find((stats) => !isOurs(stats));
  if (foreign === undefined) return;
  throw new CliError("foreign-workflow", `${showPath(path)} belongs to another user (${foreign.uid})`, {
    hint: `if you trust it, name it: ${showPath(path)}`,
  });
}

function refuseSeveral(folder: string, paths: readonly string[]): CliError {
  const names = paths.map((path) => showPath(path)).join(", ");
  return new CliError("ambiguous-workflow", `${showPath(folder)} has several workflows: ${names}`, {
    hint: "name the one that you mean",
  });
}
