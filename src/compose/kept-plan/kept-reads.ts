import * as z from "zod";
import { areFilesBeside } from "../../core/files-beside.ts";

const text = z.string();
const texts = z.array(text);
const version = z.looseObject({
  version: text,
  location: text,
  bytes: z.number().nullable(),
  hash: text.nullable(),
  beside: z.custom<readonly string[]>(areFilesBeside).optional(),
  entry: z.looseObject({}).nullable(),
  plain_location: text.nullable(),
});
const file = z.looseObject({
  path: text,
  bytes: z.number(),
  modifiedMs: z.number().nullable(),
  hash: text.nullable(),
  tree: z.looseObject({ suffix: text, ignored: texts, files: z.number(), mark: text, listing: text }).optional(),
});
const chosen = { passed_over: text.optional() };
const consumed = z.looseObject({ run: text, dataset: text, as: z.enum(["upstream", "downstream"]), ...chosen });
const data = z.looseObject({
  rule: z.enum(["file", "run_id", "alias"]),
  source: text,
  from_dataset: text,
  version,
  frozen: z.looseObject({}),
  ...chosen,
});
const value = z.looseObject({ rule: z.literal("value"), source: text, version: text, value: z.json(), ...chosen });

/** The reads of a run, by dataset. */
export const keptReads = z.record(
  text,
  z.discriminatedUnion("rule", [
    consumed.extend({ rule: z.literal("consumed") }),
    data,
    value,
    z.looseObject({
      rule: z.literal("frozen"),
      version: text,
      held: z.literal(true).optional(),
      file: file.optional(),
      ...chosen,
    }),
    z.looseObject({ rule: z.literal("plain"), file }),
    z.looseObject({ rule: z.literal("own"), ...chosen }),
    z.looseObject({ rule: z.literal("floating") }),
  ]),
);

/** Maps by dataset that a plan of the first format has instead of reads. */
export const formerMaps = {
  consumes: z.record(text, consumed),
  injects: z.record(text, z.discriminatedUnion("rule", [data, value])),
  writes: texts,
  passedOver: z.record(text, text).default({}),
  frozen: z.record(text, text),
  held: texts.default([]),
  files: z.record(text, file.extend({ version: text.optional() })).default({}),
};

type FormerMaps = z.infer<z.ZodObject<typeof formerMaps>>;

/** Makes one map of those of the first format. What floats is not in them. */
export function joinMaps<T extends FormerMaps>({
  consumes,
  injects,
  writes,
  passedOver,
  frozen,
  held,
  files,
  ...run
}: T): Omit<T, keyof FormerMaps> & { reads: Record<string, unknown> } {
  const supplied = { ...mapValues(consumes, (read) => ({ rule: "consumed", ...read })), ...injects };
  const own = writes.filter((name) => !Object.hasOwn(supplied, name)).map((name) => [name, { rule: "own" }]);
  const versions = mapValues(frozen, (version, name) => ({
    ...{ rule: "frozen", version },
    ...(held.includes(name) ? { held: true } : {}),
    ...(Object.hasOwn(files, name) ? { file: withoutVersion(files[name] ?? {}) } : {}),
  }));
  const pinned: Record<string, object> = { ...supplied, ...Object.fromEntries(own), ...versions };
  const plain = Object.entries(files).filter(
    ([name, known]) => known.version === undefined && !Object.hasOwn(frozen, name),
  );
  const reads = {
    ...mapValues(pinned, (read, name) =>
      Object.hasOwn(passedOver, name) ? { ...read, passed_over: passedOver[name] } : read,
    ),
    ...mapValues(Object.fromEntries(plain), (known) => ({ rule: "plain", file: known })),
  };
  return { ...run, reads };
}

function withoutVersion({ version: _, ...known }: { version?: unknown }): object {
  return known;
}

function mapValues<T, R>(map: Readonly<Record<string, T>>, change: (value: T, name: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(map).map(([name, each]) => [name, change(each, name)]));
}
