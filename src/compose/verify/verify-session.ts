import { readFileSync } from "node:fs";
import type { SessionRecord } from "../../core/run.ts";
import type { Finding } from "../../explain/certificate.ts";
import { patchPath } from "../capture/capture-origin.ts";
import { digestPlan, keptPlanPath } from "../kept-plan/keep-plan.ts";
import type { StateLocation } from "../locate-state.ts";

/** What was kept beside the record of a session, and that it has the digests of: its plan, and the changes that no commit has. */
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
      const now = digestPlan(readFileSync(path));
      return now === digest ? [] : broken(`${what}-changed`, `${path} was ${digest} and is ${now} now`);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return broken(`${what}-missing`, code === "ENOENT" ? `${path} is gone` : message);
    }
  });
}
