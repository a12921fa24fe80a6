import { problemAt } from "../../core/error/problem.ts";
import { locateKey } from "../locate-key.ts";
import { findFacts } from "../places/places.ts";
import type { PlannedRun } from "../plan.ts";
import type { CheckContext } from "./check-context.ts";

/**
 * Finds parameters that move a dataset which the run consumes. The run reads the version that upstream saved, so they
 * would have no effect, and their author meant something else. Parameters that move it to upstream's place are allowed.
 */
export function checkRedirected(context: CheckContext, run: PlannedRun): void {
  const slice = context.facts.get(run.run);
  if (slice === undefined) return;
  for (const dataset of [...Object.keys(run.consumes), ...Object.keys(run.injects)]) {
    const known = findFacts(slice, dataset);
    if (!known?.by_params || known.location === null) continue;
    const origin = findOrigin(context, run, dataset);
    if (origin !== null && origin.location !== known.location) report(context, run, { dataset, ...origin });
  }
}

interface Origin {
  source: string;
  /** Place in the writer's catalog; null if it has no path there. */
  location: string | null;
}

/** Null for what is not known, and for what has no place of its own. */
function findOrigin({ facts }: CheckContext, run: PlannedRun, dataset: string): Origin | null {
  const input = Object.hasOwn(run.consumes, dataset) ? run.consumes[dataset] : undefined;
  if (input !== undefined) {
    const slice = facts.get(input.run);
    const known = slice === undefined ? undefined : findFacts(slice, input.dataset);
    return known === undefined ? null : { source: `"${input.dataset}" of ${input.run}`, location: known.location };
  }
  const injected = run.injects[dataset];
  if (injected === undefined) return null;
  const location = injected.rule === "value" ? null : injected.version.plain_location;
  return { source: injected.source, location };
}

function report(
  { definition, facts, findings }: CheckContext,
  run: PlannedRun,
  { dataset, source, location }: Origin & { dataset: string },
): void {
  const { name } = run.definition;
  const slice = facts.get(run.run);
  const there = slice === undefined ? null : findFacts(slice, dataset)?.location;
  findings.add(["redirected", name, dataset], () => {
    const message = `the params of ${run.run} move "${dataset}" to ${there}, but it consumes that from ${source}: the params would change nothing`;
    const hint =
      location === null
        ? "leave them out, or don't consume it"
        : "leave them out, give the same to the run that saves it, or don't consume it";
    return problemAt(locateKey(definition, name, ["params"]), "redirected", message, hint);
  });
}
