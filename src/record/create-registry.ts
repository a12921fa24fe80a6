import type { RunEvent } from "../core/event.ts";
import type { FingerprintParts } from "../core/fingerprint.ts";
import type { OwnedSession, SessionLease } from "../core/ownership.ts";
import type { ContentVersion, Reading, ReadVersion, Registry, RunHead } from "../core/registry.ts";
import { SessionLostError } from "../core/registry-error.ts";
import type { EnvironmentFacts, RunRecord, SessionRecord } from "../core/run.ts";
import type { RunId } from "../core/run-id.ts";
import { assembleRuns } from "./assemble-runs.ts";
import { checkLink } from "./chain.ts";
import { updateRow } from "./change.ts";
import type { WriteOptions } from "./connection.ts";
import { createDisposalQuestions } from "./disposal-questions.ts";
import { findId, findSessionId } from "./find-ids.ts";
import { createHoldQueue } from "./hold-queue.ts";
import { createHomeQuestions } from "./home-questions.ts";
import { projectEvent } from "./project-event.ts";
import { toControlRequest } from "./project-request.ts";
import { createLists } from "./registry-lists.ts";
import type { AttemptRow, RunRow } from "./rows.ts";
import {
  toAttemptSummary,
  toMove,
  toPlace,
  toPublished,
  toRead,
  toReadPin,
  toRunHead,
  toSessionClaim,
  toSessionHead,
  toSessionRecord,
  toVerdict,
  toWrittenVersion,
} from "./run-records.ts";
import type { TableStore } from "./table-store.ts";
import { BRIEF_PATIENCE_MS } from "./wait-while-busy.ts";

/** A registry over tables: what questions and events mean, apart from where the rows are kept. */
export function createRegistry(store: TableStore): Registry {
  const read = <T>(work: () => T): T => store.readConsistently(work);
  return {
    ...createWrites(store),
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
    runsNamed: (name) => read(() => store.runsNamed(name)),
    runNames: () => read(() => store.runNames()),
    attemptsOf: (runs) => read(() => describeAttempts(store, store.selectAttempts(runs))),
    claimOf: (sessionId) =>
      read(() => {
        const row = store.findSessionRow(sessionId);
        return row === undefined ? null : toSessionClaim(row);
      }),
    attemptsOfSession: (sessionId) =>
      read(() => store.selectIn("attempts", "session_id", [sessionId]).map(toAttemptSummary)),
    pinsOf: (runIds) => read(() => store.selectIn("pins", "run_id", runIds).map(toReadPin)),
    versionsOf: (runIds) => read(() => store.selectIn("versions", "run_id", runIds).map(toWrittenVersion)),
    writersBefore: (questions, limit) => read(() => store.writersBefore(questions, limit)),
    adoptedAs: (versions) => read(() => store.adoptedAs(versions).map(toWrittenVersion)),
    versionsOfContent: (contents) => read(() => readContent(store, contents)),
    loadsOf: (runIds) => read(() => store.selectIn("loads", "run_id", runIds).map(toRead)),
    loads: (sessionId) => readLoads(store, sessionId),
    lastWriter: (location, until) =>
      read(() => store.lastWrite(location, listFolders(location), until)?.run_id ?? null),
    findEnvironment: (digest) => read(() => readEnvironment(store, digest)),
    aliasMoves: (alias) =>
      read(() =>
        (alias === undefined ? store.aliasMoves() : store.selectIn("alias_moves", "alias", [alias])).map(toMove),
      ),
    links: (scope) => Iterator.from(store.readLinks(scope)).map(checkLink),
    chainHead: () => read(() => store.readHead()),
    verdicts: () => read(() => store.verdicts().map(toVerdict)),
    placesOf: (runIds) => read(() => store.selectIn("runs", "run_id", runIds).flatMap(toPlace)),
    publicationsOf: (runIds) => read(() => store.selectIn("publications", "run_id", runIds).map(toPublished)),
    earlierAttempts: (sessionId) => read(() => readEarlierAttempts(store, sessionId)),
    ...createFingerprintQuestions(store),
    ...createDisposalQuestions(store),
    ...createHomeQuestions(store),
    readersOf: (runIds) => read(() => readReaders(store, runIds)),
    requestsOf: (sessionId) => read(() => store.selectIn("requests", "session_id", [sessionId]).map(toControlRequest)),
    dataVersion: () => store.readDataVersion(),
    events: (sessionId) => store.readLog(sessionId),
    close: () => store.close(),
  };
}

