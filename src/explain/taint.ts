import type { Requester } from "../core/control-request.ts";
import type { VersionVerdict } from "../core/event/verdict-event.ts";
import type { Reading, RegistryReader } from "../core/port/registry.ts";
import { remember } from "../core/remember.ts";
import type { RunId } from "../core/run-id.ts";
import { baseKey, findEqual, isEqualVersion, type Origin } from "./equal-versions.ts";

/** A version that a user says is bad. */
export interface Taint {
  dataset: string;
  run_id: RunId;
  reason: string;
  by: Requester;
  /** Time of the taint. */
  time: string;
  /** True if other versions with the same content are not meant. */
  only_this: boolean;
}

/** A version that should not be consumed: tainted itself, equal to a tainted one, or made of a bad one. */
export interface BadVersion {
  dataset: string;
  run_id: RunId;
  kind: "tainted" | "equal" | "derived";
  /** The taint that it comes of; its own if it is tainted itself. */
  taint: Taint;
  /** The tainted or equal version that a derived one was made of; else itself. */
  source: VersionName;
  /** The attempt that has saved it anew, of what is not bad; null if none has. */
  replaced_by: RunId | null;
  /** The attempt that stood for it until it turned out bad too: what heals that heals this. Null if there is none. */
  superseded_by: RunId | null;
}

/** An attempt that saved a tainted version, or was pinned to a bad one. */
export interface TouchedRun {
  run_id: RunId;
  taint: Taint;
  /** Bad inputs, under its own names, with their writers; empty if it only saved a tainted version itself. */
  read: { dataset: string; from_dataset: string; run_id: RunId }[];
}

/** Reach of taints. */
export interface Reach {
  versions: BadVersion[];
  /** Runs in the order in which they are met: those that saved tainted versions first. */
  runs: TouchedRun[];
}

/** Name of a version. */
type VersionName = { dataset: string; run_id: RunId };

/** Lists the present taints, in the order in which they were recorded. */
export function listTaints(registry: Pick<RegistryReader, "verdicts">): Taint[] {
  return toTaints(registry.verdicts());
}

function toTaints(verdicts: readonly VersionVerdict[]): Taint[] {
  const last = new Map<string, VersionVerdict>();
  for (const verdict of verdicts) {
    if (verdict.kind !== "tainted" && verdict.kind !== "cleared") continue;
    last.delete(baseKey(verdict));
    last.set(baseKey(verdict), verdict);
  }
  return [...last.values()].flatMap(({ kind, dataset, run_id, reason, by, time, only_this = false }): Taint[] =>
    kind === "tainted" && by !== null ? [{ dataset, run_id, reason: reason ?? "", by, time, only_this }] : [],
  );
}

/**
 * Follows taints through all sessions of the registry: to versions of equal content, whenever they were saved, to those who were
 * pinned to a bad version, to what they saved, and so on. A version that came out equal again from what is not bad is not bad, nor is what was made of it.
 */
export function traceTaints(registry: RegistryReader, chosen?: readonly Taint[]): Reach {
  return registry.together(() => {
    const verdicts = registry.verdicts();
    const taints = chosen ?? toTaints(verdicts);
    if (taints.length === 0) return { versions: [], runs: [] };
    let confirmed = verdicts.filter(({ kind }) => kind === "confirmed");
    const sources = listSources(registry, taints);
    for (;;) {
      const reach = walk(registry, { sources, confirmed: new Set(confirmed.map(baseKey)) });
      const bad = new Set(reach.versions.map(baseKey));
      // A version that was confirmed by an equal one is bad if that one turns out to be bad.
      const held = confirmed.filter(
        ({ dataset, other_run_id }) => !bad.has(baseKey({ dataset, run_id: other_run_id ?? "" })),
      );
      if (held.length === confirmed.length) return { ...reach, versions: addReplacements(reach.versions, verdicts) };
      confirmed = held;
    }
  });
}

