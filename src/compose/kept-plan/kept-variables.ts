import { listVariables } from "../../core/variables.ts";
import type { Plan } from "../../plan/plan.ts";
import { openKeyedDigest } from "../../runners/keyed-digest.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Keyed digests of the variables that a plan's runs refer to, so that a later process can tell whether its own are the same. */
export function digestVariables(
  { runs }: Plan,
  { environment, stateFolder }: { environment: Environment; stateFolder: string },
): Record<string, string> {
  const digest = openKeyedDigest(stateFolder);
  const names = listVariables(runs.map(({ task }) => task));
  return Object.fromEntries(names.map((name) => [name, digest(environment[name] ?? "")]));
}

/** The variables that are not set here, or have another value than where the plan was made. */
export function listChangedVariables(
  kept: Readonly<Record<string, string>>,
  { environment, stateFolder }: { environment: Environment; stateFolder: string },
): string[] {
  const digest = openKeyedDigest(stateFolder);
  return Object.keys(kept).filter((name) => kept[name] !== digest(environment[name] ?? ""));
}
