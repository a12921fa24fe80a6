import { existsSync } from "node:fs";
import { dirname, extname, join } from "node:path";
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
 * `[FILE] [RUN...]`. The first word is the file if it ends as a workflow file does, or holds a `/`; a run is never taken for
 * a file, nor a file for a run, whatever lies in the folder. Without a file it is that of `workflowOr`.
 */
export function readFileAndRuns(words: readonly string[]): NamedRuns {
  const [first, ...rest] = words;
  if (first !== undefined && isFile(first)) return { file: first, runs: rest };
  return { file: workflowOr(undefined, words), runs: [...words] };
}

/** A run's name has neither a dot nor a `/`; an arm's may have both, after its `[`. */
function isFile(word: string): boolean {
  const [name = ""] = word.split("[", 1);
  return name.includes("/") || WORKFLOW_EXTENSIONS.includes(extname(word).toLowerCase());
}

/** The file, if one is named; else the nearest workflow here or above, and a line on stderr that says which. Throws CliError. */
export function workflowOr(file: string | undefined, runs: readonly string[] = []): string {
  const found = file ?? useNearest();
  if (found !== null) return found;
  const missing = `there is no ${NAMES.join(", ")} in this folder, nor in one above it`;
  const [first] = runs;
  const hint = first === undefined ? "name the workflow file" : `name the workflow file before "${first}"`;
  throw new CliError("no-workflow", missing, { hint });
}

/** The nearest workflow here or above, and a line on stderr that says which; null if there is none. Throws CliError. */
export function useNearest(): string | null {
  const found = findWorkflow(process.cwd());
  if (found === null) return null;
  const shown = showPath(found);
  writeLines(process.stderr, [`using ${shown}`]);
  return shown;
}

/** The workflow of the nearest folder that has one; null if none has. Throws CliError if that folder has several. */
function findWorkflow(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const [found, ...others] = NAMES.map((name) => join(folder, name)).filter((path) => existsSync(path));
    if (found !== undefined && others.length === 0) return found;
    if (found !== undefined) throw refuseSeveral(folder, [found, ...others]);
    if (dirname(folder) === folder) return null;
  }
}

function refuseSeveral(folder: string, paths: readonly string[]): CliError {
  const names = paths.map((path) => showPath(path)).join(", ");
  return new CliError("ambiguous-workflow", `${showPath(folder)} has several workflows: ${names}`, {
    hint: "name the one that you mean",
  });
}
