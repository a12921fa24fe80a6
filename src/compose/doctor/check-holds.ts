import { describeOwner } from "../../core/ownership.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { readActivity } from "../../processes/activity.ts";
import { describeHold } from "../../processes/describe-hold.ts";
import { findHolder } from "../../processes/hold-places.ts";
import { type Finding, findingOk, findingWarn } from "./finding.ts";
import type { StatePlace } from "./state-check.ts";

const MAX_HOLDS = 20;

/** Lists acts that have places or wait for them, and since when. Warns of acts that keep places but do not work. */
export function checkHolds({ registry, state }: StatePlace): Finding[] {
  const { holds } = registry;
  const all = holds.list().filter(({ is_ended }) => !is_ended);
  const had = all.slice(0, MAX_HOLDS).flatMap((hold): Finding[] => {
    const holder = findHolder(hold, { holds, attempts: state.attempts });
    if (holder === null) return [];
    const since =
      hold.held_time === null
        ? `waiting since ${formatLocalTime(hold.asked_time)}`
        : `since ${formatLocalTime(hold.held_time)}`;
    const detail = `${describeHold(hold, hold.places[0])}, ${since}, ${describeOwner(holder)}`;
    const isStopped = readActivity(holder.pid)?.isStopped === true;
    if (isStopped)
      return [findingWarn("places", `${detail}, which is stopped`, `\`kill -CONT ${holder.pid}\` lets it continue`)];
    const isOrphan = holder.pid !== hold.owner.pid;
    if (!isOrphan) return [findingOk("places", detail)];
    const hint =
      hold.session_id === null ? null : `\`runweave resume ${hold.session_id}\` ends it, or follows it to its end`;
    return [findingWarn("places", `${detail}, whose session was cut off`, hint)];
  });
  if (all.length <= MAX_HOLDS) return had;
  return [...had, findingOk("places", `${all.length - MAX_HOLDS} more operations use paths, or wait for them`)];
}
