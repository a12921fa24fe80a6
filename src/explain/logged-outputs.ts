import { isDeepStrictEqual } from "node:util";
import type { RunSucceeded } from "../core/event/event.ts";
import type { RegistryReader } from "../core/port/registry.ts";
import type { VersionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";

/**
 * Finds the reason why an attempt's outputs must not be used: the tables differ from the event of the attempt's success,
 * or that event was changed. Null if there is none.
 */
export function findUnlogged(registry: RegistryReader, run_id: RunId): string | null {
  const logged = findLogged(registry, run_id);
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

/** Reads the outputs from the event of the attempt's success; a text is the reason why that is impossible. */
function findLogged(registry: RegistryReader, run_id: RunId): Record<string, VersionRecord> | string {
  for (const { seq, event, fault } of registry.links({ run: run_id })) {
    if (event?.type !== "run.succeeded") continue;
    if (fault !== null) return `event ${seq} of the log, by which run ${run_id} succeeded, can't be trusted: ${fault}`;
    return (event as RunSucceeded).outputs;
  }
  return `the log does not say that run ${run_id} succeeded`;
}
