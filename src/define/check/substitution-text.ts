import { ShellReader } from "../../core/text/shell-reader.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import type { KeyPath } from "../definition.ts";
import { atValue, type Finding, type Hint } from "../finding.ts";

/** Names that a text may refer to. */
export interface TextScope {
  findings: Finding[];
  /** Environment in which each `${env:NAME}` has to be set, if it is given. */
  env: NodeJS.ProcessEnv | undefined;
  /** Axes of the run's matrix; null outside runs. */
  axes: readonly string[] | null;
  /** Names whose paths a command may be given; null where it can't be. */
  paths: { inputs: readonly string[]; outputs: readonly string[] } | null;
  /** A shell reads the text after us and has a `${...}` of its own. */
  isShell: boolean;
  /** The text is a script of ours, in which values become variables. */
  isScript?: boolean;
}

type Complain = (code: string, message: string, hint?: Hint) => void;

const FORMS = ["matrix.AXIS", "env:NAME", "inputs.NAME.path", "outputs.NAME.path"]
  .map((form) => `\${${form}}`)
  .join(", ");
/** `${NAME}`, `${NAME:-default}`, `${#NAME}`, `${1}` and the like. */
const SHELL_EXPANSION = /^[#!]?(?:[A-Za-z_]\w*|\d+|[@*#?$!-])(?:[:\-=?+#%/^,@[].*)?$/s;
const OURS = /^(?:matrix|env|inputs|outputs)\b/;

/** Checks each `${...}` of one text. */
export function checkText(text: string, path: KeyPath, scope: TextScope): void {
  const complain: Complain = (code, message, hint = null) => {
    scope.findings.push(atValue(path, code, message, hint));
  };
  const reader = scope.isScript ? new ShellReader() : null;
  let read = 0;
  for (let start = text.indexOf("${"); start !== -1; start = text.indexOf("${", start + 2)) {
    // `$${` stands for `${` itself.
    if (text[start - 1] === "$") continue;
    const end = text.indexOf("}", start);
    const body = end === -1 ? null : text.slice(start + 2, end);
    if (scope.isShell && isShellExpansion(body ?? text.slice(start + 2))) continue;
    reader?.read(text.slice(read, start));
    read = start;
    if (reader !== null) checkQuotes(reader, body ?? "", complain);
    if (body === null) complain("invalid-substitution", "the reference has no closing brace", "close it");
    else checkReference(body, scope, complain);
  }
}

/** A value becomes a variable of the script, and some quotes keep the shell from filling it in. */
function checkQuotes({ place }: ShellReader, body: string, complain: Complain): void {
  if (place === "nested-single-quotes") {
    const message = `"\${${body.slice(0, 60)}}" stands in single quotes within a $(...) that is in double quotes, where no value is filled in`;
    complain("quoted-substitution", message, 'write double quotes instead of the single ones: `"$(program "value")"`');
  } else if (place === "quoted-here-document") {
    const message = `"\${${body.slice(0, 60)}}" stands in the text of a << whose word has quotes, where no value is filled in`;
    complain("quoted-substitution", message, "write the word behind `<<` without quotes: `<<END`");
  }
}

function isShellExpansion(body: string): boolean {
  return !OURS.test(body) && SHELL_EXPANSION.test(body);
}

function checkReference(body: string, scope: TextScope, complain: Complain): void {
  const axis = /^matrix\.(.+)$/.exec(body)?.[1];
  if (axis !== undefined) {
    checkAxis(axis, scope.axes, complain);
    return;
  }
  const variable = /^env:([A-Za-z_]\w*)$/.exec(body)?.[1];
  if (variable !== undefined) {
    if (scope.env !== undefined && scope.env[variable] === undefined) {
      complain("unset-variable", `the environment variable ${variable} is not set`);
    }
    return;
  }
  const [, kind, name] = /^(inputs|outputs)\.(.+)\.path$/.exec(body) ?? [];
  if ((kind === "inputs" || kind === "outputs") && name !== undefined) checkPath(kind, name, { scope, complain });
  else complain("invalid-substitution", `"\${${body.slice(0, 60)}}" is not a reference`, hintFor(body, scope));
}

function checkAxis(axis: string, axes: readonly string[] | null, complain: Complain): void {
  if (axes === null) complain("unexpected-substitution", "a matrix belongs to one run", "say it in that run");
  else if (axes.length === 0) complain("unknown-axis", `no axis "${axis}": the run has no matrix`, "add `matrix:`");
  else if (!axes.includes(axis)) {
    const hint = (): string => didYouMean(axis, axes) ?? `the axes are ${axes.join(", ")}`;
    complain("unknown-axis", `the run has no axis "${axis}"`, hint);
  }
}

function checkPath(
  kind: "inputs" | "outputs",
  name: string,
  { scope, complain }: { scope: TextScope; complain: Complain },
): void {
  if (scope.paths === null) {
    complain("unexpected-substitution", "paths are filled in only in `command` and `environment` of a command");
    return;
  }
  const known = scope.paths[kind];
  if (known.includes(name)) return;
  const field = kind === "inputs" ? "consumes" : "outputs";
  const code = kind === "inputs" ? "unknown-input" : "unknown-output";
  const hint = (): string => didYouMean(name, known) ?? `add it under \`${field}\``;
  complain(code, `the run has no "${name}" under \`${field}\``, hint);
}

function hintFor(body: string, { axes }: TextScope): string {
  if (axes?.includes(body)) return `write "\${matrix.${body}}"`;
  const variable = /^(?:env[.:]?)?\s*([A-Z_][A-Z0-9_]*)\s*$/.exec(body)?.[1];
  if (variable !== undefined) return `write "\${env:${variable}}"`;
  const [, kind, name] = /^(inputs|outputs)\.(.+)$/.exec(body) ?? [];
  if (kind !== undefined) return `write "\${${kind}.${name}.path}"`;
  return `these are known: ${FORMS}`;
}
