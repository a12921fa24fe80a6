import type { CommandTask } from "../../core/port/runner.ts";
import { isPlainWord, ShellScript } from "../../core/text/shell-script.ts";

/** Name to path, as the command sees them. */
export interface CommandPaths {
  inputs: Record<string, string>;
  outputs: Record<string, string>;
}

/** `${inputs.NAME.path}` names something that the run does not have. */
export class UnknownPathError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UnknownPathError";
  }
}

/** What is left to start: argv without placeholders for paths, and the task's own variables. */
export interface FilledCommand {
  argv: string[];
  environment: Record<string, string>;
}

const PLACEHOLDER = /\$\{(inputs|outputs)\.([^{}]+?)\.path\}/g;
const PREFIX = "RUNWEAVE_PATH";

/**
 * Fills `${inputs.NAME.path}` and `${outputs.NAME.path}` in. In a shell script a path with blanks or other special
 * characters becomes a variable instead, so that no path is ever parsed as a script. Throws UnknownPathError.
 */
export function fillPaths(task: CommandTask, paths: CommandPaths): FilledCommand {
  const filled = Object.entries(task.environment).map(([name, text]) => [name, fillText(text, paths)] as const);
  const environment: Record<string, string> = Object.fromEntries(filled);
  if (!task.shell) return { argv: task.argv.map((text) => fillText(text, paths)), environment };
  const { text, variables } = fillScript(task.argv.join(" "), paths);
  return { argv: ["/bin/sh", "-c", text], environment: { ...environment, ...variables } };
}

function fillScript(whole: string, paths: CommandPaths): ShellScript {
  const script = new ShellScript(PREFIX);
  let end = 0;
  for (const { 0: source, 1: kind, 2: name = "", index } of whole.matchAll(PLACEHOLDER)) {
    script.write(whole.slice(end, index));
    const path = findPath(paths, kind as keyof CommandPaths, name, source);
    if (isPlainWord(path)) script.write(path);
    else script.writeValue(path);
    end = index + source.length;
  }
  script.write(whole.slice(end));
  return script;
}

function fillText(text: string, paths: CommandPaths): string {
  return text.replace(PLACEHOLDER, (whole, kind: keyof CommandPaths, name: string) =>
    findPath(paths, kind, name, whole),
  );
}

function findPath(paths: CommandPaths, kind: keyof CommandPaths, name: string, placeholder: string): string {
  const found = Object.hasOwn(paths[kind], name) ? paths[kind][name] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(paths[kind]).join(", ") || "none";
  throw new UnknownPathError(`${placeholder}: the run has no such ${kind.slice(0, -1)}; it has ${known}`);
}
