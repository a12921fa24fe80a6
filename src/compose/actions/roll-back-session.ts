import { RefusalError } from "../../core/error/refusal-error.ts";
import type { RunEvent } from "../../core/event/event.ts";
import { systemClock } from "../../core/port/clock.ts";
import type { OpenPlainStorage } from "../../core/port/plain-storage.ts";
import type { Registry } from "../../core/port/registry.ts";
import type { SessionRecord } from "../../core/run.ts";
import { findWholeSession } from "../../explain/find/find-session.ts";
import { judgeExecution } from "../consent/judge-execution.ts";
import { settleDoubt } from "../consent/settle-doubt.ts";
import { refuseMoved } from "../home/home-state.ts";
import type { StateLocation } from "../locate-state.ts";
import { listUndone, readRollbackTasks } from "../rollback/plan-rollback.ts";
import {
  describeAlreadyDone,
  type JudgedRollback,
  judgeRollback,
  type RolledBack,
  rollBack,
} from "../rollback/roll-back.ts";
import { confirmStorage } from "../trash/confirm-storage.ts";
import { type StorageContext, withRemoteStorage } from "../trash/open-remote-storage.ts";
import { type ActionContext, type StateAddress, writeRegistry } from "./context.ts";

/** A session whose effects elsewhere are to be taken back. */
export interface RollbackRequest {
  session: string;
  /** True to put the earlier files back even if the published ones have changed since. */
  force?: boolean | undefined;
  /** Runs that were taken back by hand: their failed commands are not called again. */
  byHand?: readonly string[] | undefined;
}

/** Result of a roll-back of a session. */
export interface RolledBackSession extends RolledBack {
  session_id: string;
}

const WHOLE = { name: "rollback", why: "a session is rolled back as a whole" };

/**
 * Takes back what a session published, and what its runs did elsewhere. `onEvent` is called with each step that is done. A step that was
 * done before is not repeated. Throws RefusalError for a session that has not ended, NotRolledBackError, RemoteStorageError, SessionLostError.
 */
export async function rollBackSession(
  address: StateAddress,
  { session: word, force = false, byHand = [] }: RollbackRequest,
  context: ActionContext & { onEvent?(event: RunEvent): void } = {},
): Promise<RolledBackSession> {
  const { onEvent = () => {}, onWait, onUnfreed, commandLine = process.argv.slice(1) } = context;
  const told = { onEvent, commandLine: [...commandLine], ...(onWait && { onWait }), ...(onUnfreed && { onUnfreed }) };
  return await ofEnded(address, { word, context }, async (ended) => {
    const undo = (_: unknown, openPlain: OpenPlainStorage) =>
      rollBack({ ...ended, ...told, openPlain, clock: systemClock, force, byHand });
    const undone = await withRemoteStorage(reach(ended, context), undo);
    return { session_id: ended.session.session_id, ...undone };
  });
}

/** Tells what a roll-back would do, and why it would be refused. Throws as `rollBackSession`. */
export async function planSessionRollback(
  address: StateAddress,
  { session: word, force = false, byHand = [] }: RollbackRequest,
  context: ActionContext = {},
): Promise<JudgedRollback | RolledBackSession> {
  return await ofEnded(address, { word, context }, (ended) =>
    withRemoteStorage(reach(ended, context), (_: unknown, openPlain: OpenPlainStorage) =>
      judgeRollback({ ...ended, openPlain, clock: systemClock, force, byHand }),
    ),
  );
}

interface Ended {
  session: SessionRecord;
  registry: Registry;
  folders: StateLocation;
}

/** Reaches remote data of the session, and, after another question, of sessions whose results it reused. */
function reach({ session, registry, folders }: Ended, context: ActionContext): StorageContext {
  const consented = session.session_id;
  return { registry, folders, confirm: confirmStorage({ registry, folders, context, consented }) };
}

/** Does work on a session that has ended. Returns the earlier result if the session was rolled back already. */
async function ofEnded<T>(
  address: StateAddress,
  { word, context }: { word: string; context: ActionContext },
  work: (ended: Ended) => Promise<T>,
): Promise<T | RolledBackSession> {
  return await writeRegistry(address, context, async (registry, folders) => {
    const session = findWholeSession(registry, word, WHOLE);
    const { session_id, status, rollback } = session;
    if (rollback?.status === "done")
      return { session_id, status: "done", message: describeAlreadyDone(session_id, rollback.time), stays: [] };
    if (status === "running") {
      const hint = `\`runweave cancel ${session_id}\` ends it if it runs, \`runweave resume ${session_id}\` if its process is gone`;
      throw new RefusalError("session-running", `session ${session_id} has not ended`, hint);
    }
    refuseMoved({ registry, folders }, "rollback");
    // Consent is needed for planning too: for remote data, it starts the Python of the project that the session's plan names.
    const tasks = readRollbackTasks({ registry, folders }, session);
    const runs = [...tasks].flatMap(([run, task]) => (task === null ? [] : [{ run, task }]));
    const judged = { reader: registry, folders, environment: process.env };
    const files = listUndone({ registry, folders }, session_id);
    await settleDoubt(judgeExecution([{ session, runs, files }], judged), context);
    return await work({ session, registry, folders });
  });
}
