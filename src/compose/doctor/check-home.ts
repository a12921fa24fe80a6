import { isKeyDamaged, keyPath } from "../../runners/keyed-digest.ts";
import { describeMoved, readHomeState, SETTLE_HINT } from "../home/home-state.ts";
import { listLostSessions } from "../home/newest-session.ts";
import { describeOlder, OLDER_HINT } from "../home/state-warnings.ts";
import { type Finding, findingFail, findingWarn } from "./finding.ts";
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

/** A key that is none: variables and inline values can't be compared with earlier sessions. */
export function checkKey({ state }: StatePlace): Finding[] {
  if (!isKeyDamaged(state.root)) return [];
  const detail = `${keyPath(state.root)} is no key of a state folder: sessions with variables can't be resumed, nor told apart`;
  return [findingWarn("key", detail, "put it back from a backup; else remove it: the next session makes another one")];
}
