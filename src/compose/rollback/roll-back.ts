import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { RefusalError } from "../../core/error/refusal-error.ts";
import type { RunEvent } from "../../core/event/event.ts";
import { describeOwner } from "../../core/ownership.ts";
import type { SharedPlace } from "../../core/place.ts";
import { formatTime } from "../../core/port/clock.ts";
import type { OpenPlainStorage } from "../../core/port/plain-storage.ts";
import type { SessionRecord } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { quoteShell } from "../../core/text/quote-shell.ts";
import type { PublishedFile } from "../../core/trash-manifest.ts";
import type { HeldPlaces } from "../../processes/hold-places.ts";
import { kindOf } from "../../versions/data-kind.ts";
import { isRemotePublished, undoRemote } from "../../versions/former/remote-former.ts";
import { closePublished, undoPublished } from "../../versions/former/undo-published.ts";
import { hashPath } from "../../versions/hash.ts";
import { findBlocker, resolveExisting } from "../../versions/layout.ts";
import { isThere } from "../../versions/move-path.ts";
import { removeStagingsOf } from "../../versions/staging.ts";
import { fillEntry, openEntry } from "../../versions/trash/trash.ts";
import { toItems } from "../../versions/trash/trash-manifest.ts";
import { refuseFormer } from "../home/home-state.ts";
import { findVacancy, keepLease, takeOwnership } from "../session/session-lease.ts";
import { holdTrash } from "../trash/hold-trash.ts";
import { sweepAnyway, type TrashContext } from "../trash/restore-trash.ts";
import { type Compensable, type Publication, planRollback, type RollbackPlan } from "./plan-rollback.ts";
import { planUndoing } from "./plan-undoing.ts";
import { compensationLog, runCompensation } from "./run-compensation.ts";

/** Record of a run that was taken back without its command. */
export const TAKEN_BY_HAND = "taken back by hand";

/** The session is not rolled back, and no file was changed. */
export class NotRolledBackError extends RefusalError<
  "published-file-changed" | "former-lost" | "session-owned" | "unknown-run"
> {}

export interface RollbackOptions extends TrashContext {
  openPlain: OpenPlainStorage;
  session: SessionRecord;
  force: boolean;
  /** Runs that the user took back: their commands are not run. */
  byHand?: readonly string[];
  commandLine: string[];
  /** Told of each step that is done. */
  onEvent(event: RunEvent): void;
}

export interface RolledBack {
  status: "done" | "failed";
  message: string;
  /** Published files that stay, as the former ones are not kept. */
  stays: string[];
}

/**
 * Takes back what an ended session did outside of its own places: plain paths get back what stood there, then each run's
 * `on_rollback` command runs, the last run first. Each step is recorded once it is done, and a step that was done is not done
 * again, so that an interrupted roll-back is simply called again. Throws NotRolledBackError before anything is changed;
 * SessionLostError if another process was faster at this moment; RemoteStorageError if a storage can't be reached.
 */
export async function rollBack(options: RollbackOptions): Promise<RolledBack> {
  refuseOwned(options);
  const places = listPlaces(options);
  // Commands that take runs back may use runweave themselves: only what is done to files is done with the places for itself.
  const held = await holdTrash(options, { act: "rollback", places, onWait: options.onWait });
  try {
    return await rollBackHeld(options, held);
  } finally {
    held.release();
  }
}

/** Lists the places that the session published to. */
function listPlaces({ registry, session }: RollbackOptions): SharedPlace[] {
  const { formers } = registry.undoingsOf(session.session_id);
  return formers.map(({ location }) => ({
    path: isAbsolute(location) ? resolveExisting(location) : location,
    suffix: null,
    access: "write",
  }));
}

/** Plan of a roll-back, and the reason why it would not be begun. */
export interface JudgedRollback {
  plan: RollbackPlan;
  refusal: NotRolledBackError | null;
}

type Judged = Pick<RollbackOptions, "registry" | "folders" | "clock" | "openPlain" | "session" | "force" | "byHand">;

/**
 * Plans a roll-back without a change. Throws if it can't be planned at all: RegistryError for a session of another
 * folder, NotRolledBackError if another process has the session or there is no such run to take back.
 */
