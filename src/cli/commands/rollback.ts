import { refuseMoved } from "../../compose/home/home-state.ts";
import type { RollbackPlan } from "../../compose/rollback/plan-rollback.ts";
import { planUndoing } from "../../compose/rollback/plan-undoing.ts";
import {
  judgeRollback,
  NotRolledBackError,
  type RolledBack,
  rollBack,
  TAKEN_BY_HAND,
  tellAlreadyDone,
} from "../../compose/rollback/roll-back.ts";
import { withRemoteStorage } from "../../compose/trash/open-remote-storage.ts";
import type { RunEvent } from "../../core/event/event.ts";
import type { RunCompensated } from "../../core/event/rollback-event.ts";
import { systemClock } from "../../core/port/clock.ts";
import type { OpenPlainStorage } from "../../core/port/plain-storage.ts";
import type { SessionRecord } from "../../core/run.ts";
import { findWholeSession } from "../../explain/find/find-session.ts";
import { tellUndoing } from "../../report/result/tell-undoing.ts";
import { cleanText } from "../../report/text/clean-text.ts";
import { stampFirst } from "../../report/text/schema-version.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { type RegistryFlag, writeRegistry } from "../open-registry.ts";
import { showUnfreed } from "../show-unfreed.ts";
import { showWait } from "../show-wait.ts";
import { tellStorage } from "../tell-storage.ts";
import { writeLines } from "../terminal.ts";
import { writeAnswer, writeJsonLine } from "../write-answer.ts";

export interface RollbackFlags extends RegistryFlag {
  force?: boolean;
  byHand?: string[];
  dryRun?: boolean;
  json?: boolean;
}

const WHOLE = { name: "rollback", why: "a session is rolled back as a whole" };

/** `runweave rollback SESSION`: exit 1 if a command that takes a run back failed. */
export async function rollBackSession(id: string, flags: RollbackFlags): Promise<ExitCode> {
  return await writeRegistry<ExitCode>(flags, async (registry, folders) => {
    const session = findWholeSession(registry, id, WHOLE);
    const { session_id, rollback } = session;
    if (rollback?.status === "done") {
      const message = tellAlreadyDone(session_id, rollback.time);
      tellEnd({ session_id, status: "done", message, stays: [] }, flags);
      return 0;
    }
    refuseUnended(session);
    refuseMoved({ registry, folders }, "rollback");
    const about = {
      registry,
      folders,
      clock: systemClock,
      session,
      force: flags.force ?? false,
      byHand: flags.byHand ?? [],
    };
    if (flags.dryRun) {
      const judge = async (_: unknown, openPlain: OpenPlainStorage) => await judgeRollback({ ...about, openPlain });
      const { plan, refusal } = await withRemoteStorage(folders, judge).catch(toCliError);
      showPlan(plan, refusal, flags);
      if (refusal !== null && !flags.json) toCliError(refusal);
      return refusal === null ? 0 : exitCodeOf(refusal);
    }
    const stamp = stampFirst();
    const onEvent = (event: RunEvent) => tellStep(stamp(event), flags);
    const options = { ...about, onEvent, onWait: showWait, onUnfreed: showUnfreed };
    const commandLine = process.argv.slice(2);
    const undo = async (_: unknown, openPlain: OpenPlainStorage) => rollBack({ ...options, openPlain, commandLine });
    const ended = await withRemoteStorage(folders, undo).catch(toCliError);
    tellEnd({ session_id, ...ended }, flags);
    return ended.status === "done" ? 0 : 1;
  });
}

function toCliError(error: unknown): never {
  if (error instanceof NotRolledBackError)
    throw new CliError(error.code, error.message, { hint: error.hint, exitCode: exitCodeOf(error), cause: error });
  throw tellStorage(error);
}

function exitCodeOf({ code }: NotRolledBackError): ExitCode {
  return code === "session-owned" || code === "unknown-run" ? 2 : 1;
}

function refuseUnended({ session_id, status }: SessionRecord): void {
  if (status !== "running") return;
  const hint = `\`runweave cancel ${session_id}\` ends it if it runs, \`runweave resume ${session_id}\` if its process is gone`;
  throw new CliError("session-running", `session ${session_id} has not ended`, { hint });
}

function showPlan(
  { publications, compensations, stays }: RollbackPlan,
  refusal: NotRolledBackError | null,
  { json }: RollbackFlags,
): void {
  const undo = publications.map(({ former, run, files }) => {
    const { dataset, location } = former;
    return { run, dataset, location, files: files.map((each) => ({ ...planUndoing(each), state: each.state })) };
  });
  const run = compensations.map(({ record, task }) => ({ run: record.run, run_id: record.run_id, command: task.argv }));
  if (json) {
    const refused = refusal === null ? null : { code: refusal.code, message: refusal.message, hint: refusal.hint };
    writeAnswer("rollback-plan", { publications: undo, compensations: run, stays, refused });
    return;
  }
  const paths = undo.flatMap((publication) => tellUndoing(publication, "planned"));
  const commands = run.map(({ run, command }) => `would take ${run} back: ${command.join(" ")}`);
  const lines = [...paths, ...commands];
  writeLines(process.stdout, (lines.length === 0 ? ["nothing is left to roll back"] : lines).map(cleanText));
  writeLines(process.stderr, stays.map(tellStaying));
}

function tellStep(event: RunEvent, { json }: RollbackFlags): void {
  if (json) writeJsonLine(event);
  else if (event.type === "publication.undone") writeLines(process.stdout, tellUndoing(event, "done"));
  else if (event.type === "publication.set_aside")
    writeLines(process.stdout, [cleanText(`what is at ${event.path} goes to the trash, as ${event.entry}`)]);
  else if (event.type === "run.compensated" && event.status === "success")
    writeLines(process.stdout, [cleanText(tellCompensated(event))]);
}

function tellCompensated({ run, message }: RunCompensated): string {
  return message === TAKEN_BY_HAND ? `${run} was ${TAKEN_BY_HAND}` : `took ${run} back`;
}

/** With `--json`, the last line. */
function tellEnd(ended: RolledBack & { session_id: string }, { json }: RollbackFlags): void {
  if (json) writeAnswer("rollback.result", ended);
  else {
    writeLines(ended.status === "done" ? process.stdout : process.stderr, [cleanText(ended.message)]);
    writeLines(process.stderr, ended.stays.map(tellStaying));
  }
}

function tellStaying(location: string): string {
  return cleanText(`stays: ${location} was published on remote storage, where the earlier data were not kept`);
}
