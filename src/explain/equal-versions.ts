import type { ContentVersion, RegistryReader } from "../core/port/registry.ts";
import type { RunId } from "../core/run-id.ts";
import { baseName } from "../plan/transcoding.ts";

/** A version as its content and its origin tell it from others. */
export type Origin = Pick<
  ContentVersion,
  "dataset" | "hash" | "plain_location" | "run" | "workflow" | "workflow_file" | "fingerprint"
>;

/** A version without its format: `@` siblings are one file, so they are bad or good together. */
export function baseKey({ dataset, run_id }: { dataset: string; run_id: string }): string {
  return JSON.stringify([run_id, baseName(dataset)]);
}

/** A version with all that its equals are found by, and these: of the same dataset and content, oldest first. */
export interface EqualVersions<V> {
  version: V;
  origin: ContentVersion;
  equal: ContentVersion[];
}

/** The equals of each version, all at once. Leaves out what no attempt saved, and content whose hash is not known. */
export function findEqual<V extends { dataset: string; run_id: RunId }>(
  registry: RegistryReader,
  versions: readonly V[],
): EqualVersions<V>[] {
  if (versions.length === 0) return [];
  const wanted = new Set(versions.map(baseKey));
  const saved = registry.versionsOf([...new Set(versions.map(({ run_id }) => run_id))]);
  const contents = saved.flatMap((version) => {
    const { dataset, hash } = version;
    return hash === null || !wanted.has(baseKey(version)) ? [] : [{ dataset: baseName(dataset), hash }];
  });
  const distinct = new Map(contents.map((content) => [JSON.stringify(content), content]));
  const alike = registry.versionsOfContent([...distinct.values()]);
  return versions.flatMap((version): EqualVersions<V>[] => {
    const origin = alike.find((each) => baseKey(each) === baseKey(version));
    if (origin === undefined) return [];
    const equal = alike.filter((each) => each.run_id !== origin.run_id && isEqualVersion(each, origin));
    return [{ version, origin, equal }];
  });
}

/**
 * True if two versions hold the same dataset with the same content. The name alone does not make a dataset: an empty file may be
 * right in one workflow and wrong in another. So one run of one workflow saved both, or the same work did, or both belong at
 * one path of the project.
 */
export function isEqualVersion(one: Origin, other: Origin): boolean {
  if (one.hash === null || one.hash !== other.hash || baseName(one.dataset) !== baseName(other.dataset)) return false;
  const isOneRun =
    one.run === other.run && one.workflow === other.workflow && one.workflow_file === other.workflow_file;
  const isOneWork = one.fingerprint !== null && one.fingerprint === other.fingerprint;
  const isOnePlace = one.plain_location !== null && one.plain_location === other.plain_location;
  return isOneRun || isOneWork || isOnePlace;
}
