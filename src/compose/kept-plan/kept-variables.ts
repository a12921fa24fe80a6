import { listVariables } from "../../core/variables.ts";
import type { Plan } from "../../plan/plan.ts";
import { openKeyedDigest } from "../../runners/keyed-digest.ts";
import type { KeptPlan } from "./keep-plan.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Digests of variables, and one by which their key is told from another. */
type KeptVariables = Pick<KeptPlan, "variables" | "variables_key">;

/** Keyed digests of the variables that a plan's runs refer to, so that a later process can tell whether its own are the same. */
export function digestVariables(
  { runs }: Plan,
  { environment, stateFolder }: { environment: Environment; stateFolder: string },
): KeptVariables {
  const digest = openKeyedDigest(stateFolder);
  const names = listVariables(runs.map(({ task }) => task));
  const variables = Object.fromEntries(names.map((name) => [name, digest(environment[name] ?? "")]));
  return names.length === 0 ? { variables } : { variables, variables_key: digest(KEY_CHECK) };
}

/** A text that no variable has, as it holds a NUL. */
const KEY_CHECK = "key\0";

/** True if the key of the state folder is not the one that the digests were made with: they tell nothing then. */
export function hasOtherKey({ variables_key }: KeptVariables, stateFolder: string): boolean {
  return variables_key !== undefined && variables_key !== openKeyedDigest(stateFolder)(KEY_CHECK);
}

/** The variables that are not set here, or have another value than where the plan was made. */
export function listChangedVariables(
  kept: Readonly<Record<string, string>>,
  { environment, stateFolder }: { environment: Environment; stateFolder: string },
): string[] {
  const digest = openKeyedDigest(stateFolder);
  return Object.keys(kept).filter((name) => kept[name] !== digest(environment[name] ?? ""));
}
