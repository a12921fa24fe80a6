import type { ContentVersion, RegistryReader } from "../core/registry.ts";
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

/** A version with all that its equals are found by; null if no attempt saved it, or the hash of its content is not known. */
export function findOrigin(
  registry: RegistryReader,
  version: { dataset: string; run_id: RunId },
): ContentVersion | null {
  const saved = registry.versionsOf(version.run_id);
  const hash = saved.find((each) => baseKey(each) === baseKey(version))?.hash ?? null;
  if (hash === null) return null;
  return listOfContent(registry, version.dataset, hash).find((each) => baseKey(each) === baseKey(version)) ?? null;
}

/** Other versions of the same dataset with the same content, oldest first. */
export function listEqual(registry: RegistryReader, origin: ContentVersion): ContentVersion[] {
  const alike = origin.hash === null ? [] : listOfContent(registry, origin.dataset, origin.hash);
  return alike.filter((each) => each.run_id !== origin.run_id && isEqualVersion(each, origin));
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

function listOfContent(registry: RegistryReader, dataset: string, hash: string): ContentVersion[] {
  return registry.versionsOfContent({ dataset: baseName(dataset), hash });
}
