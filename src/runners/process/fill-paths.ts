import type { CommandTask } from "../../core/port/runner.ts";
import { isPlainWord, ShellScript } from "../../core/text/shell-script.ts";
import { readVariable } from "../../core/variables.ts";

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

/** Command to start: argv without placeholders for paths, and the task's own variables. */
export interface FilledCommand {
  argv: string[];
  environment: Record<string, string>;
}

/** All that is left to fill in, at once: what is filled in is not looked through again. */
const PLACEHOLDER = /\$\$\{|\$\{env:([A-Za-z_]\w*)\}|\$\{(inputs|outputs)\.([^{}]+?)\.path\}/g;
const PREFIX = "RUNWEAVE_PATH";

export interface Filling {
  paths: CommandPaths;
  /** Values of `${env:NAME}`; without them, variables and `$${` stay as they are. */
  variables?: Readonly<Record<string, string | undefined>>;
}

/**
 * Fills `${inputs.NAME.path}`, `${outputs.NAME.path}` and variables in. In a shell script a path with blanks or other special
 * characters becomes a variable instead, so that no path is ever parsed as a script. Throws UnknownPathError, UnsetVariableError.
 */
export function fillPaths(task: Pick<CommandTask, "argv" | "shell" | "environment">, filling: Filling): FilledCommand {
  const filled = Object.entries(task.environment).map(([name, text]) => [name, fillText(text, filling)] as const);
  const environment: Record<string, string> = Object.fromEntries(filled);
  if (!task.shell) return { argv: task.argv.map((text) => fillText(text, filling)), environment };
  const { text, variables } = fillScript(task.argv.join(" "), filling);
  return { argv: ["/bin/sh", "-c", text], environment: { ...environment, ...variables } };
}

function fillScript(whole: string, filling: Filling): ShellScript {
  const script = new ShellScript(PREFIX);
  let end = 0;
  for (const match of whole.matchAll(PLACEHOLDER)) {
    script.write(whole.slice(end, match.index));
    const [source, variable, kind] = match;
    const value = fillPlaceholder(match, filling);
    if ((kind === undefined && variable === undefined) || isPlainWord(value)) script.write(value);
    else script.writeValue(value);
    end = match.index + source.length;
  }
  script.write(whole.slice(end));
  return script;
}

function fillText(text: string, filling: Filling): string {
  return text.replace(PLACEHOLDER, (...match) => fillPlaceholder(match as unknown as RegExpMatchArray, filling));
}

function fillPlaceholder([source, variable, kind, name = ""]: RegExpMatchArray, { paths, variables }: Filling): string {
  if (kind !== undefined) return findPath(paths, kind as keyof CommandPaths, name, source);
  if (variables === undefined) return source;
  return variable === undefined ? "${" : readVariable(variable, variables);
}

function findPath(paths: CommandPaths, kind: keyof CommandPaths, name: string, placeholder: string): string {
  const found = Object.hasOwn(paths[kind], name) ? paths[kind][name] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(paths[kind]).join(", ") || "none";
  throw new UnknownPathError(`${placeholder}: the run has no such ${kind.slice(0, -1)}; it has ${known}`);
}
