import type { ExceptionRecord, Json } from "./run.ts";

/**
 * `${env:NAME}` in parameters, commands and their variables: it stays as it is in plans, specs and records, and is filled in
 * by the process that needs the value. So a secret that is given by reference is written down nowhere.
 */
const VARIABLE = /\$\{env:([A-Za-z_]\w*)\}/g;

/** Values shorter than this are not hidden: they would make holes in every other message. */
const MIN_SECRET_LENGTH = 4;
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
  return [...new Set(Array.from(text.matchAll(VARIABLE), ([, name = ""]) => name))];
}

/** The text with each variable's value. Throws UnsetVariableError. */
export function fillVariables(text: string, environment: Environment): string {
  return text.includes("${env:")
    ? text.replaceAll(VARIABLE, (_, name: string) => readVariable(name, environment))
    : text;
}

/** Fills in every text of a JSON value. */
export function fillVariablesOf<T extends Json>(value: T, environment: Environment): T {
  return fill(value, environment) as T;
}

/** Returns a function that hides the values of these variables in a text. */
export function hideVariables(names: readonly string[], environment: Environment): (text: string) => string {
  return hideSecrets(listSecrets(names, environment));
}

/** The values of these variables that are to be hidden, each once. The longest first: one may be a part of another. */
export function listSecrets(names: readonly string[], environment: Environment): string[] {
  const values = names.flatMap((name) => (PUBLIC.has(name) ? [] : (environment[name] ?? [])));
  const secrets = [...new Set(values)].filter(({ length }) => length >= MIN_SECRET_LENGTH);
  return secrets.sort((a, b) => b.length - a.length);
}

/** Returns a function that hides these texts in another one. */
export function hideSecrets(secrets: readonly string[]): (text: string) => string {
  return (text) => secrets.reduce((hidden, secret) => hidden.replaceAll(secret, "[secret]"), text);
}

/** An exception with all its causes, told through `hide`. */
export function hideInException(exception: ExceptionRecord, hide: (text: string) => string): ExceptionRecord {
  const { message, traceback, cause } = exception;
  return {
    ...exception,
    message: hide(message),
    traceback: traceback === null ? null : hide(traceback),
    cause: cause === null ? null : hideInException(cause, hide),
  };
}

function fill(value: Json, environment: Environment): Json {
  if (typeof value === "string") return fillVariables(value, environment);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => fill(item, environment));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fill(member, environment)]));
}

function readVariable(name: string, environment: Environment): string {
  // `process.env` has a prototype, so that `constructor` would be set.
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value === undefined) throw new UnsetVariableError(name);
  return value;
}
