import { isAbsolute } from "node:path";
import { isMapping } from "../core/json.ts";
import type { Json, JsonObject, VersionRecord } from "../core/run.ts";
import { readSmallJson } from "./read-small-json.ts";

const MAX_BYTES = 256 * 1024;
const MAX_DEPTH = 20;
const UNSAFE_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Metrics, or what is wrong with them; neither if there are none. */
export interface FoundMetrics {
  metrics: JsonObject | null;
  fault: string | null;
}

/** Reads what a run wrote to the file named in `RUNWEAVE_METRICS`: one JSON object. Follows no symlink. */
export function readMetrics(path: string): FoundMetrics {
  try {
    const value = readSmallJson(path, MAX_BYTES);
    const fault = findFault(value);
    return fault === null ? { metrics: value as JsonObject, fault } : { metrics: null, fault };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { metrics: null, fault: code === "ENOENT" ? null : message };
  }
}

/** Classes whose data are JSON as it stands; Plotly's class of the same name keeps figures. */
const METRIC_TYPES = /^(?!.*\bplotly\b)(?:.*\.)?(?:JSONDataset|MetricsDataset)$/;
const MAX_LEVELS = 4;
const MAX_VALUES = 200;

/** The declared outputs that look like metrics, dataset to content: Kedro keeps metrics as JSON, and much else. */
export function collectMetrics(
  declared: readonly string[],
  outputs: Readonly<Record<string, VersionRecord>>,
): JsonObject | null {
  const found = declared.flatMap((dataset): [string, Json][] => {
    const version = outputs[dataset];
    const type = version?.entry?.config.type;
    if (version === undefined || typeof type !== "string" || !METRIC_TYPES.test(type)) return [];
    if (!isAbsolute(version.location) || (version.bytes ?? 0) > MAX_BYTES) return [];
    const { metrics } = readMetrics(version.location);
    return metrics === null || !areMetrics(metrics) ? [] : [[dataset, metrics]];
  });
  return found.length === 0 ? null : Object.fromEntries(found);
}

/**
 * True if an object has numbers, at most 200 values in at most 4 levels, and no lists but of numbers. So figures, tables and
 * documents are no metrics.
 */
function areMetrics(object: JsonObject): boolean {
  let level: Json[] = [object];
  let values = 0;
  let numbers = 0;
  for (let depth = 0; level.length > 0; depth++) {
    const leaves = level.filter((value) => !isMapping(value));
    if (leaves.some((leaf) => Array.isArray(leaf) && !leaf.every((item) => typeof item === "number"))) return false;
    const flat = leaves.flat();
    values += flat.length;
    numbers += flat.filter((leaf) => typeof leaf === "number").length;
    const objects = level.filter(isMapping);
    if (values > MAX_VALUES || (objects.length > 0 && depth >= MAX_LEVELS)) return false;
    level = objects.flatMap((each) => Object.values(each));
  }
  return numbers > 0;
}

function findFault(value: unknown): string | null {
  if (!isMapping(value)) return "it is not a JSON object";
  return isSafe(value, MAX_DEPTH) ? null : `it is nested deeper than ${MAX_DEPTH}, or has a key such as __proto__`;
}

function isSafe(value: unknown, depth: number): boolean {
  if (value === null || typeof value !== "object") return true;
  if (depth === 0 || Object.keys(value).some((key) => UNSAFE_KEYS.has(key))) return false;
  return Object.values(value).every((part) => isSafe(part, depth - 1));
}
