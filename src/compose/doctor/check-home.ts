import { describeMoved, readHomeState, SETTLE_HINT } from "../home/home-state.ts";
import { listLostSessions } from "../home/newest-session.ts";
import { describeOlder, OLDER_HINT } from "../home/state-warnings.ts";
import { type Finding, findingFail } from "./finding.ts";
import type { StatePlace } from "./state-check.ts";

/** A state folder that is a copy of another one, and was not settled as one of its own. */
export function checkHome({ state, registry }: StatePlace): Finding[] {
  const { movedFrom } = readHomeState({ registry, folders: state });
  return movedFrom === null ? [] : [findingFail("registry-moved", describeMoved(movedFrom, state), SETTLE_HINT)];
}

/** A registry that does not know what has run here. */
export function checkAge({ state, registry }: StatePlace): Finding[] {
  const lost = listLostSessions(registry, state);
  return lost.length === 0 ? [] : [findingFail("registry-older", describeOlder(lost, state), OLDER_HINT)];
}
