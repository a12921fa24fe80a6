import { isAbsolute } from "node:path";
import type { RunEvent } from "../../core/event/event.ts";
import type { UndoneFile } from "../../core/event/rollback-event.ts";
import type { OpenPlainStorage, PlainStorage, PublishedState } from "../../core/port/plain-storage.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { CommandTask, StateFolders } from "../../core/port/runner.ts";
import type { RunRecord, SessionRecord } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import type { Former } from "../../core/trash.ts";
import type { PublishedFile } from "../../core/trash-manifest.ts";
import { isRemotePublished, judgeRemote } from "../../versions/former/remote-former.ts";
import { judgePublished } from "../../versions/former/undo-published.ts";
import type { TrashEntry } from "../../versions/trash/trash.ts";
import { KeptPlanError } from "../kept-plan/keep-plan.ts";
import { readLoggedOrigin } from "../kept-plan/logged-origin.ts";
import { readKeptPlan } from "../kept-plan/read-kept-plan.ts";
import { findLoggedEntry } from "../trash/logged-entry.ts";
import { findReadablePresent } from "../trash/present-entries.ts";
import { planUndoing } from "./plan-undoing.ts";

/** One publication, and how each of its files stands to it now. */
export interface Publication {
  former: Former;
  run: string;
  /** Null if what stood there is in the trash no more, or is not what was recorded. */
  entry: TrashEntry | null;
  /** Storage of the publication; null for this machine, and if the version is unknown by now. */
  remote: { storage: PlainStorage; version: string } | null;
  files: { file: PublishedFile; state: PublishedState }[];
}

/** A run that succeeded, and the command that takes it back. */
export interface Compensable {
  record: RunRecord & { run_id: RunId };
  task: CommandTask;
}

export interface RollbackContext {
  registry: RegistryReader;
  folders: StateFolders;
  openPlain: OpenPlainStorage;
}

/** Steps of rolling a session back, in their order. */
export interface RollbackPlan {
  publications: Publication[];
  compensations: Compensable[];
  /** Published on remote storage by a runweave that did not keep what stood there before: it stays. */
  stays: string[];
}

/**
 * Plans what of a session is still to be taken back: publications, the last one first, then the commands of executed
 * and succeeded runs, in the reverse order of their ends.
 */
export async function planRollback(
  { registry, folders, openPlain }: RollbackContext,
  session: SessionRecord,
): Promise<RollbackPlan> {
  const { formers, compensations } = registry.undoingsOf(session.session_id);
  const names = new Map(session.runs.map(({ run, run_id }) => [run_id, run]));
  const publications: Publication[] = [];
  for (const former of formers.filter(({ undone_time }) => undone_time === null).reverse()) {
    const run = names.get(former.run_id) ?? "";
    const remote = openStorage(registry, openPlain, { former, run });
    publications.push(await lookAt({ registry, folders }, { former, run, remote }));
  }
  const done = new Set(compensations.flatMap(({ run_id, status }) => (status === "success" ? [run_id] : [])));
  const tasks = readRollbackTasks({ registry, folders }, session);
  const open = new Map(
    session.runs
      .filter(isExecuted)
      .filter(({ run_id }) => !done.has(run_id))
      .map((record) => [record.run_id, record]),
  );
  const events = [...registry.events(session.session_id)];
  const lastFirst = listSucceeded(events).reverse();
  return {
    publications,
    stays: listUnkept(events, formers),
    compensations: lastFirst.flatMap((runId) => {
      const record = open.get(runId);
      const task = record && tasks.get(record.run);
      return record === undefined || task == null ? [] : [{ record, task }];
    }),
  };
}

/** Attempts in the order of their success. The log has it, whatever the clock did. */
function listSucceeded(events: readonly RunEvent[]): RunId[] {
  return events.flatMap((event) => (event.type === "run.succeeded" ? [event.run_id] : []));
}