/** A version that replaces a bad one, or was equal to it, may turn out bad too, and be replaced in its turn. */
function addReplacements(versions: readonly Found[], verdicts: readonly VersionVerdict[]): BadVersion[] {
  const bad = new Set(versions.map(baseKey));
  const next = new Map<string, RunId>();
  for (const { kind, dataset, run_id, other_run_id } of verdicts)
    if ((kind === "replaced" || kind === "confirmed") && other_run_id !== null)
      next.set(baseKey({ dataset, run_id }), other_run_id);
  return versions.map((version) => {
    const seen = new Set<string>();
    let last = version.run_id;
    for (let key = baseKey(version); bad.has(key) && !seen.has(key); key = baseKey({ ...version, run_id: last })) {
      seen.add(key);
      last = next.get(key) ?? last;
    }
    if (!bad.has(baseKey({ ...version, run_id: last }))) return { ...version, replaced_by: last, superseded_by: null };
    return { ...version, replaced_by: null, superseded_by: last === version.run_id ? null : last };
  });
}

type Found = Omit<BadVersion, "replaced_by" | "superseded_by">;

/** Lists what is tainted itself, then what is equal to that. */
function listSources(registry: RegistryReader, taints: readonly Taint[]): Found[] {
  const sources = new Map<string, Found>();
  const add = ({ dataset, run_id }: VersionName, taint: Taint, kind: "tainted" | "equal") => {
    const key = baseKey({ dataset, run_id });
    if (!sources.has(key)) sources.set(key, { dataset, run_id, kind, taint, source: { dataset, run_id } });
  };
  for (const taint of taints) add(taint, taint, "tainted");
  for (const { version: taint, equal } of findEqual(registry, taints.filter(isOfContent)))
    for (const version of equal) add(version, taint, "equal");
  return [...sources.values()];
}

function isOfContent({ only_this }: Taint): boolean {
  return !only_this;
}

function walk(
  registry: RegistryReader,
  { sources, confirmed }: { sources: readonly Found[]; confirmed: ReadonlySet<string> },
): { versions: Found[]; runs: TouchedRun[] } {
  const versions = new Map(sources.map((source) => [baseKey(source), source]));
  const runs = new Map<RunId, TouchedRun>();
  for (const { run_id, taint } of sources) if (!runs.has(run_id)) runs.set(run_id, { run_id, taint, read: [] });
  for (let level = [...versions.values()]; level.length > 0; ) {
    const made: Found[] = [];
    const madeOf = findMade(registry, level);
    for (const bad of level) {
      const { taint, source } = bad;
      for (const { pin, saved } of madeOf(bad)) {
        const touched = runs.get(pin.run_id) ?? { run_id: pin.run_id, taint, read: [] };
        runs.set(pin.run_id, touched);
        touched.read.push({ dataset: pin.dataset, from_dataset: nameThere(pin), run_id: bad.run_id });
        for (const { dataset, run_id } of saved) {
          const key = baseKey({ dataset, run_id });
          if (confirmed.has(key) || versions.has(key)) continue;
          const derived: Found = { dataset, run_id, kind: "derived", taint, source };
          versions.set(key, derived);
          made.push(derived);
        }
      }
    }
    level = made;
  }
  return { versions: [...versions.values()], runs: [...runs.values()] };
}

/** Looks up who read these versions, and what each reader saved: two questions, however many versions there are. */
function findMade(
  registry: RegistryReader,
  versions: readonly VersionName[],
): (version: VersionName) => { pin: Reading; saved: readonly VersionName[] }[] {
  const all = registry.readersOf([...new Set(versions.map(({ run_id }) => run_id))]);
  const bad = new Set(versions.map(baseKey));
  const readings = Map.groupBy(all, (pin) => baseKey({ dataset: nameThere(pin), run_id: pin.writer }));
  const readers = [...readings].flatMap(([key, pins]) => (bad.has(key) ? pins.map(({ run_id }) => run_id) : []));
  const saved = Map.groupBy(
    readers.length === 0 ? [] : registry.versionsOf([...new Set(readers)]),
    ({ run_id }) => run_id,
  );
  return (version) =>
    (readings.get(baseKey(version)) ?? []).map((pin) => ({ pin, saved: saved.get(pin.run_id) ?? [] }));
}

/** The name that the writer has for it. */
function nameThere({ from_dataset, dataset }: Reading): string {
  return from_dataset ?? dataset;
}

