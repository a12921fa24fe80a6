import { isAbsolute } from "node:path";
import { SessionLostError } from "../../core/error/registry-error.ts";
import type { RunEvent } from "../../core/event/event.ts";
import type { Hold } from "../../core/hold.ts";
import type { OwnedSession } from "../../core/ownership.ts";
import type { SharedPlace } from "../../core/place.ts";
import { type Clock, formatTime } from "../../core/port/clock.ts";
import type { PlainStorage } from "../../core/port/plain-storage.ts";
import type { Registry } from "../../core/port/registry.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { VersionRecord } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import { findEqual } from "../../explain/equal-versions.ts";
import { findUnlogged } from "../../explain/logged-outputs.ts";
import { findUnloggedVerdict } from "../../explain/logged-statements.ts";
import { formatTaint, indexTaints, TAINT_HINT } from "../../explain/taint.ts";
import type { PublishTarget } from "../../plan/plan.ts";
import { findVersion } from "../../resolve/find-version.ts";
import { listPublished } from "../../versions/files-beside.ts";
import { formerId, type KeptFormer, keepFormer } from "../../versions/former/keep-former.ts";
import { standsAlready } from "../../versions/former/published-places.ts";
import { keepRemoteFormer } from "../../versions/former/remote-former.ts";
import { type AboutFormer, dropCovered, findTries } from "../../versions/former/tries.ts";
import { resolveExisting } from "../../versions/layout.ts";
import { publishVersion, refuseTaken } from "../../versions/publish.ts";
import { removeStagings, stagingBeside } from "../../versions/staging.ts";
import { findStrangePlace } from "../kept-plan/own-place.ts";
import { holdTrash } from "../trash/hold-trash.ts";
import { findPublished } from "./find-published.ts";
import { findNewerPublishers } from "./newer-publication.ts";
import { FIRST_EPOCH } from "./session-lease.ts";
import type { PublishFault } from "./session-result.ts";

/** A version, and the run of this session that saved it or reused it. */
export interface PublishedVersion {
  run: string;
  run_id: RunId;
  dataset: string;
  version: VersionRecord;
}

interface PublishOptions {
  targets: readonly PublishTarget[];
  /** The session, and the epoch under which this process has it: once another process has it, no file is replaced. */
  session: OwnedSession;
  registry: Registry;
  clock: Clock;
  folders: StateFolders;
  /** Gives up waiting for other sessions that use the same places. */
  signal?: AbortSignal;
  /** Called once for each act that has to be waited for. */
  onWait?: (before: Hold) => void;
  /** Reaches the storage of a remote version. */
  openPlain(version: PublishedVersion): PlainStorage;
  emit(events: readonly RunEvent[]): void;
  /** Called with files that were written to a plain path between two tries. */
  onNotice?: (text: string) => void;
}

/** A target, and the version that goes there. */
interface Found {
  target: PublishTarget;
  published: PublishedVersion;
}

/**
 * Copies what the workflow publishes to its plain paths, after the session's success, while no other act writes or reads there.
 * Goes on after a fault, and returns them all. Throws SessionLostError.
 */
export async function publishOutputs(options: PublishOptions): Promise<PublishFault[]> {
  if (options.targets.length === 0) return [];
  const { session, signal, onWait } = options;
  const { found, faults } = findVersions(options);
  const places = found.flatMap(({ published: { version } }) => toPlace(version));
  try {
    const held = await holdTrash(options, { act: "publish", session, places, signal, onWait });
    try {
      const newer = findNewer(options);
      for (const each of found) faults.push(...(await publishFound(options, each, newer)));
    } finally {
      held.release();
    }
  } catch (error) {
    if (signal?.aborted !== true || error instanceof SessionLostError) throw error;
    const message = "nothing was published: stopped while it waited for another session that uses the same place";
    faults.push(...found.map(({ target }) => ({ target, message })));
  }
  return faults;
}

