import { KINDS, RUN_KINDS } from "../../core/kinds.ts";
import type { RunKind } from "../../core/run.ts";
import { findNearest } from "../../core/text/suggest.ts";
import type { KeyPath } from "../definition.ts";
import { commandRunSchema, defaultsSchema, headerSchema, kedroRunSchema, moduleRunSchema } from "../schema.ts";
import type { IsPresent, PartKind } from "../schema-issues.ts";
import { hintForConsumedKey, listConsumedKeys } from "./consumed-keys.ts";

const HEADER_KEYS = Object.keys(headerSchema.shape);
const DEFAULTS_KEYS = Object.keys(defaultsSchema.shape);
const RETRIES_KEYS = ["max", "backoff", "on", "resume"];
const RESOURCE_KEYS = ["cpu", "memory", "gpu"];
const BACKOFF_KEYS = ["initial", "factor", "max", "jitter"];
const RUN_KEYS: Readonly<Record<RunKind, readonly string[]>> = {
  kedro: Object.keys(kedroRunSchema.shape),
  command: Object.keys(commandRunSchema.shape),
  module: Object.keys(moduleRunSchema.shape),
};

/** The keys that tell what a run is. */
const KIND_OF_KEY: Readonly<Record<string, RunKind>> = {
  pipeline: "kedro",
  pipelines: "kedro",
  command: "command",
  module: "module",
};

/** Names that other tools have for a key. */
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

/**
 * Finds the form of a run by its keys, or by a mistyped key if there is no other. Several forms if it has keys of
 * several.
 */
export function findKinds(keys: readonly string[]): RunKind[] {
  const kinds = new Set(keys.flatMap((key) => findOwn(KIND_OF_KEY, key) ?? []));
  if (kinds.size > 0) return [...kinds];
  const known = new Set(Object.values(RUN_KEYS).flat());
  for (const key of keys) {
    const meant = known.has(key) ? null : (findNearest(key, Object.keys(KIND_OF_KEY)) ?? findOwn(KNOWN_AS, key));
    const guess = findOwn(KIND_OF_KEY, meant ?? "");
    if (guess !== undefined) return [guess];
  }
  return [];
}

/** The key that makes it that, and what people call it. */
export function nameKind(kind: RunKind, keys: readonly string[]): { key: string; words: string } {
  return { key: keys.find((key) => findOwn(KIND_OF_KEY, key) === kind) ?? kind, words: KINDS[kind].words };
}

/** A file may hold any key, `toString` too. */
function findOwn<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Hint for a key that a run of this kind does not have. */
function hintForRunKey(kind: RunKind, key: string): string | null {
  const known = findOwn(KNOWN_AS, key);
  if (known !== undefined && RUN_KEYS[kind].includes(known)) return `did you mean "${known}"?`;
  if (kind !== "kedro" && key === "env") {
    return `\`env\` is Kedro's environment; the variables of ${KINDS[kind].words} stand under \`environment\``;
  }
  if (kind === "command" && key === "params") return "pass them as arguments of the command, or in `environment`";
  if (kind === "kedro" && key === "environment") return "variables are for commands; Kedro's environment is `env`";
  const owners = RUN_KINDS.filter((other) => RUN_KEYS[other].includes(key));
  return owners.length === 0
    ? null
    : `only runs with ${owners.map((owner) => KINDS[owner].words).join(" or ")} have it`;
}

/** Hint for a key that can't stand at the top of a file, or in `defaults`. */
function hintForTopKey(_inside: unknown, key: string): string | null {
  if (DEFAULTS_KEYS.includes(key)) return "it is a field of runs: put it under `defaults`, or into a run";
  return Object.values(RUN_KEYS).some((keys) => keys.includes(key)) ? "it belongs in a run" : null;
}

export const HEADER_PART: PartKind = {
  title: "a workflow",
  keysAt: (inside, isPresent) => (inside.length === 0 ? HEADER_KEYS : keysInside(inside, isPresent)),
  hintForKey: hintForTopKey,
  hintForValue: hintForRun,
};
export const DEFAULTS_PART: PartKind = {
  title: "`defaults`",
  keysAt: (inside, isPresent) => (inside.length === 0 ? DEFAULTS_KEYS : keysInside(inside, isPresent)),
  hintForKey: hintForTopKey,
  hintForValue: hintForRun,
};
export const RUN_PARTS: Readonly<Record<RunKind, PartKind>> = {
  kedro: describeRunPart("kedro"),
  command: describeRunPart("command"),
  module: describeRunPart("module"),
};

/** Hint for a key with a mapping that makes it a run of its own, which stands where no run can. */
function hintForRun(key: string, value: unknown): string | null {
  const isRun = typeof value === "object" && value !== null && Object.keys(KIND_OF_KEY).some((each) => each in value);
  return isRun ? `"${key}" looks like a run: runs stand below \`runs\`, all of them indented alike` : null;
}

function describeRunPart(kind: RunKind): PartKind {
  return {
    title: `a run with ${KINDS[kind].words}`,
    keysAt: (inside, isPresent) => (inside.length === 0 ? RUN_KEYS[kind] : keysInside(inside, isPresent)),
    hintForKey: (inside, key, isPresent) =>
      inside.length === 0 ? hintForRunKey(kind, key) : hintInside(inside, key, isPresent),
    hintForValue: hintForRun,
  };
}

function hintInside([field]: KeyPath, key: string, isPresent: IsPresent): string | null {
  return field === "consumes" ? hintForConsumedKey(key, isPresent) : null;
}

/** Keys of the mappings inside a run. */
function keysInside(inside: KeyPath, isPresent: IsPresent): readonly string[] {
  switch (inside[0]) {
    case "consumes":
      return listConsumedKeys(isPresent);
    case "retries":
      return inside.length === 1 ? RETRIES_KEYS : BACKOFF_KEYS;
    case "resources":
      return RESOURCE_KEYS;
    default:
      return [];
  }
}
