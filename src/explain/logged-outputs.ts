import { isDeepStrictEqual } from "node:util";
import type { RunResolved, RunSucceeded } from "../core/event/event.ts";
import type { RegistryReader } from "../core/port/registry.ts";
import type { VersionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";

/**
 * Finds the reason why an attempt's outputs must not be used: the tables differ from the event of the attempt's success,
 * or that event was changed. The same of `fingerprint`, if the attempt was found by it. Null if there is none.
 */
export function findUnlogged(registry: RegistryReader, run_id: RunId, fingerprint?: string): string | null {
  const logged = findLogged(registry, run_id, fingerprint);
  if (typeof logged === "string") return logged;
  const saved = registry.versionsOf([run_id]);
  const names = new Set([...saved.map((version) => version.dataset), ...Object.keys(logged)]);
  for (const name of names) {
    const version = saved.find((each) => each.dataset === name);
    if (version === undefined || !isDeepStrictEqual(version, { dataset: name, run_id, ...logged[name] })) {
      return `what the registry says of "${name}" of run ${run_id} is not what its log says: \`runweave verify ${run_id}\` tells more`;
    }
  }
  return null;
}

/** Reads the outputs from the event of the attempt's success; a text is the reason why they can't be used. */
function findLogged(
  registry: RegistryReader,
  run_id: RunId,
  fingerprint: string | undefined,
): Record<string, VersionRecord> | string {
  let begun: string | null = null;
  for (const { seq, event, fault } of registry.links({ run: run_id })) {
    if (event?.type !== "run.resolved" && event?.type !== "run.succeeded") continue;
    if (fault !== null)
      return `event ${seq} of the log, by which run ${run_id} ${describeStep(event)}, can't be trusted: ${fault}`;
    if (event.type === "run.resolved") begun = event.cache?.fingerprint?.digest ?? null;
    else if (fingerprint === undefined) return event.outputs;
    else if (begun === fingerprint && event.fingerprint_void === undefined) return event.outputs;
    else
      return `run ${run_id} has another fingerprint in the log than in the tables: \`runweave verify ${run_id}\` tells more`;
  }
  return `the log does not say that run ${run_id} succeeded`;
}

function describeStep({ type }: RunResolved | RunSucceeded): string {
  return type === "run.resolved" ? "began" : "succeeded";
}