function findVersions({ registry, targets, session }: PublishOptions): { found: Found[]; faults: PublishFault[] } {
  const runs = registry.findSession(session.session_id)?.runs ?? [];
  const [found, faults]: [Found[], PublishFault[]] = [[], []];
  for (const target of targets) {
    const { run, dataset } = target;
    const record = runs.find((each) => each.run === run);
    const version = record === undefined ? null : findVersion(record.outputs, dataset);
    if (record?.run_id == null || version === null) faults.push({ target, message: `${run} did not save ${dataset}` });
    else found.push({ target, published: { run, run_id: record.run_id, dataset, version: goTo(version, target) } });
  }
  return { found, faults };
}

/** Version with the target of the plan. The run's own word counts only for a plan without targets. */
function goTo(version: VersionRecord, { location }: PublishTarget): VersionRecord {
  return location === undefined ? version : { ...version, plain_location: location };
}

function toPlace({ plain_location }: VersionRecord): SharedPlace[] {
  if (plain_location === null) return [];
  const path = isAbsolute(plain_location) ? resolveExisting(plain_location) : plain_location;
  return [{ path, suffix: null, access: "write" }];
}

async function publishFound(
  options: PublishOptions,
  { target, published }: Found,
  newer: ReadonlyMap<string, SessionId>,
): Promise<PublishFault[]> {
  const { run, dataset, run_id, version } = published;
  const { plain_location } = version;
  if (await isDone(options, published)) return [];
  const outcome = await publishOne(options, published);
  if (outcome === "as-it-was") return [];
  if (outcome !== "published" || plain_location === null) {
    return [{ target, message: `${dataset} of ${run}: ${outcome}` }];
  }
  const later = newer.get(plain_location);
  if (later !== undefined) {
    const undo = `\`runweave rollback ${options.session.session_id}\` puts that back`;
    options.onNotice?.(`${plain_location} held what session ${later}, which started later, had published; ${undo}`);
  }
  const stamp = { time: formatTime(options.clock.now()), session_id: options.session.session_id, run };
  options.emit([{ type: "dataset.published", ...stamp, run_id, dataset, location: plain_location }]);
  return [];
}

/** Only a session that is resumed can find what a later one has published: each start publishes in its turn else. */
function findNewer({ registry, session: { session_id, epoch } }: PublishOptions): ReadonlyMap<string, SessionId> {
  return epoch === FIRST_EPOCH ? new Map() : findNewerPublishers(registry, session_id);
}

/**
 * True if this session has published the version. It is not published again: another file that stands there by now is
 * the user's.
 */
async function isDone({ onNotice, ...options }: PublishOptions, published: PublishedVersion): Promise<boolean> {
  const { run_id, dataset, run, version } = published;
  const found = await findPublished(
    { ...options, session_id: options.session.session_id },
    { run_id, dataset, location: version.plain_location, openPlain: () => options.openPlain(published) },
  );
  if (found === null) return false;
  for (const path of found.changed) {
    onNotice?.(`${path} is left as it is: it has changed since this session published ${dataset} of ${run} there`);
  }
  return true;
}

/** Publishes a version, unless its path holds it already. Returns the words of a fault, else the outcome. */
async function publishOne(
  options: PublishOptions,
  published: PublishedVersion,
): Promise<"published" | "as-it-was" | (string & {})> {
  const { location, plain_location: target } = published.version;
  if (target === null) return "no catalog gives it a path";
  try {
    assertGood(options, published);
    if (target === location) return "published";
    const copy = isAbsolute(location) ? publishHere : publishRemotely;
    // Data move within one storage only: neither up nor down.
    if (isAbsolute(location) !== isAbsolute(target)) return "it is on another storage than its path in the catalog";
    return (await copy(options, { published, location, target })) ? "published" : "as-it-was";
  } catch (error) {
    if (error instanceof SessionLostError) throw error;
    return (error as Error).message;
  }
}

/** Throws if the version is not what the log says or where a run may save, is tainted by now, has the content of one that is, or was made of that. */
function assertGood(options: PublishOptions, { dataset, run_id, version }: PublishedVersion): void {
  whileOwned(options, () => {
    const unlogged = findUnlogged(options.registry, run_id) ?? findUnloggedVerdict(options.registry);
    const fault = unlogged ?? findStrangePlace({ [dataset]: version }, run_id, options);
    if (fault !== null) throw new Error(fault);
    const bad = indexTaints(options.registry).ofVersion({ dataset, run_id });
    if (bad !== null) throw new Error(`it ${formatTaint(bad)}; ${TAINT_HINT}`);
  });
}

