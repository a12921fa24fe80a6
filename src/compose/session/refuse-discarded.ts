import { RefusalError } from "../../core/error/refusal-error.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { RunId } from "../../core/run-id.ts";
import { listEarlier } from "../../core/select-reads.ts";
import { formatDiscard } from "../../core/trash.ts";
import type { Plan } from "../../plan/plan.ts";

/** Data that a plan takes from an earlier run have gone since the plan was made. */
class VersionCollectedError extends RefusalError<"version-collected"> {}

/**
 * Throws if the data of an earlier run that the plan names are in the trash, or deleted. Called in the transaction that puts the
 * session on record, as from then on they are kept for it.
 */
export function refuseDiscarded({ runs }: Pick<Plan, "runs">, registry: RegistryReader): void {
  const named = runs.flatMap((planned) =>
    listEarlier(planned).map(([dataset, { version }]) => ({ run: planned.run, dataset, writer: version.version })),
  );
  const discards = new Map(registry.discardsOf(named.map(({ writer }) => writer)).map((each) => [each.run_id, each]));
  for (const { run, dataset, writer } of named) {
    const discard = discards.get(writer as RunId);
    if (discard === undefined) continue;
    const message = `${run} reads ${dataset}, version ${writer}, which ${formatDiscard(discard)}`;
    throw new VersionCollectedError("version-collected", message, "or take another version");
  }
}
