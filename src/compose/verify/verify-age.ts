import type { RegistryReader } from "../../core/port/registry.ts";
import type { Finding } from "../../explain/certificate.ts";
import { listLostSessions } from "../home/newest-session.ts";
import { describeOlder, OLDER_HINT } from "../home/state-warnings.ts";
import type { StateLocation } from "../locate-state.ts";

/** A registry that does not know what has run here. Of a single run it may tell the truth; the whole is not whole. */
export function verifyAge(registry: RegistryReader, state: StateLocation, isWhole: boolean): Finding[] {
  const lost = listLostSessions(registry, state);
  if (lost.length === 0) return [];
  const message = `${describeOlder(lost, state)}; ${OLDER_HINT}`;
  const verdict = isWhole ? "broken" : "unknown";
  return [{ verdict, code: "registry-older", run_id: null, dataset: null, seq: null, message }];
}