function createWrites(store: TableStore): Pick<Registry, "append" | "decide" | "renewLease" | "holds" | "changeMark"> {
  let ownWrites = 0;
  const write = (work: () => void, options?: WriteOptions) => {
    try {
      store.writeAtomically(work, options);
    } finally {
      // One that was taken back too: what was asked within it is not so.
      ownWrites += 1;
    }
  };
  return {
    append: (events, epoch) => {
      if (events.length > 0) write(() => appendAll(store, events, epoch));
    },
    decide: (judge, owned) =>
      write(() => {
        if (owned !== undefined) assertOwner(store, owned);
        appendAll(store, judge());
      }),
    renewLease: (lease) => write(() => renewLease(store, lease), { patienceMs: BRIEF_PATIENCE_MS }),
    holds: createHoldQueue(store),
    changeMark: () => `${store.readDataVersion()} ${ownWrites}`,
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

function appendAll(store: TableStore, events: readonly RunEvent[], epoch?: number): void {
  if (epoch !== undefined) assertOwned(store, events, epoch);
  for (const event of events) {
    for (const change of projectEvent(event, store)) store.applyChange(change);
    store.appendToLog(event);
  }
}

/** What is written under an epoch is written by who has the session now: in the transaction, so that nobody comes between. */
function assertOwned(store: TableStore, events: readonly RunEvent[], epoch: number): void {
  for (const session_id of new Set(events.map((event) => event.session_id))) assertOwner(store, { session_id, epoch });
}

function assertOwner(store: TableStore, { session_id, epoch }: OwnedSession): void {
  const row = store.findSessionRow(session_id);
  if (row !== undefined && row.owner_epoch !== epoch) throw new SessionLostError(session_id, toSessionClaim(row));
}

function renewLease(store: TableStore, { session_id, epoch, lease_until }: SessionLease): void {
  const row = store.findSessionRow(session_id);
  if (row?.owner_epoch !== epoch)
    throw new SessionLostError(session_id, row === undefined ? null : toSessionClaim(row));
  const change = { key: { session_id }, expect: { owner_epoch: epoch }, set: { lease_until } };
  store.applyChange(updateRow("sessions", change));
}

function readSession(store: TableStore, idOrPrefix: string): SessionRecord | null {
  const sessionId = findSessionId(store, idOrPrefix);
  const row = sessionId === null ? undefined : store.findSessionRow(sessionId);
  if (row === undefined) return null;
  return toSessionRecord(row, assembleRuns(store, store.selectIn("runs", "session_id", [row.session_id])));
}

function readAttempt(store: TableStore, idOrPrefix: string): RunRecord | null {
  const runId = findId(store, "attempts", idOrPrefix);
  const attempt = runId === null ? undefined : store.findAttemptRow(runId);
  if (attempt === undefined) return null;
  const run = store.findRunRow(attempt.session_id, attempt.run);
  return run === undefined ? null : (assembleRuns(store, [asOf(run, attempt)])[0] ?? null);
}

function readEarlierAttempts(store: TableStore, sessionId: string): RunRecord[] {
  const runs = new Map(store.selectIn("runs", "session_id", [sessionId]).map((run) => [run.run, run]));
  const earlier = store.selectIn("attempts", "session_id", [sessionId]).flatMap((attempt) => {
    const run = runs.get(attempt.run);
    return run === undefined || run.run_id === attempt.run_id ? [] : [asOf(run, attempt)];
  });
  return assembleRuns(store, earlier);
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

/** What a run saved has its run_id as version, unless the run was adopted, or took it over from an attempt before it. */
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
