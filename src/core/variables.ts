import { mapTexts } from "./json.ts";
import type { Json } from "./run.ts";
import { hideSecrets } from "./secrets/hide-secrets.ts";
import { isSecretName } from "./secrets/secret-names.ts";
import { looksSecret } from "./secrets/secret-texts.ts";

/**
 * `${env:NAME}` in parameters, commands and their variables: it stays as it is in plans, specs and records, and is filled in
 * by the process that needs the value. So a secret that is given by reference is written down nowhere. `$${` stands for `${` itself.
 */
const VARIABLE = /\$\$\{|\$\{env:([A-Za-z_]\w*)\}/g;

/** Length from which values of unused variables are hidden too: shorter ones are too common. */
const MIN_NAMED = 8;
/** Variables that hold no secret, and whose values are in many paths. */
const PUBLIC: ReadonlySet<string> = new Set([
  "HOME",
  "HOSTNAME",
  "LANG",
  "LOGNAME",
  "PATH",
  "PWD",
  "SHELL",
  "TERM",
  "TMPDIR",
  "TZ",
  "USER",
]);

type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that something refers to is not set. */
export class UnsetVariableError extends Error {
  constructor(name: string) {
    super(`the environment variable ${name} is not set, and the workflow refers to it`);
    this.name = "UnsetVariable";
  }
}

/** The names of all variables that a value refers to, each once. */
export function listVariables(value: unknown): string[] {
  const text = JSON.stringify(value) ?? "";
  return [...new Set(Array.from(text.matchAll(VARIABLE), ([, name]) => name ?? "").filter(Boolean))];
}

/** The text with each variable's value, and `${` where it has `$${`. Throws UnsetVariableError. */
export function fillVariables(text: string, environment: Environment): string {
  if (!text.includes("${")) return text;
  return text.replaceAll(VARIABLE, (_, name?: string) => (name === undefined ? "${" : readVariable(name, environment)));
}

/** Returns the text with `$${` for each `${`, so that it has no reference to fill in. */
export function escapeReferences(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/** Fills in every text of a JSON value. */
export function fillVariablesOf<T extends Json>(value: T, environment: Environment): T {
  return mapTexts(value, (text) => fillVariables(text, environment));
}

/** Returns what hides `listSecrets` wherever they turn up in a text. */
export function hideVariables(names: readonly string[], environment: Environment): (text: string) => string {
  let hide: ((text: string) => string) | null = null;
  return (text) => {
    hide ??= hideSecrets(listSecrets(names, environment));
    return hide(text);
  };
}

/** The values of these variables, and of all that are secrets by their names or their form, each once. */
export function listSecrets(names: readonly string[], environment: Environment): string[] {
  const given = names.flatMap((name) => (PUBLIC.has(name) ? [] : (environment[name] ?? [])));
  const named = Object.entries(environment).flatMap(([name, value = ""]) => {
    const isNamed = isSecretName(name) && !PUBLIC.has(name);
    return value.length >= MIN_NAMED && (isNamed || looksSecret(value)) ? [value] : [];
  });
  return [...new Set([...given, ...named])];
}

/** The value of a variable. Throws UnsetVariableError. */
export function readVariable(name: string, environment: Environment): string {
  // `process.env` has a prototype, so that `constructor` would be set.
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value === undefined) throw new UnsetVariableError(name);
  return value;
}