/** True for an executed run: a reused one had no effect in this session. */
function isExecuted(record: RunRecord): record is RunRecord & { run_id: RunId } {
  return record.run_id !== null && record.status === "success";
}

function listUnkept(events: readonly RunEvent[], formers: readonly Former[]): string[] {
  const kept = new Set(formers.map(({ location }) => location));
  const published = events.flatMap((event) =>
    event.type === "dataset.published" && !isAbsolute(event.location) ? [event.location] : [],
  );
  return [...new Set(published)].filter((location) => !kept.has(location));
}

/** Reached as the version itself is, that was published. */
function openStorage(
  registry: RegistryReader,
  openPlain: OpenPlainStorage,
  { former, run }: Pick<Publication, "former" | "run">,
): Publication["remote"] {
  const { session_id, run_id, dataset, location } = former;
  const version = registry.versionsOf([run_id]).find((each) => each.dataset === dataset);
  if (isAbsolute(location) || version === undefined) return null;
  return { storage: openPlain({ session_id, run, run_id }, version), version: version.location };
}

async function lookAt(
  { registry, folders }: Pick<RollbackContext, "registry" | "folders">,
  { former, run, remote }: Pick<Publication, "former" | "run" | "remote">,
): Promise<Publication> {
  const entry = isAbsolute(former.location) === (remote === null) ? findEntry({ registry, folders }, former) : null;
  if (entry === null) return { former, run, entry, remote, files: [] };
  const published = entry.manifest.published ?? [];
  if (remote !== null) {
    const files = await judgeRemote(remote.storage, published.filter(isRemotePublished));
    return { former, run, entry, remote, files };
  }
  const files: Publication["files"] = [];
  for (const file of published) files.push({ file, state: await judgePublished(entry, file) });
  return { former, run, entry, remote, files };
}

function findEntry(
  { registry, folders }: Pick<RollbackContext, "registry" | "folders">,
  former: Former,
): TrashEntry | null {
  const found = findReadablePresent({ registry, folders }, former.entry);
  return found?.digest === former.manifest && isLogged(registry, former) ? found : null;
}

/**
 * Lists the files that a roll-back would write, move or remove, by the recorded publications: without a look at them, as data on remote storage
 * are reached by executing the project's Python.
 */
export function listUndone(context: Pick<RollbackContext, "registry" | "folders">, session: SessionId): UndoneFile[] {
  const { formers } = context.registry.undoingsOf(session);
  const left = formers.filter(({ undone_time }) => undone_time === null).reverse();
  return left.flatMap((former): UndoneFile[] => {
    const published = findEntry(context, former)?.manifest.published ?? [];
    if (published.length === 0) return [{ path: former.location, action: "left" }];
    return published.map((file) => planUndoing({ file, state: "published" }));
  });
}

/** A manifest names the files that are removed or replaced: its row, which may be forged, has to be what the log says. */
function isLogged(
  registry: RegistryReader,
  { session_id, run_id, dataset, location, entry, manifest }: Former,
): boolean {
  const logged = findLoggedEntry(registry, { session_id, type: "publication.prepared", entry });
  return (
    logged?.type === "publication.prepared" &&
    logged.run_id === run_id &&
    logged.dataset === dataset &&
    logged.location === location &&
    logged.manifest === manifest
  );
}

/** The `on_rollback` commands of a session's runs. A session that a script decided on has no plan, and publishes nothing. Throws KeptPlanError. */
export function readRollbackTasks(
  { registry, folders }: Pick<RollbackContext, "registry" | "folders">,
  { session_id }: SessionRecord,
): ReadonlyMap<string, CommandTask | null> {
  try {
    const origin = readLoggedOrigin(registry, session_id);
    return new Map(
      readKeptPlan(folders, { session_id, origin }).plan.runs.map(({ run, onRollback }) => [run, onRollback]),
    );
  } catch (error) {
    if (error instanceof KeptPlanError && error.missing) return new Map();
    throw error;
  }
}
