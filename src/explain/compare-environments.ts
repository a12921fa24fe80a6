import type { ReproductionDrift } from "../core/answer/reproduction.ts";
import type { EnvironmentFacts } from "../core/run.ts";

/** Compares an environment with the recorded one; packages that are only in the present one are left out. */
export function compareEnvironments(before: EnvironmentFacts, after: EnvironmentFacts): ReproductionDrift[] {
  const drifts: ReproductionDrift[] = [];
  if (before.python !== after.python) {
    drifts.push({ kind: "python", name: "python", before: before.python, after: after.python });
  }
  for (const [name, version] of Object.entries(before.packages).sort()) {
    const now = Object.hasOwn(after.packages, name) ? (after.packages[name] ?? null) : null;
    if (now !== version) drifts.push({ kind: "package", name, before: version, after: now });
  }
  if (before.platform !== after.platform) {
    drifts.push({ kind: "platform", name: "platform", before: before.platform, after: after.platform });
  }
  return drifts;
}