export async function judgeRollback(options: Judged): Promise<JudgedRollback> {
  refuseFormer(options, options.session.session_id);
  refuseOwned(options);
  const plan = await planRollback(options, options.session);
  refuseUnknown(plan, options);
  return { plan, refusal: findChanged(plan, options.force) };
}

async function rollBackHeld(options: RollbackOptions, held: HeldPlaces): Promise<RolledBack> {
  const { registry, clock, session, force } = options;
  const { session_id } = session;
  // Another process may have rolled it back while this one waited for the places.
  const before = refuseOwned(options);
  const done = registry.findSessionHead(session_id)?.rollback;
  if (done?.status === "done")
    return { status: "done", message: describeAlreadyDone(session_id, done.time), stays: [] };
  const { plan, refusal } = await judgeRollback(options);
  if (refusal !== null) throw refusal;
  const claim = takeOwnership(clock, before + 1);
  const append = (event: RunEvent, epoch?: number) => {
    registry.append([event], epoch);
    options.onEvent(event);
  };
  const time = () => formatTime(clock.now());
  append({ type: "rollback.started", time: time(), session_id, claim, command_line: options.commandLine, force });
  const { epoch } = claim;
  let lost: unknown = null;
  const onLost = (error: unknown) => {
    lost = error;
  };
  const release = keepLease({ registry, clock, sessionId: session_id, epoch, onLost });
  try {
    const record = (event: RunEvent) => {
      if (lost !== null) throw lost;
      append(event, epoch);
    };
    for (const publication of plan.publications) await undo(options, publication, record);
    held.release();
    const failed = await compensate(options, plan.compensations, record);
    const ended: Omit<RolledBack, "stays"> =
      failed === null ? { status: "done", message: describeDone(plan) } : { status: "failed", message: failed };
    record({ type: "rollback.ended", time: time(), session_id, ...ended });
    return { ...ended, stays: plan.stays };
  } finally {
    release();
  }
}

function refuseOwned({ registry, clock, session: { session_id } }: Judged): number {
  return findVacancy(registry, session_id, {
    nowMs: clock.now(),
    refuse: ({ owner }) => {
      const message = `session ${session_id} is being rolled back by ${describeOwner(owner)}`;
      const hint = `\`runweave show ${session_id}\` shows when it is done`;
      throw new NotRolledBackError("session-owned", message, hint);
    },
  });
}

/**
 * Finds obstacles to putting files back: a changed file needs `--force`, and a pipe or a device is refused even then.
 */
function findChanged({ publications }: RollbackPlan, force: boolean): NotRolledBackError | null {
  const [lost] = publications.filter(({ entry, files }) => entry === null || files.some(isLost));
  if (lost !== undefined && !force) {
    const message = `the earlier ${lost.former.location} is no longer in the trash, or was changed there`;
    const hint = "it can't be restored: restore that path yourself, and use --force for the rest";
    return new NotRolledBackError("former-lost", message, hint);
  }
  const changed = publications.flatMap(({ files }) => files.filter(({ state }) => state === "changed"));
  const strange = findNoData(changed);
  if (strange !== null || changed.length === 0 || force) return strange;
  const more = changed.length === 1 ? "" : `, and ${changed.length - 1} more,`;
  return new NotRolledBackError(
    "published-file-changed",
    `${changed[0]?.file.path}${more} has changed since the session published it`,
    "--force restores the earlier file anyway; the present one goes to the trash",
  );
}

/** The trash keeps files and folders: a pipe, a device or a link would be lost. */
function findNoData(changed: readonly { file: PublishedFile }[]): NotRolledBackError | null {
  const strange = changed.map(({ file }) => placeOf(file)).find((path) => isAbsolute(path) && isNoData(path));
  if (strange === undefined) return null;
  const message = `${strange} is neither a file nor a folder now`;
  return new NotRolledBackError("published-file-changed", message, "remove it yourself, and roll back again");
}

/** The place that is to be free for what stood there: the file's own, or that of a file where a folder above was. */
function placeOf({ path }: PublishedFile): string {
  return isAbsolute(path) ? (findBlocker(path) ?? path) : path;
}

function isNoData(path: string): boolean {
  if (!isThere(path)) return false;
  // Links are never published, and the trash holds files and folders alone.
  return kindOf(lstatSync(path)) === "other";
}

