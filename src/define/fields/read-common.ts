import { isAbsolute, join, resolve } from "node:path";
import type { CacheMode } from "../../core/fingerprint.ts";
import type { Json, JsonObject } from "../../core/run.ts";
import type { CommonFields, ConsumeDefinition, InjectDefinition, KeyPath } from "../definition.ts";
import { atValue, type Finding } from "../finding.ts";
import type {
  CommandRunInput,
  ConsumedInput,
  DefaultsInput,
  Header,
  KedroRunInput,
  ModuleRunInput,
} from "../schema.ts";
import { readDuration } from "./read-duration.ts";
import { readMatrix } from "./read-matrix.ts";
import { readPolicy } from "./read-policy.ts";
import { readResources } from "./read-resources.ts";

/** Context in which every run of a file is read. */
export interface RunScope {
  dir: string;
  header: Header;
  defaults: DefaultsInput;
  findings: Finding[];
}

export function readCommonFields(
  path: KeyPath,
  input: KedroRunInput | CommandRunInput | ModuleRunInput,
  { dir, header, defaults, findings }: RunScope,
): CommonFields {
  const consumes: Record<string, ConsumeDefinition> = {};
  const injects: Record<string, InjectDefinition> = {};
  for (const dataset in input.consumes) {
    const consumed = input.consumes[dataset] ?? "";
    const injected = readInjected(dataset, consumed, dir);
    if (injected !== null) injects[dataset] = injected;
    else consumes[dataset] = readConsumed(dataset, consumed as UpstreamInput);
  }
  const ownTimeoutMs = readDuration(input.timeout, [...path, "timeout"], findings);
  const isOwn = input.timeout !== undefined;
  checkListed(input.needs ?? [], [...path, "needs"], findings);
  return {
    needs: [...new Set(input.needs)],
    consumes,
    injects,
    matrix: input.matrix === undefined ? null : readMatrix(input.matrix, [...path, "matrix"], findings),
    // A wrong default was found once, where it stands.
    timeoutMs: isOwn ? ownTimeoutMs : readDuration(defaults.timeout, ["defaults", "timeout"], []),
    cache: readCacheMode(input.cache ?? defaults.cache ?? "off"),
    policy: readPolicy(path, input, { header, defaults, findings }),
    onRollback: readOnRollback(input.on_rollback, [...path, "on_rollback"], findings),
    resources: readResources(input.resources, [...path, "resources"], { defaults: defaults.resources, findings }),
  };
}

function readOnRollback(command: readonly string[] | undefined, path: KeyPath, findings: Finding[]): string[] | null {
  if (command?.[0] === "") {
    findings.push(atValue([...path, 0], "invalid-command", "the program's name is empty"));
  }
  return command === undefined ? null : [...command];
}

/** YAML 1.1 reads `on` and `off` as truth values, and people write them too. */
function readCacheMode(written: CacheMode | boolean): CacheMode {
  return typeof written === "boolean" ? (written ? "on" : "off") : written;
}

/** The forms that name a run of the workflow. */
type UpstreamInput = string | Extract<ConsumedInput, { run: string }>;

/** Null for a dataset of another run of the workflow. */
function readInjected(dataset: string, consumed: ConsumedInput, dir: string): InjectDefinition | null {
  if (typeof consumed === "string" || "run" in consumed) return null;
  if ("file" in consumed) return { kind: "file", path: resolvePath(dir, consumed.file) };
  if ("value" in consumed) return { kind: "value", value: consumed.value as Json };
  const { as = "upstream" } = consumed;
  if ("alias" in consumed) return { kind: "alias", alias: consumed.alias, dataset: consumed.dataset ?? null, as };
  const { run_id, dataset: saved = dataset } = consumed;
  return { kind: "run_id", run_id, dataset: saved, as };
}

function readConsumed(dataset: string, consumed: UpstreamInput): ConsumeDefinition {
  if (typeof consumed === "string") return { run: consumed, dataset, as: "upstream", where: null };
  const where = (consumed.where as JsonObject | undefined) ?? null;
  return { run: consumed.run, dataset: consumed.dataset ?? dataset, as: consumed.as ?? "upstream", where };
}

/**
 * Returns an absolute path, or a URL as it is. A reference is kept as it was written: the part after it is not folded.
 */
export function resolvePath(dir: string, path: string): string {
  if (isAbsolute(path) || /^[a-z][a-z0-9+]+:\/\//i.test(path)) return path;
  return path.includes("${") ? `${join(dir, "/")}${path}` : resolve(dir, path);
}

/** Finds names that are listed twice. */
export function checkListed(names: readonly string[], path: KeyPath, findings: Finding[]): void {
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue;
    findings.push(atValue([...path, index], "duplicate-item", `"${name}" is listed twice`, "remove one of them"));
  }
}
