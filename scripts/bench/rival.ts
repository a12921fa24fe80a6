import path from "node:path";
import { ensureVenv } from "../python/ensure-venv.ts";
import { REPOSITORY } from "../setup-python.ts";
import { freshFolders } from "./fresh-folder.ts";
import type { Task } from "./task-graph.ts";
import type { Launch, TimedCommand } from "./time-commands.ts";

/** Another tool that runs a graph of commands. */
export interface Rival {
  readonly name: string;
  /** Takes seconds where others take milliseconds, and a minute to install: left out unless asked for, and timed once. */
  readonly isSlow?: boolean;
  /** Whether it can be had here; true if left out. */
  readonly isAvailable?: () => boolean;
  /** Installs it if need be, and gives the command that runs the graph from nothing. */
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

/** A command that finds these files, and nothing that it has remembered from the time before. */
export function runAnew(
  name: string,
  { folder, files = {}, argv }: { folder: string; files?: Record<string, string>; argv(cwd: string): Launch["argv"] },
): TimedCommand {
  const nextFolder = freshFolders(folder, files);
  const launch = () => {
    const cwd = nextFolder();
    return { argv: argv(cwd), cwd };
  };
  return { name, launch };
}
