import { isDeepStrictEqual } from "node:util";
import type { ColumnSummary, TableSummary } from "../core/answer/table-summary.ts";
import type { FingerprintParts } from "../core/fingerprint.ts";
import { mapTexts } from "../core/json.ts";
import type { EnvironmentFacts, Json, JsonObject, Pin, RunRecord, SessionRecord } from "../core/run.ts";

/** Parts, each before those that it can change. */
export const PARTS = [
  "code",
  "command",
  "params",
  "env",
  "environment",
  "pins",
  "catalog",
  "status",
  "outputs",
  "metrics",
  "durations",
] as const;
export type Part = (typeof PARTS)[number];

/**
 * Parts where the code of a run is unknown: the code of the whole checkout is then a weaker hint than every known part
 * of the run.
 */
const PARTS_BY_CHECKOUT: readonly Part[] = [
  ...PARTS.slice(1, PARTS.indexOf("status")),
  "code",
  ...PARTS.slice(PARTS.indexOf("status")),
];

/** The parts that are no cause of anything: what came of the others. */
export const EFFECTS: ReadonlySet<Part> = new Set<Part>(["status", "outputs", "metrics", "durations"]);

export interface Difference {
  part: Part;
  /** Name of the difference within the part: a parameter, a package, a dataset, ...; dotted if it is nested. */
  key: string;
  /** Null where one side has none. */
  a: Json;
  b: Json;
}

/** Keys of the part `code` where only the checkout is known, which all runs of a session have in common. */
const CHECKOUT_KEYS: ReadonlySet<string> = new Set(["commit", "changes"]);

/** True for a difference of the whole checkout, false for one of the code that the run itself reaches. */
export function isOfCheckout({ part, key }: Difference): boolean {
  return part === "code" && CHECKOUT_KEYS.has(key);
}

/** All that is known of one of the two attempts. */
export interface RunSide {
  record: RunRecord;
  session: Pick<SessionRecord, "git_commit" | "git_dirty" | "origin">;
  /** Pins of its reads, with the hash of the content, where that is known. */
  pins: readonly (Pin & { hash: string | null })[];
  /** Spec of its process, if that still exists. */
  spec: JsonObject | null;
  /** Digests of the variables that it refers to with `${env:NAME}`, as far as they are on record: their values are not. */
  variables: Readonly<Record<string, string>>;
  /** Parts of its fingerprint: all that it depended on, as digests; null if they were not asked for. */
  fingerprint: FingerprintParts | null;
  environment: EnvironmentFacts | null;
  /** Summaries of those outputs that could be read cheaply. */
  tables: Readonly<Record<string, TableSummary | null>>;
}

/**
 * Compares two attempts, causes before effects. Their code is compared by the parts that each reaches, if these are
 * known of both, and else by the commits and changes of their checkouts.
 */
export function diffRuns(a: RunSide, b: RunSide): Difference[] {
  const [left, right] = [describeSide(a), describeSide(b)];
  if (a.fingerprint === null || b.fingerprint === null)
    return PARTS_BY_CHECKOUT.flatMap((part) => compare(part, left[part], right[part]));
  const [known, knownToo] = [describeKnown(a.fingerprint), describeKnown(b.fingerprint)];
  return PARTS.flatMap((part) => {
    const found = part === "code" ? [] : compare(part, left[part], right[part]);
    return [...found, ...listUntold(compare(part, known[part] ?? {}, knownToo[part] ?? {}), left[part], right[part])];
  });
}

/**
 * Describes parts that the record does not have: the code that a run reaches, and parameters and entries of its
 * project.
 */
function describeKnown({ task, code, parameters, catalog }: FingerprintParts): Partial<Record<Part, Leaves>> {
  const { nodes, program } = task;
  const work = { ...(nodes === undefined ? {} : { nodes }), ...(program === undefined ? {} : { program }) };
  return { code: { ...work, ...code }, params: parameters, catalog };
}

/** A value says more than a digest: what one of the two records has, in whole or in part, is told by that. */
function listUntold(found: Difference[], a: Leaves, b: Leaves): Difference[] {
  const told = [...Object.keys(a), ...Object.keys(b)];
  return found.filter(
    ({ key, part }) => part === "code" || !told.some((leaf) => leaf === key || leaf.startsWith(`${key}.`)),
  );
}

type Leaves = Record<string, Json>;

