import type { WatchedFile } from "../../core/fingerprint.ts";
import type { CommandTask } from "../../core/port/runner.ts";
import type { EnvironmentFacts } from "../../core/run.ts";
import {
  fillVariables,
  fillVariablesOf,
  hideVariables,
  listVariables,
  UnsetVariableError,
} from "../../core/variables.ts";
import { CommandProblem, findProgram } from "../../processes/find-program.ts";
import { readNodeVersion } from "../../runners/interpreters/node-version.ts";
import { askPython } from "../../runners/interpreters/python-environment.ts";
import type { ContentCache } from "./content-cache.ts";

/** The program that a command would start just now. */
export interface IdentifiedProgram {
  /** Path at which it was found: on PATH or as it is named, symlinks not followed. */
  path: string;
  /** Hash of its content. */
  hash: string;
  /** Environment of a Python; null for other programs. */
  python: EnvironmentFacts | null;
  /** Version of a Node; null for other programs. */
  node: string | null;
  watched: WatchedFile;
}

/** Program, or the reason why it can't be identified, as a clause. */
export type Identified = { ok: true; program: IdentifiedProgram } | { ok: false; obstacle: string };

/** Programs of one plan: each is asked once. */
export type IdentifyProgram = (task: CommandTask) => Promise<Identified>;

interface IdentifyOptions {
  content: ContentCache;
  environment: Readonly<Record<string, string | undefined>>;
  /** Folder of Pythons' answers; without it they are not kept. */
  answers?: string | undefined;
}

/**
 * Identifies a command's first word in its folder and its environment. The same word may be another program tomorrow.
 */
export function createProgramTeller({ content, environment, answers }: IdentifyOptions): IdentifyProgram {
  const asked = new Map<string, Promise<Identified>>();
  return async (task) => {
    const hide = hideVariables(listVariables([task.argv, task.environment]), environment);
    const refuse = (obstacle: string) => ({ ok: false, obstacle: hide(obstacle) }) as const;
    try {
      const whole = { ...environment, ...fillVariablesOf(task.environment, environment) };
      const program = task.shell ? "sh" : fillVariables(task.argv[0] ?? "", environment);
      const path = findProgram({ program, cwd: task.cwd, environment: whole });
      const key = JSON.stringify([path, whole.PYTHONPATH, whole.PYTHONHOME]);
      const found = asked.get(key) ?? look(path, { content, environment: whole, answers });
      asked.set(key, found);
      const identified = await found;
      return identified.ok ? identified : refuse(identified.obstacle);
    } catch (error) {
      if (error instanceof CommandProblem || error instanceof UnsetVariableError)
        return refuse(`its program can't be found: ${error.message}`);
      throw error;
    }
  };
}

async function look(path: string, { content, environment, answers }: IdentifyOptions): Promise<Identified> {
  try {
    const { hash, ...watched } = await content.look(path);
    const [python, node] = await Promise.all([
      askPython(path, environment, answers),
      readNodeVersion(path, environment),
    ]);
    if (python === "silent") return { ok: false, obstacle: `the Python at ${path} does not report its packages` };
    return { ok: true, program: { path, hash, python, node, watched } };
  } catch (error) {
    return { ok: false, obstacle: `its program ${path} can't be read: ${(error as Error).message}` };
  }
}
