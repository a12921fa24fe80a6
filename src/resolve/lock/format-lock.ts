import { isMapping } from "../../core/json.ts";
import type { Json, JsonObject } from "../../core/run.ts";
import { isSameJson } from "../../plan/canonical-json.ts";
import type { Lock, LockedRun } from "./lock.ts";

/** The form of the file; another number is another form. */
export const LOCK_FORMAT = 1;

/** A run of the file. With a matrix: what all arms have in common, and below `arms` what each has of its own. */
export type WrittenRun = Partial<LockedRun> & { arms?: Record<string, Partial<LockedRun>> };

/** Fields in the order in which they are written. */
const FIELDS = [
  "task",
  "program",
  "pins",
  "parameters",
  "environment",
  "code",
  "catalog",
  "unlocked",
  "fingerprint",
] as const;

/** Values of fields that a run of the file leaves out. */
const EMPTY: LockedRun = {
  task: {},
  program: {},
  pins: {},
  parameters: {},
  environment: null,
  code: {},
  catalog: {},
  unlocked: [],
  fingerprint: "",
};

/** The bytes of a lock file: the same for equal locks, and such that a change shows as a change of few lines. */
export function formatLock({ workflow, environments, runs }: Lock): string {
  const sorted = sortKeys({ workflow, environments } as unknown as Json) as JsonObject;
  const written = Object.entries(gatherArms(runs))
    .sort(byKey)
    .map(([name, run]) => [name, orderRun(run)]);
  return `${JSON.stringify({ runweave_lock: LOCK_FORMAT, ...sorted, runs: Object.fromEntries(written) }, null, 2)}\n`;
}

function orderRun({ arms, ...fields }: WrittenRun): JsonObject {
  const json = asJson(fields);
  const own = FIELDS.flatMap((field): [string, Json][] => {
    const value = json[field];
    return value === undefined ? [] : [[field, sortKeys(value)]];
  });
  if (arms === undefined) return Object.fromEntries(own);
  const ordered = Object.entries(arms)
    .sort(byKey)
    .map(([arm, run]) => [arm, orderRun(run)] as const);
  return { ...Object.fromEntries(own), arms: Object.fromEntries(ordered) };
}

function omitEmpty(run: LockedRun): Partial<LockedRun> {
  const json = asJson(run);
  const told = Object.entries(json).filter(([field, value]) => !isSameJson(value, asJson(EMPTY)[field] ?? null));
  return Object.fromEntries(told);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** `train[seed=1]` -> `train` and `seed=1`. A run without a matrix has no arm. */
function splitName(run: string): [name: string, arm: string | null] {
  const at = run.indexOf("[");
  return at === -1 ? [run, null] : [run.slice(0, at), run.slice(at + 1, -1)];
}

function gatherArms(runs: Readonly<Record<string, LockedRun>>): Record<string, WrittenRun> {
  const told = Object.entries(runs).map(([run, locked]) => [run, omitEmpty(locked)] as const);
  const byName = Map.groupBy(told, ([run]) => splitName(run)[0]);
  const written = Array.from(byName, ([name, members]): [string, WrittenRun] => {
    const [only] = members;
    if (only !== undefined && splitName(only[0])[1] === null) return [name, only[1]];
    const arms = members.map(([run, locked]) => [splitName(run)[1] ?? "", locked] as const);
    const common = intersect(arms.map(([, locked]) => asJson(locked)));
    const own = arms.map(([arm, locked]) => [arm, subtract(asJson(locked), common)]);
    return [name, { ...common, arms: Object.fromEntries(own) }];
  });
  return Object.fromEntries(written);
}

/** The runs of a file, each arm whole again. */
export function spreadArms(runs: Readonly<Record<string, WrittenRun>>): Record<string, LockedRun> {
  const spread = Object.entries(runs).flatMap(([name, { arms, ...common }]): [string, LockedRun][] => {
    if (arms === undefined) return [[name, { ...EMPTY, ...common }]];
    return Object.entries(arms).map(([arm, own]) => {
      return [`${name}[${arm}]`, { ...EMPTY, ...merge(asJson(common), asJson(own)) }];
    });
  });
  return Object.fromEntries(spread);
}

/** Returns the parts that all have alike: whole fields, and the members of a mapping. */
function intersect([first = {}, ...others]: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(
    Object.entries(first).flatMap(([key, value]): [string, Json][] => {
      const values = others.map((other) => (Object.hasOwn(other, key) ? other[key] : undefined));
      if (values.every((other) => other !== undefined && isSameJson(other, value))) return [[key, value]];
      const shared = isMapping(value) && values.every(isMapping) ? intersect([value, ...values]) : {};
      return Object.keys(shared).length === 0 ? [] : [[key, shared]];
    }),
  );
}

function subtract(whole: JsonObject, common: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(whole).flatMap(([key, value]): [string, Json][] => {
      const shared = Object.hasOwn(common, key) ? common[key] : undefined;
      if (shared === undefined) return [[key, value]];
      if (isSameJson(shared, value)) return [];
      return [[key, isMapping(value) && isMapping(shared) ? subtract(value, shared) : value]];
    }),
  );
}

function merge(common: JsonObject, own: JsonObject): JsonObject {
  const added = Object.entries(own).map(([key, value]): [string, Json] => {
    const shared = Object.hasOwn(common, key) ? common[key] : undefined;
    return [key, isMapping(shared) && isMapping(value) ? merge(shared, value) : value];
  });
  return { ...common, ...Object.fromEntries(added) };
}

/** Keys that are left out are not there, and not undefined. */
function asJson(run: Partial<LockedRun>): JsonObject {
  return run as JsonObject;
}

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isMapping(value)) return value;
  const members = Object.entries(value).sort(byKey);
  return Object.fromEntries(members.map(([key, member]) => [key, sortKeys(member)]));
}
