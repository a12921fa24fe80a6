import { statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { isExecutable } from "./is-executable.ts";

/** A command that can't be started, with what to do about it. */
export class CommandProblem extends Error {
  readonly what: string;
  readonly hint: string;

  constructor(what: string, hint: string) {
    super(`${what}; ${hint}`);
    this.name = "CommandNotStarted";
    this.what = what;
    this.hint = hint;
  }
}

export interface CommandLocation {
  program: string;
  cwd: string;
  environment: NodeJS.ProcessEnv;
}

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Programs are remembered as shells do: a search costs more than all the rest of the check. */
const foundPrograms = new Map<string, string>();

/** Shells drop other names from the environment without a word. Throws CommandProblem. */
export function checkVariableNames(environment: Record<string, string>): void {
  const bad = Object.keys(environment).find((name) => !VARIABLE_NAME.test(name));
  if (bad === undefined) return;
  throw new CommandProblem(`"${bad}" can't be the name of an environment variable`, "use letters, digits and _");
}

/** The path of the program to start, looked up as `execvp` does. Throws CommandProblem if it could not be started. */
export function findProgram({ program, cwd, environment }: CommandLocation): string {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CommandProblem(`the working folder ${cwd} does not exist`, "make it, or fix `cwd`");
  }
  if (program.includes("/")) return checkProgram(isAbsolute(program) ? program : resolve(cwd, program));
  const key = `${program}\0${environment.PATH}\0${cwd}`;
  const known = foundPrograms.get(key);
  if (known !== undefined && isExecutable(known)) return known;
  const path = searchPath({ program, cwd, environment });
  foundPrograms.set(key, path);
  return path;
}

function searchPath({ program, cwd, environment }: CommandLocation): string {
  const folders = (environment.PATH ?? DEFAULT_PATH).split(delimiter);
  const candidates = folders.map((folder) => join(resolve(cwd, folder), program));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  const forbidden = candidates.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (forbidden !== undefined) return checkProgram(forbidden);
  throw new CommandProblem(`"${program}" was not found on PATH`, "install it, or write its path");
}

function checkProgram(path: string): string {
  if (isExecutable(path)) return path;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new CommandProblem(`${path} does not exist`, "fix the command's first word");
  if (found.isDirectory()) throw new CommandProblem(`${path} is a folder`, "name a program in it");
  throw new CommandProblem(`${path} may not be executed`, `run \`chmod +x\` on it, or name its interpreter first`);
}
