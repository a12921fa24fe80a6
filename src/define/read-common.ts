import { isAbsolute, join, resolve } from "node:path";
import type { JsonObject } from "../core/run.ts";
import type { ConsumeDefinition, KeyPath, MatrixDefinition } from "./definition.ts";
import { MAX_DURATION_MS, parseDuration } from "./duration.ts";
import { atValue, type Finding } from "./finding.ts";
import { readMatrix } from "./read-matrix.ts";
import type { CommandRunInput, ConsumedInput, DefaultsInput, Header, KedroRunInput } from "./schema.ts";
import { describeValue } from "./schema-issues.ts";

/** What every run of a file is read with. */
export interface RunScope {
  dir: string;
  header: Header;
  defaults: DefaultsInput;
  findings: Finding[];
}

/** What runs of every kind have. */
export interface CommonFields {
  needs: string[];
  consumes: Record<string, ConsumeDefinition>;
  matrix: MatrixDefinition | null;
  timeoutMs: number | null;
}

export function readCommonFields(
  path: KeyPath,
  input: KedroRunInput | CommandRunInput,
  { defaults, findings }: RunScope,
): CommonFields {
  const consumes: Record<string, ConsumeDefinition> = {};
  for (const dataset in input.consumes) consumes[dataset] = readConsumed(dataset, input.consumes[dataset] ?? "");
  const ownTimeoutMs = readDuration(input.timeout, [...path, "timeout"], findings);
  const isOwn = input.timeout !== undefined;
  checkListed(input.needs ?? [], [...path, "needs"], findings);
  return {
    needs: [...new Set(input.needs)],
    consumes,
    matrix: input.matrix === undefined ? null : readMatrix(input.matrix, [...path, "matrix"], findings),
    // A wrong default was found once, where it stands.
    timeoutMs: isOwn ? ownTimeoutMs : readDuration(defaults.timeout, ["defaults", "timeout"], []),
  };
}

function readConsumed(dataset: string, consumed: ConsumedInput): ConsumeDefinition {
  if (typeof consumed === "string") return { run: consumed, dataset, as: "upstream", where: null };
  const where = (consumed.where as JsonObject | undefined) ?? null;
  return { run: consumed.run, dataset: consumed.dataset ?? dataset, as: consumed.as ?? "upstream", where };
}

/** Milliseconds, or null if there is none or a wrong one, which was found. */
export function readDuration(input: number | string | undefined, path: KeyPath, findings: Finding[]): number | null {
  if (input === undefined) return null;
  const durationMs = parseDuration(input);
  if (durationMs !== null && durationMs > 0 && durationMs <= MAX_DURATION_MS) return durationMs;
  const text = describeValue(input);
  const message =
    durationMs === null ? `${text} is no duration` : `${text} is out of range: over zero, and at most 24 days`;
  findings.push(atValue(path, "invalid-duration", message, "write 90 (seconds), 500ms, 30s, 30m, 1h, 7d or 1h30m"));
  return null;
}

/** An absolute path, a URL as it is. A reference is kept as it was written: nothing after it is folded away. */
export function resolvePath(dir: string, path: string): string {
  if (isAbsolute(path) || /^[a-z][a-z0-9+]+:\/\//i.test(path)) return path;
  return path.includes("${") ? `${join(dir, "/")}${path}` : resolve(dir, path);
}

/** Nothing may be listed twice. */
export function checkListed(names: readonly string[], path: KeyPath, findings: Finding[]): void {
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue;
    findings.push(atValue([...path, index], "duplicate-item", `"${name}" is listed twice`, "remove one of them"));
  }
}
