import { existsSync } from "node:fs";
import { describeOwner, type SessionOwnership } from "../../core/ownership.ts";
import type { AttemptSummary } from "../../core/port/registry.ts";
import type { SessionSummary } from "../../core/port/registry-lists.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { readActivity } from "../../processes/activity.ts";
import { type Claim, readClaim } from "../../processes/claim.ts";
import { hostName } from "../../processes/host.ts";
import { checkProcess } from "../../processes/identity.ts";
import { attemptFolder } from "../../versions/layout.ts";
import { formatFormer } from "../home/home-state.ts";
import { KeptPlanError, keptPlanPath } from "../kept-plan/keep-plan.ts";
import { readLoggedOrigin } from "../kept-plan/logged-origin.ts";
import { readKeptPlan } from "../kept-plan/read-kept-plan.ts";
import { judgeOwner } from "../session/session-lease.ts";
import { type Finding, findingFail, findingWarn } from "./finding.ts";
import type { StatePlace } from "./state-check.ts";

const MAX_SESSIONS = 20;
const MAX_ATTEMPTS = 10_000;

/** Sessions on record as running that no process works on, and what is wrong with the runs that are under way. */
export function checkSessions(place: StatePlace): Finding[] {
  const { registry, state } = place;
  const running = registry.listSessions({ status: "running", limit: MAX_SESSIONS + 1 });
  const own = running
    .slice(0, MAX_SESSIONS)
    .filter(({ session_id }) => formatFormer({ registry, folders: state }, session_id) === null);
  const found = own.flatMap((session) => checkSession(place, session));
  const isCut = running.length > MAX_SESSIONS;
  return isCut
    ? [...found, findingWarn("sessions", `more than ${MAX_SESSIONS} are running: the newest were looked at`, LIST)]
    : found;
}

const LIST = "`runweave sessions --status running` lists them all";

function checkSession(place: StatePlace, session: SessionSummary): Finding[] {
  const { registry, state, nowMs } = place;
  const { session_id } = session;
  const what = `session ${session_id}`;
  const claim = registry.ownershipOf(session_id);
  const owner = judgeOwner(claim, nowMs);
  const open = registry
    .attemptsOfSession(session_id)
    .slice(-MAX_ATTEMPTS)
    .filter(({ status }) => status === "running" || status === "pending");
  const attempts = open.map((attempt) => ({ attempt, claim: claimOf(state, attempt) }));
  const unreadable = attempts.flatMap(({ attempt, claim }) => (isUnreadable(claim) ? [attempt.run_id] : []));
  const claims = unreadable.map((runId) =>
    findingWarn(
      what,
      `${attemptFolder(state, runId)}/claim can't be read: it is unknown which process runs that attempt`,
      REMOVED,
    ),
  );
  if (owner === "working") return [...checkStopped(what, claim), ...describeDead(what, attempts), ...claims];
  const who = claim === null ? "its process" : describeOwner(claim.owner);
  const why =
    owner === "gone"
      ? `${who} has ended`
      : `${who} has been silent since ${formatLocalTime(claim?.lease_until ?? "")}, when its lease ended`;
  const detail = `it is on record as running, but ${why}${describeUnderWay(attempts)}`;
  return [describeLeft(place, { session, detail }), ...claims];
}

const REMOVED = "`runweave resume` counts the attempt as cut off and begins another one";

/** Says how to end a session that was cut off. A session that a script decided on has no plan to go on with. */
function describeLeft(
  { registry, state }: StatePlace,
  { session, detail }: { session: SessionSummary; detail: string },
): Finding {
  const { session_id, workflow_file } = session;
  const what = `session ${session_id}`;
  const closes = findingWarn(what, detail, `\`runweave resume ${session_id}\` closes it; then start its script again`);
  if (workflow_file === null && !existsSync(keptPlanPath(state, session_id))) return closes;
  try {
    readKeptPlan(state, { session_id, origin: readLoggedOrigin(registry, session_id) });
    return findingWarn(what, detail, `\`runweave resume ${session_id}\` finishes it`);
  } catch (error) {
    if (!(error instanceof KeptPlanError)) throw error;
    if (error.missing) return closes;
    const end = `\`runweave cancel ${session_id}\` ends it; then run the workflow file again`;
    return findingFail(what, `${detail}; and it can't be resumed: ${error.message}`, end);
  }
}

/** Warns of a process stopped by SIGSTOP or Ctrl-Z: it neither works nor lets others work until its lease is over. */
function checkStopped(what: string, claim: SessionOwnership | null): Finding[] {
  if (claim === null || claim.owner.host !== hostName()) return [];
  const { pid } = claim.owner;
  if (readActivity(pid)?.isStopped !== true) return [];
  return [findingWarn(what, `process ${pid}, which runs it, is stopped`, `\`kill -CONT ${pid}\` lets it continue`)];
}

interface OpenAttempt {
  attempt: AttemptSummary;
  claim: Claim | null;
}

function claimOf(state: StateFolders, { run_id }: AttemptSummary): Claim | null {
  return readClaim(attemptFolder(state, run_id));
}

function isUnreadable(claim: Claim | null): boolean {
  return claim !== null && claim.owner === null && !claim.isGivenUp;
}

function isGone({ claim }: OpenAttempt): boolean {
  return claim !== null && claim.owner !== null && checkProcess(claim.owner) === "gone";
}

function isLiving({ claim }: OpenAttempt): boolean {
  return claim !== null && claim.owner !== null && checkProcess(claim.owner) === "alive";
}

/** A process that ends in this moment looks the same; its session then records that. */
function describeDead(what: string, attempts: readonly OpenAttempt[]): Finding[] {
  return attempts
    .filter((open) => open.attempt.status === "running" && isGone(open))
    .map(({ attempt: { run, run_id }, claim }) =>
      findingWarn(
        what,
        `${run} (${run_id}) is on record as running, but its process ${claim?.owner?.pid} is gone`,
        AGAIN,
      ),
    );
}

const AGAIN = "its session records the end of it within seconds; if it stays so, end the session's process, and resume";

function describeUnderWay(attempts: readonly OpenAttempt[]): string {
  if (attempts.length === 0) return "";
  const living = attempts.filter(isLiving).map(({ attempt, claim }) => `${attempt.run} (process ${claim?.owner?.pid})`);
  const lives =
    living.length === 0 ? "none of their processes is alive" : `still alive: ${living.slice(0, 5).join(", ")}`;
  return `; ${attempts.length} of its runs ${attempts.length === 1 ? "was" : "were"} under way, ${lives}`;
}
