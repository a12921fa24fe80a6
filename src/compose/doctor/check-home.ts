import { readHomeState, SETTLE_HINT, tellMoved } from "../home/home-state.ts";
import { listLostSessions } from "../home/newest-session.ts";
import { OLDER_HINT, tellOlder } from "../home/state-warnings.ts";
import { type Finding, findingFail } from "./finding.ts";
import type { StatePlace } from "./state-check.ts";

/** A state folder that is a copy of another one, and was not settled as one of its own. */
export function checkHome({ state, registry }: StatePlace): Finding[] {
  const { movedFrom } = readHomeState({ registry, folders: state });
  return movedFrom === null ? [] : [findingFail("registry-moved", tellMoved(movedFrom, state), SETTLE_HINT)];
}

/** A registry that does not know what has run here. */
export function checkAge({ state, registry }: StatePlace): Finding[] {
  const lost = listLostSessions(registry, state);
  return lost.length === 0 ? [] : [findingFail("registry-older", tellOlder(lost, state), OLDER_HINT)];
}
