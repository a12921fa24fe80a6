import { type Stats, statSync } from "node:fs";
import { basename, extname } from "node:path";
import { MODULE_EXTENSIONS } from "../../core/module-function.ts";
import { CommandProblem } from "../../processes/find-program.ts";

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
