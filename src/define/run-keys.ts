import type { RunKind } from "../core/run.ts";
import { findNearest } from "../core/suggest.ts";
import type { KeyPath } from "./definition.ts";
import { commandRunSchema, defaultsSchema, headerSchema, kedroRunSchema } from "./schema.ts";
import type { PartKind } from "./schema-issues.ts";

const HEADER_KEYS = Object.keys(headerSchema.shape);
const DEFAULTS_KEYS = Object.keys(defaultsSchema.shape);
const CONSUMED_KEYS = ["run", "dataset", "as", "where", "file", "value", "run_id", "alias"];
const RETRIES_KEYS = ["max", "backoff", "on", "resume"];
const RESOURCE_KEYS = ["cpu", "memory", "gpu"];
const BACKOFF_KEYS = ["initial", "factor", "max", "jitter"];
const RUN_KEYS: Readonly<Record<RunKind, readonly string[]>> = {
  kedro: Object.keys(kedroRunSchema.shape),
  command: Object.keys(commandRunSchema.shape),
};

/** The keys that tell what a run is. */
const KIND_OF_KEY: Readonly<Record<string, RunKind>> = { pipeline: "kedro", pipelines: "kedro", command: "command" };

/** What other tools call it. */
const KNOWN_AS: Readonly<Record<string, string>> = {
  after: "needs",
  args: "command",
  cmd: "command",
  continue_on_error: "allow_failure",
  depends_on: "needs",
  entrypoint: "command",
  inputs: "consumes",
  is_async: "async",
  load_versions: "consumes",
  name: "pipeline",
  node_names: "nodes",
  parameters: "params",
  pipeline_name: "pipeline",
  pipeline_names: "pipelines",
  requires: "needs",
  retry: "retries",
  run: "command",
  runtime_params: "params",
  script: "command",
  variables: "environment",
  working_dir: "cwd",
  working_directory: "cwd",
};

/** What a run is, told by its keys alone; by a mistyped one if there is no other. */
export function findKind(keys: readonly string[]): RunKind | "both" | null {
  const kinds = new Set(keys.flatMap((key) => findOwn(KIND_OF_KEY, key) ?? []));
  if (kinds.size === 2) return "both";
  const [kind] = kinds;
  if (kind !== undefined) return kind;
  const known = new Set([...RUN_KEYS.kedro, ...RUN_KEYS.command]);
  for (const key of keys) {
    const meant = known.has(key) ? null : (findNearest(key, Object.keys(KIND_OF_KEY)) ?? findOwn(KNOWN_AS, key));
    const guess = findOwn(KIND_OF_KEY, meant ?? "");
    if (guess !== undefined) return guess;
  }
  return null;
}

/** A file may hold any key, `toString` too. */
function findOwn<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** For a key that a run of this kind does not have. */
function hintForRunKey(kind: RunKind, key: string): string | null {
  const known = findOwn(KNOWN_AS, key);
  if (known !== undefined && RUN_KEYS[kind].includes(known)) return `did you mean "${known}"?`;
  if (kind === "command" && key === "env") {
    return "`env` is Kedro's environment; the variables of a command stand under `environment`";
  }
  if (kind === "command" && key === "params") return "pass them as arguments of the command, or in `environment`";
  if (kind === "kedro" && key === "environment") return "variables are for commands; Kedro's environment is `env`";
  const other = kind === "kedro" ? "command" : "kedro";
  if (!RUN_KEYS[other].includes(key)) return null;
  return other === "kedro" ? "only runs with a pipeline have it" : "only runs with a command have it";
}

/** For a key that does not stand at the top of a file, or in `defaults`. */
function hintForTopKey(_inside: unknown, key: string): string | null {
  if (DEFAULTS_KEYS.includes(key)) return "it is a field of runs: put it under `defaults`, or into a run";
  return RUN_KEYS.kedro.includes(key) || RUN_KEYS.command.includes(key) ? "it belongs in a run" : null;
}

export const HEADER_PART: PartKind = {
  title: "a workflow",
  keysAt: (inside) => (inside.length === 0 ? HEADER_KEYS : keysInside(inside)),
  hintForKey: hintForTopKey,
};
export const DEFAULTS_PART: PartKind = {
  title: "`defaults`",
  keysAt: (inside) => (inside.length === 0 ? DEFAULTS_KEYS : keysInside(inside)),
  hintForKey: hintForTopKey,
};
export const RUN_PARTS: Readonly<Record<RunKind, PartKind>> = {
  kedro: describeRunPart("kedro", "a run with a pipeline"),
  command: describeRunPart("command", "a run with a command"),
};

function describeRunPart(kind: RunKind, title: string): PartKind {
  return {
    title,
    keysAt: (inside) => (inside.length === 0 ? RUN_KEYS[kind] : keysInside(inside)),
    hintForKey: (inside, key) => (inside.length === 0 ? hintForRunKey(kind, key) : null),
  };
}

/** Of the mappings inside a run. */
function keysInside(inside: KeyPath): readonly string[] {
  switch (inside[0]) {
    case "consumes":
      return CONSUMED_KEYS;
    case "retries":
      return inside.length === 1 ? RETRIES_KEYS : BACKOFF_KEYS;
    case "resources":
      return RESOURCE_KEYS;
    default:
      return [];
  }
}
