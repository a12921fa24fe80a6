import type { RunEvent } from "../core/event/event.ts";
import type { FingerprintParts } from "../core/fingerprint.ts";
import type { ContentVersion, Reading, ReadVersion, Registry, RunHead } from "../core/port/registry.ts";
import type { MarkLog } from "../core/port/session-log.ts";
import type { EnvironmentFacts, RunRecord, SessionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import { assembleRuns, describeRuns } from "./assemble-runs.ts";
import { checkLink } from "./chain.ts";
import { findId, findSessionId } from "./find-ids.ts";
import { createHoldQueue } from "./hold-queue.ts";
import { type MovedPlaces, toPresent } from "./moved-places.ts";
import { readRetentionFacts } from "./read-retention-facts.ts";
import { createLists } from "./registry-lists.ts";
import { relocateEvent } from "./relocated-events.ts";
import { relocateTables } from "./relocated-tables.ts";
import type { AttemptRow, RunRow } from "./rows.ts";
import {
  toAttemptSummary,
  toCompensation,
  toDiscard,
  toFormer,
  toMove,
  toPlace,
  toPublished,
  toRead,
  toReadPin,
  toRunHead,
  toSessionHead,
  toSessionRecord,
  toVerdict,
  toWrittenVersion,
} from "./run-records.ts";
import { createSessionLog } from "./session-log.ts";
import type { TableStore } from "./table-store.ts";

export interface RegistryOptions {
  /** Former places of a renamed project, which every answer tells as present ones. Default: there are none. */
  moved?: MovedPlaces | null;
  /** Marks what is logged. Default: it is not marked. */
  markLog?: MarkLog | undefined;
}

/** A registry over tables: what questions and events mean, apart from where the rows are kept. */
export function createRegistry(tables: TableStore, { moved = null, markLog }: RegistryOptions = {}): Registry {
  const store = moved === null ? tables : relocateTables(tables, moved);
  const read = <T>(work: () => T): T => store.readConsistently(work);
  return {
    ...createSessionLog(tables, markLog),
    placeNow: (path, moment) => (moved === null ? path : toPresent(moved, path, moment)),
    together: read,
    ...createLists(store),
    findSession: (idOrPrefix) => read(() => readSession(store, idOrPrefix)),
    findSessionHead: (sessionId) =>
      read(() => {
        const row = store.findSessionRow(sessionId);
        return row === undefined ? null : toSessionHead(row);
      }),
    findRun: (idOrPrefix) => read(() => readAttempt(store, idOrPrefix)),
    findHeads: (runIds) => read(() => describeAttempts(store, store.selectIn("attempts", "run_id", runIds))),
    findRecords: (runIds) => read(() => readRecords(store, runIds)),
    runsOf: (sessionIds) => read(() => describeRuns(store, store.selectIn("runs", "session_id", sessionIds))),
    runsNamed: (name) => read(() => store.runsNamed(name)),
    runNames: () => read(() => store.runNames()),
    attemptsOf: (runs) => read(() => describeAttempts(store, store.selectAttempts(runs))),
    attemptsOfSession: (sessionId) =>
      read(() => store.selectIn("attempts", "session_id", [sessionId]).map(toAttemptSummary)),
    pinsOf: (runIds) => read(() => store.selectIn("pins", "run_id", runIds).map(toReadPin)),
    versionsOf: (runIds) => read(() => store.selectIn("versions", "run_id", runIds).map(toWrittenVersion)),
    writersBefore: (questions, limit) => read(() => store.writersBefore(questions, limit)),
    adoptedAs: (versions) => read(() => store.adoptedAs(versions).map(toWrittenVersion)),
    versionsOfContent: (contents) => read(() => readContent(store, contents)),
    loadsOf: (runIds) => read(() => store.selectIn("loads", "run_id", runIds).map(toRead)),
    loads: (sessionId) => readLoads(store, sessionId),
    lastWriters: (questions) =>
      read(() =>
        questions.map(({ location, until }) => {
          return store.lastWrite(location, listFolders(location), until)?.run_id ?? null;
        }),
      ),
    findEnvironment: (digest) => read(() => readEnvironment(store, digest)),
    aliasMoves: (alias) =>
      read(() =>
        (alias === undefined ? store.aliasMoves() : store.selectIn("alias_moves", "alias", [alias])).map(toMove),
      ),
    verdicts: () => read(() => store.verdicts().map(toVerdict)),
    placesOf: (runIds) => read(() => store.selectIn("runs", "run_id", runIds).flatMap(toPlace)),
    publicationsOf: (runIds) => read(() => store.selectIn("publications", "run_id", runIds).map(toPublished)),
    ...createLogQuestions(store, moved),
    ...createFingerprintQuestions(store),
    ...createDisposalQuestions(store),
    homes: () => read(() => store.homes()),
    settleHome: (time) => store.writeAtomically(() => store.settleHome(time)),
    holds: createHoldQueue(store),
    readersOf: (runIds) => read(() => readReaders(store, runIds)),
    close: () => store.close(),
  };
}

function createLogQuestions(
  store: TableStore,
  moved: MovedPlaces | null,
): Pick<Registry, "events" | "links" | "chainHead"> {
  const present = (event: RunEvent) => (moved === null ? event : relocateEvent(moved, event));
  return {
    events: (session) => Iterator.from(store.readLog({ session })).map(({ event }) => present(event)),
    links: (scope) =>
      Iterator.from(store.readLinks(scope)).map((logged) => {
        const link = checkLink(logged);
        return link.event === null ? link : { ...link, event: present(link.event) };
      }),
    chainHead: () => store.readConsistently(() => store.readHead()),
  };
}

/** Questions about moved and deleted data, data that may be collected, and publications that can be taken back. */
function createDisposalQuestions(store: TableStore): Pick<Registry, "retentionFacts" | "discardsOf" | "undoingsOf"> {
  const read = <T>(work: () => T): T => store.readConsistently(work);
  return {
    retentionFacts: () => read(() => readRetentionFacts(store)),
    discardsOf: (runIds) => read(() => store.selectIn("discards", "run_id", runIds).flatMap(toDiscard)),
    undoingsOf: (sessionId) =>
      read(() => ({
        formers: store.selectIn("formers", "session_id", [sessionId]).map(toFormer),
        compensations: store.selectIn("compensations", "session_id", [sessionId]).map(toCompensation),
      })),
  };
}

function createFingerprintQuestions(
  store: TableStore,
): Pick<Registry, "attemptsLike" | "latestFingerprint" | "fingerprintOf"> {
  const read = <T>(work: () => T): T => store.readConsistently(work);
  return {
    attemptsLike: (fingerprint, limit) => read(() => store.attemptsLike(fingerprint, limit)),
    latestFingerprint: (workflow, run) => read(() => toFingerprint(store.latestFingerprinted(workflow, run))),
    fingerprintOf: (runId) =>
      read(() => toFingerprint(store.selectIn("attempts", "run_id", [runId])[0])?.parts ?? null),
  };
}

function readSession(store: TableStore, idOrPrefix: string): SessionRecord | null {
  const sessionId = findSessionId(store, idOrPrefix);
  const row = sessionId === null ? undefined : store.findSessionRow(sessionId);
  if (row === undefined) return null;
  return toSessionRecord(row, assembleRuns(store, store.selectIn("runs", "session_id", [row.session_id])));
}

function readAttempt(store: TableStore, idOrPrefix: string): RunRecord | null {
  const runId = findId(store, "attempts", idOrPrefix);
  return runId === null ? null : (readRecords(store, [runId])[0] ?? null);
}

function readRecords(store: TableStore, runIds: readonly string[]): RunRecord[] {
  const runs = store.selectIn("attempts", "run_id", runIds).flatMap((attempt) => {
    const run = store.findRunRow(attempt.session_id, attempt.run);
    return run === undefined ? [] : [asOf(run, attempt)];
  });
  return assembleRuns(store, runs);
}

/** The run as this attempt left it. */
function asOf(run: RunRow, { run_id, status, end_time, reason }: AttemptRow): RunRow {
  return { ...run, run_id, status, end_time, reason };
}

function describeAttempts(store: TableStore, attempts: readonly AttemptRow[]): RunHead[] {
  const ids = [...new Set(attempts.map(({ session_id }) => session_id))];
  const workflows = new Map(store.selectIn("sessions", "session_id", ids).map((row) => [row.session_id, row.workflow]));
  return attempts.map((row) => toRunHead(row, workflows.get(row.session_id) ?? ""));
}

/**
 * A version is named by its run's run_id, unless the run was adopted, or took the version over from an earlier attempt.
 */
function readReaders(store: TableStore, runIds: readonly RunId[]): Reading[] {
  const saved = Map.groupBy(store.selectIn("versions", "run_id", runIds), ({ run_id }) => run_id);
  const namesOf = (writer: RunId) => new Set([writer, ...(saved.get(writer) ?? []).map(({ version }) => version)]);
  const wanted = new Set(runIds.flatMap((writer) => [...namesOf(writer)]));
  const pins = Map.groupBy(store.selectIn("pins", "version", [...wanted]), ({ version }) => version);
  return runIds.flatMap((writer) =>
    [...namesOf(writer)]
      .flatMap((version) => pins.get(version) ?? [])
      .filter((pin) => pin.rule !== "own" && pin.run_id !== writer)
      .filter((pin) => (pin.rule === "resumed" ? pin.version : (pin.vouched_by ?? writer)) === writer)
      .map((pin) => ({ ...toReadPin(pin), writer })),
  );
}

function readContent(store: TableStore, contents: readonly { dataset: string; hash: string }[]): ContentVersion[] {
  const versions = store.versionsOfContent(contents);
  const ids = [...new Set(versions.map(({ run_id }) => run_id))];
  const attempts = new Map(store.selectIn("attempts", "run_id", ids).map((row) => [row.run_id, row]));
  const sessionIds = [...new Set([...attempts.values()].map(({ session_id }) => session_id))];
  const sessions = new Map(store.selectIn("sessions", "session_id", sessionIds).map((row) => [row.session_id, row]));
  return versions.flatMap((version): ContentVersion[] => {
    const attempt = attempts.get(version.run_id);
    const session = attempt === undefined ? undefined : sessions.get(attempt.session_id);
    if (attempt === undefined || session === undefined) return [];
    const { session_id, run, fingerprint } = attempt;
    const { workflow, workflow_file } = session;
    return [{ ...toWrittenVersion(version), session_id, run, fingerprint, workflow, workflow_file }];
  });
}

function* readLoads(store: TableStore, sessionId: string | null): Generator<ReadVersion> {
  if (sessionId === null) return yield* Iterator.from(store.readLoads()).map(toRead);
  const attempts = store.readConsistently(() => store.selectIn("attempts", "session_id", [sessionId]));
  for (const { run_id } of attempts) {
    yield* store.readConsistently(() => store.selectIn("loads", "run_id", [run_id]).map(toRead));
  }
}

function readEnvironment(store: TableStore, digest: string): EnvironmentFacts | null {
  const [row] = store.selectIn("environments", "digest", [digest]);
  return row === undefined ? null : (JSON.parse(row.facts) as EnvironmentFacts);
}

/** Every folder above a path, the root left out. */
function listFolders(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) folders.push(path.slice(0, end));
  return folders;
}

function toFingerprint(attempt: AttemptRow | undefined): { run_id: RunId; parts: FingerprintParts } | null {
  if (attempt?.fingerprint_parts == null) return null;
  return { run_id: attempt.run_id, parts: JSON.parse(attempt.fingerprint_parts) as FingerprintParts };
}
