import type { SessionRecord } from "../../core/run.ts";
import type { Finding } from "../../explain/certificate.ts";
import { readPlainFile } from "../../processes/read-record.ts";
import { patchPath } from "../capture/capture-origin.ts";
import { digestPlan, keptPlanPath } from "../kept-plan/keep-plan.ts";
import type { StateLocation } from "../locate-state.ts";

/** Checks the kept plan of a session, and the patch of its uncommitted changes, against the digests in its record. */
export function verifySession({ session_id, origin }: SessionRecord, state: StateLocation): Finding[] {
  const { plan = null, patch = null } = origin ?? {};
  const kept = [
    ...(plan === null ? [] : [{ what: "plan", path: keptPlanPath(state, session_id), digest: plan }]),
    ...(patch === null ? [] : [{ what: "patch", path: patchPath(state.root, patch), digest: patch.digest }]),
  ];
  return kept.flatMap(({ what, path, digest }): Finding[] => {
    const broken = (code: string, message: string): Finding[] => {
      const about = { run_id: null, dataset: null, seq: null };
      return [{ verdict: "broken", code, ...about, message: `the ${what} of session ${session_id}: ${message}` }];
    };
    try {
      const bytes = readPlainFile(path);
      if (bytes === null) return broken(`${what}-missing`, `${path} is gone`);
      const now = digestPlan(bytes);
      return now === digest ? [] : broken(`${what}-changed`, `${path} was ${digest} and is ${now} now`);
    } catch (error) {
      return broken(`${what}-missing`, (error as Error).message);
    }
  });
}
