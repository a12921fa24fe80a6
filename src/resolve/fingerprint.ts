import {
  FINGERPRINT_GROUPS,
  type Fingerprint,
  type FingerprintParts,
  type WorkDescription,
} from "../core/fingerprint.ts";
import type { ResolvedInput, ResolvedRun } from "../core/runner.ts";
import { formatCanonical } from "../plan/canonical-json.ts";

/** `sha256:...` of a text; given, as the resolver does no I/O. */
export type Digest = (text: string) => string;

/** The fingerprint of a run whose reads are settled, or why it has none. */
export type Fingerprinting = { ok: true; fingerprint: Fingerprint } | { ok: false; reason: string };

/**
 * What planning knows of a run's work, and what it is to read, by content: an upstream run that was executed again and
 * saved equal data changes nothing. A version whose content nobody knows leaves the run without a fingerprint.
 */
export function fingerprintRun(
  { parts, obstacles }: WorkDescription,
  { inputs, values }: ResolvedRun,
  digest: Digest,
): Fingerprinting {
  const unknown = Object.keys(inputs).filter((dataset) => inputs[dataset]?.version.hash == null);
  const reasons = [...obstacles, ...unknown.map((dataset) => `nobody knows the content of '${dataset}'`)];
  if (reasons.length > 0) return { ok: false, reason: reasons.join("; ") };
  const read = [
    ...Object.entries(inputs).map(([dataset, input]) => [dataset, identifyInput(input, digest)]),
    ...Object.entries(values).map(([dataset, { version }]) => [dataset, version]),
  ];
  const whole: FingerprintParts = { ...parts, inputs: { ...parts.inputs, ...Object.fromEntries(read) } };
  return { ok: true, fingerprint: { digest: digest(formatCanonical(whole)), parts: whole } };
}

/** Content, and how it is read: upstream's own entry counts, but for the place, which no result depends on. */
export function identifyInput(
  { version: { version, hash, entry }, as }: Pick<ResolvedInput, "version" | "as">,
  digest: Digest,
): string {
  if (entry === null || as === "downstream") return `${hash} ${as}`;
  const text = formatCanonical({ ...entry.config, versioned: entry.versioned });
  return `${hash} ${digest(text.replaceAll(version, ""))}`;
}

/**
 * The first part in which two fingerprints differ, as a clause for people, in the order task, environment, code, parameters,
 * catalog, inputs. Null if they are equal.
 */
export function tellDifference(before: FingerprintParts, after: FingerprintParts): string | null {
  for (const group of FINGERPRINT_GROUPS) {
    const [was, is] = [before[group] ?? {}, after[group] ?? {}];
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => was[name] !== is[name]);
    const [first] = names.sort();
    if (first === undefined) continue;
    const others = names.length === 1 ? "" : ` (and ${names.length - 1} more of ${group})`;
    return `${TELL[group](first)} ${tellChange(was[first], is[first])}${others}`;
  }
  return null;
}

const TELL: Readonly<Record<keyof FingerprintParts, (name: string) => string>> = {
  task: (name) => `its ${name}`,
  environment: (name) => (name === "packages" ? "an installed package" : `the version of ${name}`),
  code: (name) => `the code in ${name}`,
  parameters: tellParameter,
  catalog: (name) => `the catalog entry of '${name}'`,
  inputs: (name) => `the content of '${name}'`,
};

/** The worker names configuration that only hooks read `conf:spark`; of `conf:parameters` it knows no more than that. */
function tellParameter(name: string): string {
  if (name === "conf:params") return "a parameter that no node reads";
  if (name === "conf:parameters") return "a parameter that a hook of the project can read";
  return name.startsWith("conf:")
    ? `the configuration of '${name.slice(5)}'`
    : `the parameter ${name.replace(/^params:/, "")}`;
}

function tellChange(was: string | undefined, is: string | undefined): string {
  if (was === undefined) return "is new";
  return is === undefined ? "is gone" : "has changed";
}
