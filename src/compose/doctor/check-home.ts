import { describeMoved, listGonePaths, projectOf, readHomeState, SETTLE_HINT } from "../home/home-state.ts";
import { listLostSessions } from "../home/newest-session.ts";
import { describeOlder, OLDER_HINT } from "../home/state-warnings.ts";
import { type Finding, findingFail, findingWarn } from "./finding.ts";
import type { StatePlace } from "./state-check.ts";

/** A state folder that is a copy of another one, and was not settled as one of its own; or one that was renamed. */
export function checkHome({ state, registry }: StatePlace): Finding[] {
  const context = { registry, folders: state };
  const { movedFrom } = readHomeState(context);
  if (movedFrom !== null) return [findingFail("registry-moved", describeMoved(movedFrom, state), SETTLE_HINT)];
  const now = projectOf(state.root);
  return listGonePaths(context).map((path) => {
    const former = projectOf(path);
    const detail = `data are on record below ${former}, which is not there: ${now} was renamed, and they are not found`;
    return findingWarn("renamed", detail, `rename it back, or make a link: \`ln -s ${now} ${former}\``);
  });
}

/** A registry that does not know what has run here. */
export function checkAge({ state, registry }: StatePlace): Finding[] {
  const lost = listLostSessions(registry, state);
  return lost.length === 0 ? [] : [findingFail("registry-older", describeOlder(lost, state), OLDER_HINT)];
}
