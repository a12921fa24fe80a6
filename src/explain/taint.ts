import type { Requester } from "../core/control-request.ts";
import type { RegistryReader, VersionVerdict } from "../core/registry.ts";
import type { RunId } from "../core/run-id.ts";
import { baseName } from "../plan/transcoding.ts";

/** A version that somebody says is bad. */
export interface Taint {
  dataset: string;
  run_id: RunId;
  reason: string;
  by: Requester;
  /** Since when. */
  time: string;
}

/** A version that nothing should be made of: tainted itself, or made of one that is. */
export interface BadVersion {
  dataset: string;
  run_id: RunId;
  /** The taint that it comes of; its own if it is tainted itself. */
  taint: Taint;
  /** The attempt that has saved it anew, of what is not bad; null if none has. */
  replaced_by: RunId | null;
  /** The attempt that stood for it until it turned out bad too: what heals that heals this. Null if there is none. */
  superseded_by: RunId | null;
}

/** An attempt that saved a tainted version, or was pinned to a bad one. */
export interface TouchedRun {
  run_id: RunId;
  taint: Taint;
  /** What it read of that, under its own names, and who saved it; empty if it only saved a tainted version itself. */
  read: { dataset: string; from_dataset: string; run_id: RunId }[];
}

/** Everything that taints reach. */
export interface Reach {
  versions: BadVersion[];
  /** In the order in which they are met: those that saved tainted versions first. */
  runs: TouchedRun[];
}

/** A version, whoever asks about it. */
type VersionName = { dataset: string; run_id: string };

/** What is tainted now, in the order in which that was said. */
export function listTaints(registry: Pick<RegistryReader, "verdicts">): Taint[] {
  const last = new Map<string, VersionVerdict>();
  for (const verdict of registry.verdicts()) {
    if (verdict.kind !== "tainted" && verdict.kind !== "cleared") continue;
    last.delete(baseKey(verdict));
    last.set(baseKey(verdict), verdict);
  }
  return [...last.values()].flatMap(({ kind, dataset, run_id, reason, by, time }): Taint[] =>
    kind === "tainted" && by !== null ? [{ dataset, run_id, reason: reason ?? "", by, time }] : [],
  );
}

/** A version without its format: `@` siblings are one file, so they are bad or good together. */
export function baseKey({ dataset, run_id }: VersionName): string {
  return JSON.stringify([run_id, baseName(dataset)]);
}

/**
 * Follows taints through all sessions of the registry: to those who were pinned to a bad version, to what they saved, and so
 * on. A version that came out equal again from what is not bad is not bad, nor is what was made of it.
 */
export function traceTaints(registry: RegistryReader, taints: readonly Taint[] = listTaints(registry)): Reach {
  if (taints.length === 0) return { versions: [], runs: [] };
  return registry.together(() => {
    let confirmed = registry.verdicts().filter(({ kind }) => kind === "confirmed");
    for (;;) {
      const reach = walk(registry, { taints, confirmed: new Set(confirmed.map(baseKey)) });
      const bad = new Set(reach.versions.map(baseKey));
      // What a version was found equal to may have turned out bad itself.
      const held = confirmed.filter(
        ({ dataset, other_run_id }) => !bad.has(baseKey({ dataset, run_id: other_run_id ?? "" })),
      );
      if (held.length === confirmed.length) return { ...reach, versions: addReplacements(reach.versions, registry) };
      confirmed = held;
    }
  });
}

/** What replaces a bad version, or was equal to it, may turn out bad too, and be replaced in its turn. */
function addReplacements(versions: readonly Found[], registry: Pick<RegistryReader, "verdicts">): BadVersion[] {
  const bad = new Set(versions.map(baseKey));
  const next = new Map<string, RunId>();
  for (const { kind, dataset, run_id, other_run_id } of registry.verdicts())
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

function walk(
  registry: RegistryReader,
  { taints, confirmed }: { taints: readonly Taint[]; confirmed: ReadonlySet<string> },
): { versions: Found[]; runs: TouchedRun[] } {
  const versions = new Map<string, Found>();
  const runs = new Map<RunId, TouchedRun>();
  for (const taint of taints) {
    const { dataset, run_id } = taint;
    versions.set(baseKey(taint), { dataset, run_id, taint });
    runs.set(run_id, { run_id, taint, read: [] });
  }
  // The map grows while it is walked.
  for (const bad of versions.values()) {
    for (const pin of registry.readersOf(bad.run_id)) {
      const from_dataset = pin.from_dataset ?? pin.dataset;
      if (baseName(from_dataset) !== baseName(bad.dataset)) continue;
      const touched = runs.get(pin.run_id) ?? { run_id: pin.run_id, taint: bad.taint, read: [] };
      runs.set(pin.run_id, touched);
      touched.read.push({ dataset: pin.dataset, from_dataset, run_id: bad.run_id });
      for (const { dataset, run_id } of registry.versionsOf(pin.run_id)) {
        const key = baseKey({ dataset, run_id });
        if (!confirmed.has(key) && !versions.has(key)) versions.set(key, { dataset, run_id, taint: bad.taint });
      }
    }
  }
  return { versions: [...versions.values()], runs: [...runs.values()] };
}

/** What is bad, for those who choose versions. */
export interface TaintIndex {
  isEmpty: boolean;
  /** Null if the version is good. */
  ofVersion(version: VersionName): BadVersion | null;
  /** The taint for which an attempt stands for nothing: it saved something bad, or saved nothing and read that. */
  ofRun(runId: string): Taint | null;
}

export function indexTaints(registry: RegistryReader): TaintIndex {
  const { versions, runs } = traceTaints(registry);
  const byVersion = new Map(versions.map((bad) => [baseKey(bad), bad]));
  const byRun = new Map<string, Taint>(versions.map(({ run_id, taint }) => [run_id, taint]));
  for (const { run_id, taint } of runs)
    if (!byRun.has(run_id) && registry.versionsOf(run_id).length === 0) byRun.set(run_id, taint);
  return {
    isEmpty: versions.length === 0,
    ofVersion: (version) => byVersion.get(baseKey(version)) ?? null,
    ofRun: (runId) => byRun.get(runId) ?? null,
  };
}

/** `is tainted: wrong units`, or `was made of table@2026-..., which is tainted: wrong units`; and what replaces it. */
export function tellTaint({ taint, replaced_by, ...version }: BadVersion): string {
  const isOwn = baseKey(version) === baseKey(taint);
  const what = isOwn ? "is tainted" : `was made of ${taint.dataset}@${taint.run_id}, which is tainted`;
  return `${what}: ${taint.reason}${replaced_by === null ? "" : `; ${replaced_by} replaces it`}`;
}

/** What to do about it. */
export const TAINT_HINT =
  "take another version, or let `runweave heal` make it again; `runweave taint` tells what is tainted, and why";
