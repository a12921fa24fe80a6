import { isDataFile } from "../core/data-file.ts";
import {
  FINGERPRINT_GROUPS,
  type Fingerprint,
  type FingerprintGroup,
  type FingerprintParts,
  type WorkDescription,
} from "../core/fingerprint.ts";
import { mapTexts } from "../core/json.ts";
import type { ResolvedRun } from "../core/port/runner.ts";
import type { GivenData } from "../core/read.ts";
import { listInputs, listValues } from "../core/select-reads.ts";
import { formatCanonical } from "../plan/canonical-json.ts";

/** `sha256:...` of a text; given, as the resolver does no I/O. */
export type Digest = (text: string) => string;

/** The fingerprint of a run whose reads are settled, or why it has none. */
export type Fingerprinting = { ok: true; fingerprint: Fingerprint } | { ok: false; reason: string };

/**
 * Fingerprints a run by its work and by the content of its reads: an upstream run that was executed again and saved
 * equal data changes no fingerprint. A version with unknown content leaves the run without a fingerprint.
 */
export function fingerprintRun(
  { parts, obstacles }: WorkDescription,
  run: Pick<ResolvedRun, "reads">,
  digest: Digest,
): Fingerprinting {
  const inputs = listInputs(run);
  const unknown = inputs.filter(([, { version }]) => version.hash === null);
  const reasons = [...obstacles, ...unknown.map(([dataset]) => `the content of '${dataset}' is unknown`)];
  if (reasons.length > 0) return { ok: false, reason: reasons.join("; ") };
  const read = [
    ...inputs.map(([dataset, input]) => [dataset, identifyInput(input, digest)]),
    ...listValues(run).map(([dataset, { version }]) => [dataset, version]),
  ];
  const whole: FingerprintParts = { ...parts, inputs: { ...parts.inputs, ...Object.fromEntries(read) } };
  return { ok: true, fingerprint: { digest: digest(formatCanonical(whole)), parts: whole } };
}

/**
 * Content, and how it is read: upstream's own entry counts, but for the place, which no result depends on, and which changes with
 * the project's. The file's name stays: some readers go by its ending.
 */
export function identifyInput(
  { version: { version, hash, location, entry }, as }: Pick<GivenData, "version" | "as">,
  digest: Digest,
): string {
  if (entry === null || as === "downstream") return `${hash} ${as}`;
  const config = mapTexts(entry.config, (text) => {
    const name = text.slice(text.lastIndexOf("/") + 1);
    return text === location || `${text}/${version}/${name}` === location ? name : text;
  });
  const text = formatCanonical({ ...config, versioned: entry.versioned });
  return `${hash} ${digest(text.replaceAll(version, ""))}`;
}

/** Difference of two fingerprints, for people. */
export interface ToldDifference {
  /** The difference, as a clause. */
  what: string;
  /** Values before and after: `3.11.6 -> 3.11.7`; null where the earlier one is not kept, as it may be a secret. */
  sides: string | null;
}

/** The first part in which two fingerprints differ, in the order task, environment, code, parameters, catalog, inputs. */
export function describeDifference(before: FingerprintParts, after: FingerprintParts): ToldDifference | null {
  for (const group of FINGERPRINT_GROUPS) {
    const [was, is] = [before[group] ?? {}, after[group] ?? {}];
    const [first] = listDiffering(was, is).sort();
    if (first === undefined) continue;
    const more = countDifferences(before, after) - 1;
    const others = more === 0 ? "" : ` (and ${more} more)`;
    const what = `${TELL[group](first)} ${formatChange(was[first], is[first])}${others}`;
    return { what, sides: describeSides(group, was[first], is[first]) };
  }
  return null;
}

function countDifferences(before: FingerprintParts, after: FingerprintParts): number {
  return FINGERPRINT_GROUPS.reduce(
    (sum, group) => sum + listDiffering(before[group] ?? {}, after[group] ?? {}).length,
    0,
  );
}

function listDiffering(was: Readonly<Record<string, string>>, is: Readonly<Record<string, string>>): string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => was[name] !== is[name]);
}

function describeSides(group: FingerprintGroup, was: string | undefined, is: string | undefined): string | null {
  const sides = [was, is].map((side) => (side === undefined ? "nothing" : showSide(group, side)));
  const [before = null, after = null] = sides;
  return before === null || after === null || before === after ? null : `${before} -> ${after}`;
}

const SHOWN_DIGITS = 12;

/** Shows versions, and the beginnings of plain hashes: all other sides are digests with the registry's key. */
function showSide(group: FingerprintGroup, side: string): string | null {
  const hash =
    /^sha256:([0-9a-f]+)/.exec(side)?.[1] ?? (group === "code" ? /^[0-9a-f]{16,}$/.exec(side)?.[0] : undefined);
  switch (group) {
    case "environment":
      return /^v?\d+\.\d/.test(side) ? side : null;
    case "task":
    case "code":
    case "inputs":
      return hash === undefined ? null : hash.slice(0, SHOWN_DIGITS);
    case "parameters":
    case "catalog":
      return null;
    default:
      return group satisfies never;
  }
}

const TASK_PARTS: Readonly<Record<string, string>> = {
  nodes: "the wiring of its nodes",
  outputs: "the list of its outputs",
};

const TELL: Readonly<Record<keyof FingerprintParts, (name: string) => string>> = {
  task: (name) => TASK_PARTS[name] ?? `its ${name}`,
  environment: (name) => (name === "packages" ? "an installed package" : `the version of ${name}`),
  code: (name) => (isDataFile(name) ? `the file ${name}` : `the code in ${name}`),
  parameters: describeParameter,
  catalog: (name) => `the catalog entry of '${name}'`,
  inputs: (name) => `the content of '${name}'`,
};

/** The worker names configuration that only hooks read `conf:spark`; of `conf:parameters` it knows no more than that. */
function describeParameter(name: string): string {
  if (name === "conf:params") return "a parameter that no node reads";
  if (name === "conf:parameters") return "a parameter that a hook of the project can read";
  return name.startsWith("conf:")
    ? `the configuration of '${name.slice(5)}'`
    : `the parameter ${name.replace(/^params:/, "")}`;
}

function formatChange(was: string | undefined, is: string | undefined): string {
  if (was === undefined) return "is new";
  return is === undefined ? "is gone" : "has changed";
}