/** Bad versions, for code that chooses versions. */
export interface TaintIndex {
  isEmpty: boolean;
  /** Null if the version is good. */
  ofVersion(version: { dataset: string; run_id: string }): BadVersion | null;
  /** The taint of what has the same content, for a version that need not be on record yet. */
  ofContent(version: Origin): Taint | null;
  /** Returns the reason why an attempt is unusable: it saved bad data, or has no outputs and read bad data. */
  ofRun(runId: string): BadRun | null;
}

/** An attempt that has something bad, and by which taint. */
export type BadRun = Pick<BadVersion, "kind" | "taint">;

export function indexTaints(registry: RegistryReader): TaintIndex {
  const { versions, runs } = traceTaints(registry);
  const byVersion = new Map(versions.map((bad) => [baseKey(bad), bad]));
  const byRun = new Map<string, BadRun>(versions.map((bad) => [bad.run_id, bad]));
  const others = runs.filter(({ run_id }) => !byRun.has(run_id));
  const savers = new Set(listSavers(registry, others));
  for (const { run_id, taint } of others) if (!savers.has(run_id)) byRun.set(run_id, { kind: "derived", taint });
  let known: { version: Taint; origin: Origin }[] | null = null;
  const origins = () => {
    known ??= findEqual(registry, listTaints(registry).filter(isOfContent));
    return known;
  };
  return {
    isEmpty: versions.length === 0,
    ofVersion: (version) => byVersion.get(baseKey(version)) ?? null,
    ofContent: (version) => origins().find(({ origin }) => isEqualVersion(origin, version))?.version ?? null,
    ofRun: (runId) => byRun.get(runId) ?? null,
  };
}

/** Lists those of some attempts that saved data. */
export function listSavers(registry: Pick<RegistryReader, "versionsOf">, runs: readonly { run_id: RunId }[]): RunId[] {
  return runs.length === 0 ? [] : registry.versionsOf(runs.map(({ run_id }) => run_id)).map(({ run_id }) => run_id);
}

/** Looks up again what is bad once anything was said of versions, or another process has written. A session may go on for days. */
export function followTaints(registry: RegistryReader): () => TaintIndex {
  let known: { at: string; index: TaintIndex } | null = null;
  const find = remember(registry, () => {
    const at = `${registry.othersMark()} ${registry.verdicts().length}`;
    if (known?.at !== at) known = { at, index: indexTaints(registry) };
    return known.index;
  });
  return () => find("");
}

/** `is tainted: wrong units`, or how it came of what is; and what replaces it. */
export function formatTaint({ replaced_by, ...bad }: BadVersion): string {
  return `${formatCause(bad)}${replaced_by === null ? "" : `; ${replaced_by} replaces it`}`;
}

function formatCause({ kind, taint, source }: Pick<BadVersion, "kind" | "taint" | "source">): string {
  const own = `is tainted: ${taint.reason}`;
  const equal = `has the content of ${nameVersion(taint)}, which ${own}`;
  switch (kind) {
    case "tainted":
      return own;
    case "equal":
      return equal;
    case "derived":
      return `was made of ${nameVersion(source)}, which ${baseKey(source) === baseKey(taint) ? own : equal}`;
  }
}

/** All that is bad of what runs saved, or stand for, and why as the end of a sentence. */
export function listBad(
  registry: RegistryReader,
  runs: readonly { run_id: RunId | null }[],
): (BadVersion & { what: string })[] {
  const ids = new Set(runs.map(({ run_id }) => run_id));
  const bad = traceTaints(registry).versions.filter(({ run_id }) => ids.has(run_id));
  return bad.map((version) => ({ ...version, what: formatTaint(version) }));
}

/** The same of an attempt, as a clause. */
export function describeBadRun({ kind, taint }: BadRun): string {
  const name = nameVersion(taint);
  if (kind === "tainted") return `${name} is tainted: ${taint.reason}`;
  const how = kind === "equal" ? "it has the content of" : "it was made of";
  return `${how} ${name}, which is tainted: ${taint.reason}`;
}

/** `table@2026-...`, as every command takes it. */
export function nameVersion({ dataset, run_id }: { dataset: string; run_id: string }): string {
  return `${dataset}@${run_id}`;
}

/** Advice on what to do about a taint. */
export const TAINT_HINT =
  "take another version, or let `runweave heal` make it again; `runweave taint` shows what is tainted, and why";