/** Every part as leaves: what has the same leaves does not differ. */
function describeSide(side: RunSide): Record<Part, Leaves> {
  const { record, session, spec, environment } = side;
  const { argv, cwd, conf_source, runner, is_async, isolate, environment: own } = withoutIds(spec ?? {});
  const hidden = Object.entries(side.variables).map(([name, digest]) => [
    `\${env:${name}}`,
    `hidden value ${digest.slice(0, 8)}`,
  ]);
  return {
    code: { commit: session.git_commit, changes: session.origin?.patch?.digest ?? session.git_dirty },
    command: flatten({
      ...{ kind: record.kind, pipeline_names: record.pipeline_names, filters: record.filters },
      ...{ argv, cwd, environment: own, ...Object.fromEntries(hidden) },
    }),
    params: flatten(record.runtime_params),
    env: flatten({ env: record.env, conf_source, runner, is_async, isolate }),
    environment: environment === null ? {} : flatten({ ...environment }),
    pins: Object.fromEntries(side.pins.map((pin) => [pin.dataset, pin.hash ?? pin.version])),
    catalog: describeCatalog(record),
    status: { status: record.status, exception: record.exception?.type ?? null },
    outputs: describeOutputs(side),
    metrics: flatten(record.metrics ?? {}),
    durations: { run_ms: record.duration_ms, ...record.node_durations_ms },
  };
}

/** Paths hold run_ids, which always differ. */
const RUN_IDS = /\d{4}-\d{2}-\d{2}T\d{2}\.\d{2}\.\d{2}\.\d{3}Z-[0-9a-f]{12,}/g;

function withoutIds<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value).replaceAll(RUN_IDS, "<run_id>"));
}

/** An isolated version is told at its path of the project: its own place has a mark of that path, which changes with the project's. */
function describeCatalog({ outputs }: RunRecord): Leaves {
  const entries = Object.entries(outputs).map(([dataset, { entry, location, plain_location }]) => {
    const told = (text: string) => (text === location ? (plain_location ?? text) : text);
    return [dataset, withoutIds(entry === null ? null : mapTexts(entry.config, told))] as const;
  });
  return flatten(Object.fromEntries(entries));
}

function describeOutputs({ record, tables }: RunSide): Leaves {
  const described = Object.entries(record.outputs).map(([dataset, { hash, bytes }]) => {
    const table = Object.hasOwn(tables, dataset) ? tables[dataset] : null;
    return [
      dataset,
      { hash, bytes, ...(table == null ? {} : { rows: table.rows, columns: describeColumns(table) }) },
    ] as const;
  });
  return flatten(Object.fromEntries(described) as JsonObject);
}

/** Describes columns. A single row has no summary: its numbers stand for themselves. */
function describeColumns({ rows, columns }: TableSummary): Record<string, ColumnSummary | number> {
  const entries = Object.entries(columns).map(([name, column]) => {
    const isOne = rows === 1 && column.type === "number" && column.missing === 0;
    return [name, isOne ? column.mean : column] as const;
  });
  return Object.fromEntries(entries);
}

const SLOWER = 1.5;
const NOTICEABLE_MS = 100;

function compare(part: Part, a: Leaves, b: Leaves): Difference[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const differing = keys.filter((key) => !isDeepStrictEqual(a[key] ?? null, b[key] ?? null));
  const found = differing.map((key) => ({ part, key, a: a[key] ?? null, b: b[key] ?? null }));
  return part === "durations" ? found.filter(isNoticeable) : found;
}

function isNoticeable({ a, b }: Difference): boolean {
  if (typeof a !== "number" || typeof b !== "number") return false;
  return Math.abs(a - b) >= NOTICEABLE_MS && Math.max(a, b) >= SLOWER * Math.min(a, b);
}

/** A mapping as its leaves, each by its dotted path. Lists are leaves: they are short, and read better whole. */
export function flatten(value: { [key: string]: unknown }): Leaves {
  const leaves: Leaves = {};
  const waiting: [string, unknown][] = Object.entries(value);
  for (const [path, part] of waiting) {
    if (part !== null && typeof part === "object" && !Array.isArray(part))
      waiting.push(...Object.entries(part).map(([key, inner]): [string, unknown] => [`${path}.${key}`, inner]));
    else if (part !== undefined) leaves[path] = part as Json;
  }
  return leaves;
}
