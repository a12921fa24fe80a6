import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ensureVenv } from "../python/ensure-venv.ts";
import { REPOSITORY } from "../setup-python.ts";
import type { Task } from "./task-graph.ts";
import type { TimedCommand } from "./time-commands.ts";

/** Another tool that runs a graph of commands. */
export interface Rival {
  readonly name: string;
  /** Takes seconds where others take milliseconds, so it is timed once. */
  readonly isSlow?: boolean;
  /** Whether it can be had here; true if left out. */
  readonly isAvailable?: () => boolean;
  /** Writes its files into the folder, and gives the command that runs the graph from nothing. */
  prepare(graph: RivalGraph): Promise<TimedCommand>;
}

/** What a rival is to run, and where. */
interface RivalGraph {
  readonly folder: string;
  readonly tasks: readonly Task[];
  readonly jobs: number;
}

/** Makes `.venv-bench` or one of its siblings out of `requirements/NAME.txt`, and gives the path of a program in it. */
export async function installProgram(requirements: string, program: string): Promise<string> {
  const folder = path.join(REPOSITORY, requirements === "tools" ? ".venv-bench" : `.venv-bench-${requirements}`);
  const file = path.join(import.meta.dirname, "requirements", `${requirements}.txt`);
  await ensureVenv({ folder, requirements: file });
  return path.join(folder, "bin", program);
}

/** Writes files into a folder that is made if need be. */
function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
}

/** Empties a folder but for the named files: what a tool has remembered is gone. */
export function resetFolder(folder: string, files: Readonly<Record<string, string>>): () => void {
  return () => {
    rmSync(folder, { recursive: true, force: true });
    writeFiles(folder, files);
  };
}
