import { hasCatalog } from "../../core/kinds.ts";
import type { RunKind } from "../../core/run.ts";

/** Names the step of asking Kedro projects, which takes seconds; null for a plan without them. */
export function askingStep(runs: readonly { kind: RunKind }[]): string | null {
  return runs.some(hasCatalog) ? "reading the project's pipelines" : null;
}
