import { formatLocalTime } from "../../core/text/local-time.ts";
import { openUpkeep } from "../../runners/index.ts";
import { type Finding, findingOk, findingWarn } from "./finding.ts";
import type { StatePlace } from "./state-check.ts";

const WHAT = "kept worker";
const END = "`runweave doctor --end-workers` ends it";

/** Tells which Kedro workers wait for the next session, and which of them no session can find. */
export function checkWorkers({ state }: StatePlace): Finding[] {
  const upkeep = openUpkeep(state);
  const waiting = upkeep.listWaiting().map(({ pid, project_path, until }) => {
    const detail = `the worker of ${project_path} (pid ${pid}) waits for the next session until ${formatLocalTime(until)}`;
    return findingOk(WHAT, detail, END);
  });
  const { workers, damaged } = upkeep.findLost();
  const ofLost = workers.map(({ pid, record }) => {
    const detail = `the worker with pid ${pid} waits, but no session finds it: its record ${record} is damaged or gone`;
    return findingWarn(WHAT, detail, `${END}, as do the next session that needs a worker, \`resume\` and \`gc --yes\``);
  });
  const ofNobody = damaged.map((path) =>
    findingWarn(WHAT, `${path} is no record of a worker`, "no worker needs it: remove it"),
  );
  return [...waiting, ...ofLost, ...ofNobody];
}
