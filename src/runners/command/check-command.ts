import { type Stats, statSync } from "node:fs";
import { basename, delimiter, extname, isAbsolute, join, resolve } from "node:path";
import { isExecutable } from "../../processes/is-executable.ts";

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

/** Extensions that Node imports; those of TypeScript but TSX. */
export const MODULE_EXTENSIONS: ReadonlySet<string> = new Set([".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"]);

/** Throws CommandProblem if there is no importable file at that path. */
export function checkModule(path: string): void {
  const hint = "fix `module`: it is relative to the workflow file";
  const found = lookAt(path, hint);
  if (found === undefined) throw new CommandProblem(`${path} does not exist`, hint);
  if (found.isDirectory()) throw new CommandProblem(`${path} is a folder`, "name the file in it");
  const extension = extname(path);
  if (MODULE_EXTENSIONS.has(extension)) return;
  const other =
    extension === ".py"
      ? `a Python file is a command: \`command: [python, ${basename(path)}]\``
      : `a module ends in ${[...MODULE_EXTENSIONS].join(", ")}`;
  throw new CommandProblem(`${path} is not a TypeScript or JavaScript module`, other);
}

/**
 * Returns undefined for a missing path. A path that is too long, in a circle, or of no system throws CommandProblem.
 */
function lookAt(path: string, hint: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandProblem(`${JSON.stringify(path.slice(0, 200))} is not the path of a module (${code})`, hint);
  }
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
