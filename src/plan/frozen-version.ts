import type { FrozenInput } from "./plan.ts";

/** The version that a dataset from outside the session is pinned to. */
export function versionOf(input: FrozenInput): string {
  return input.rule === "value" ? input.version : input.version.version;
}