interface Copying {
  published: PublishedVersion;
  location: string;
  target: string;
}

/** True if this version, or one that is equal to it, was published at the path before, by whichever session. */
function wasPublished(registry: Registry, { dataset, run_id }: PublishedVersion, target: string): boolean {
  const equal = findEqual(registry, [{ dataset, run_id }]).flatMap((found) => found.equal);
  const writers = [run_id, ...equal.map((version) => version.run_id)];
  return registry.publicationsOf(writers).some(({ location }) => location === target);
}

/**
 * The former file is on record before it is replaced, so that it can be put back in any case. Returns false, and does
 * nothing, if the path still holds what an earlier session has published there, and that is equal to this version.
 */
async function publishHere(options: PublishOptions, { published, location, target }: Copying): Promise<boolean> {
  const about = describeFormer(options, { published, target });
  const paths = await listPublished({ location, target, version: published.version.version });
  // A refused publication leaves no record, so a rollback has no file to take back.
  for (const path of paths) await refuseTaken(path.source, path.target);
  assertOwned(options);
  const { trash } = options.folders;
  const isBegun = findTries(trash, about.id).length > 0;
  if (!isBegun && wasPublished(options.registry, published, target) && (await standsAlready(paths))) return false;
  const { entry, rewritten, assertKept } = await keepFormer({ trash, about, paths });
  recordFormer(options, { published, target, entry, rewritten });
  await dropCovered(trash, about.id);
  // Its own file comes last: who sees the new one finds what belongs to it.
  for (const { source, target: to } of paths.toReversed()) {
    await removeStagings(to);
    // Two processes that believe to have the session, one of them stopped in between, use two.
    const staging = stagingBeside(to, `${options.session.session_id}-${options.session.epoch}`);
    const guard = (place: () => void, path: string) =>
      whileOwned(options, () => {
        assertKept(path);
        place();
      });
    await publishVersion({ location: source, target: to, staging, guard });
  }
  return true;
}

/** Does something in a transaction in which no other process can take the session over. Throws SessionLostError if one has. */
function whileOwned({ registry, session }: PublishOptions, work: () => void): void {
  registry.decide(() => {
    work();
    return [];
  }, session);
}

function assertOwned(options: PublishOptions): void {
  whileOwned(options, () => {});
}

/** Likewise, but for an equal object: only its storage could tell that, so that it is copied. */
async function publishRemotely(options: PublishOptions, { published, location, target }: Copying): Promise<boolean> {
  const storage = options.openPlain(published);
  const about = describeFormer(options, { published, target });
  assertOwned(options);
  const { trash } = options.folders;
  const { entry, rewritten } = await keepRemoteFormer({ trash, about, source: location, target, storage });
  recordFormer(options, { published, target, entry, rewritten });
  assertOwned(options);
  await storage.copy(target);
  return true;
}

function describeFormer(
  { session: { session_id: sessionId }, clock }: PublishOptions,
  { published: { run, run_id, dataset }, target }: Pick<Copying, "published" | "target">,
): AboutFormer {
  const stamp = { time: formatTime(clock.now()), session_id: sessionId, run, run_id };
  const reason = `${dataset} of ${run} was published there`;
  return { id: formerId(sessionId, target), cause: "published-over", ...stamp, reason };
}

function recordFormer(
  { emit, onNotice, clock }: PublishOptions,
  { published, target, entry, rewritten }: Omit<Copying, "location"> & Pick<KeptFormer, "entry" | "rewritten">,
): void {
  const { id, session_id, run, run_id } = entry.manifest;
  const stamp = { time: formatTime(clock.now()), session_id, run, run_id };
  const { dataset } = published;
  emit([{ type: "publication.prepared", ...stamp, dataset, location: target, entry: id, manifest: entry.digest }]);
  for (const path of rewritten) {
    onNotice?.(
      `${path} has changed since this session began to publish there: what was there is in the trash, as ${id}`,
    );
  }
}
