import { problemAt } from "../../core/error/problem.ts";
import type { ConsumedRead, GivenRead } from "../../core/read.ts";
import { listSupplied } from "../../core/select-reads.ts";
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
  for (const [dataset, read] of listSupplied(run)) {
    const known = findFacts(slice, dataset);
    if (!known?.by_params || known.location === null) continue;
    const origin = findOrigin(context, read);
    if (origin !== null && origin.location !== known.location) report(context, run, { dataset, ...origin });
  }
}

interface Origin {
  source: string;
  /** Place in the writer's catalog; null if it has no path there. */
  location: string | null;
}

/** Null for what is not known, and for what has no place of its own. */
function findOrigin({ facts }: CheckContext, read: ConsumedRead | GivenRead): Origin | null {
  if (read.rule === "consumed") {
    const slice = facts.get(read.run);
    const known = slice === undefined ? undefined : findFacts(slice, read.dataset);
    return known === undefined ? null : { source: `"${read.dataset}" of ${read.run}`, location: known.location };
  }
  return { source: read.source, location: read.rule === "value" ? null : read.version.plain_location };
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