function refuseUnknown({ compensations }: RollbackPlan, { byHand = [], session }: Judged): void {
  const unknown = byHand.find((run) => !compensations.some(({ record }) => record.run === run));
  if (unknown === undefined) return;
  const hint = `\`runweave rollback ${session.session_id} --dry-run\` lists what is`;
  throw new NotRolledBackError("unknown-run", `no run "${unknown}" is left to take back`, hint);
}

function isLost({ state }: { state: string }): boolean {
  return state === "former-lost";
}

async function undo(
  options: RollbackOptions,
  { former, run, entry, remote, files }: Publication,
  record: (event: RunEvent) => void,
): Promise<void> {
  const { folders, clock } = options;
  const { session_id, run_id, dataset, location } = former;
  if (remote === null) await removeStagingsOf(session_id, dirname(location));
  for (const { file, state } of files) {
    if (entry === null || state === "as-before" || state === "former-lost") continue;
    if (remote !== null && isRemotePublished(file)) {
      await undoRemote(remote.storage, { entry, version: remote.version, file, state });
      continue;
    }
    if (state === "changed") await setAside(options, { former, run, path: placeOf(file), record });
    await undoPublished(entry, file);
  }
  const stamp = { time: formatTime(clock.now()), session_id, run, run_id, dataset, location };
  record({ type: "publication.undone", ...stamp, files: files.map(planUndoing) });
  if (entry !== null) await closePublished(folders.trash, entry);
  await sweepAnyway(options);
}

interface SettingAside {
  former: Publication["former"];
  run: string;
  path: string;
  record(event: RunEvent): void;
}

/**
 * Moves a file that was written there since to the trash. The entry is on record before the move, so that it can be
 * restored.
 */
async function setAside(
  { folders, clock }: RollbackOptions,
  { former, run, path, record }: SettingAside,
): Promise<void> {
  if (!isThere(path)) return;
  const { session_id, run_id, dataset, location } = former;
  const { hash, bytes } = await hashPath({ path });
  const digest = createHash("sha256").update(`${path}\0${hash}`).digest("hex").slice(0, 16);
  const kind = lstatSync(path).isDirectory() ? ("folder" as const) : ("file" as const);
  const about = { id: `rollback-${session_id}-${digest}`, cause: "rollback" as const, session_id, run, run_id };
  const reason = `it was at ${path} when session ${session_id} was rolled back`;
  const items = toItems([{ original: path, kind, bytes, hash }]);
  const time = formatTime(clock.now());
  const entry = await openEntry(folders.trash, { format: 1 as const, ...about, time, reason, items });
  const stamp = { time, session_id, run, run_id, dataset, location };
  record({ type: "publication.set_aside", ...stamp, path, entry: entry.manifest.id, manifest: entry.digest });
  await fillEntry(entry);
}

/** Stops at the first command that fails: what ran before it may rest on what it has not taken back. Null if all are done. */
async function compensate(
  { registry, folders, clock, byHand = [] }: RollbackOptions,
  compensations: readonly Compensable[],
  record: (event: RunEvent) => void,
): Promise<string | null> {
  for (const compensable of compensations) {
    const { session_id, run, run_id } = compensable.record;
    const ended = byHand.includes(run)
      ? { status: "success" as const, message: TAKEN_BY_HAND, log: compensationLog(folders, run_id) }
      : await runCompensation(registry, folders, compensable);
    record({ type: "run.compensated", time: formatTime(clock.now()), session_id, run, run_id, ...ended });
    if (ended.status === "failed") return describeFailed(run, ended);
  }
  return null;
}

/** The command is that of the session's plan: a change of the workflow file has no effect on it. */
function describeFailed(run: string, { message, log }: { message: string; log: string }): string {
  const next = `fix that and roll back again, or take ${run} back by hand, and say --by-hand ${quoteShell([run])}`;
  return `on_rollback of ${run} failed: ${message}; its log is ${log}; ${next}`;
}

/** Says that a session was rolled back before. */
export function describeAlreadyDone(sessionId: SessionId, time: string): string {
  return `session ${sessionId} was rolled back at ${formatLocalTime(time)}: nothing is left to do`;
}

function describeDone({ publications, compensations }: RollbackPlan): string {
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  return `${count(publications.length, "publication")} undone, ${count(compensations.length, "run")} taken back`;
}
