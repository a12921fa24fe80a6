import { isAbsolute } from "node:path";
import { type Clock, formatTime } from "../../core/clock.ts";
import type { RunEvent } from "../../core/event.ts";
import type { PlainStorage } from "../../core/plain-storage.ts";
import type { Registry } from "../../core/registry.ts";
import type { VersionRecord } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import type { PublishTarget } from "../../plan/plan.ts";
import { findVersion } from "../../resolve/find-version.ts";
import { listPublished } from "../../versions/files-beside.ts";
import { formerId, keepFormer } from "../../versions/former.ts";
import { publishVersion } from "../../versions/publish.ts";
import { keepRemoteFormer } from "../../versions/remote-former.ts";
import { removeStagings, stagingBeside } from "../../versions/staging.ts";

/** A version, and the run of this session that saved it or reused it. */
export interface PublishedVersion {
  run: string;
  run_id: RunId;
  dataset: string;
  version: VersionRecord;
}

/** A dataset that could not be put where the project's own catalog would have put it. */
export interface PublishFault {
  target: PublishTarget;
  message: string;
}

interface PublishOptions {
  targets: readonly PublishTarget[];
  sessionId: SessionId;
  registry: Registry;
  clock: Clock;
  /** Where what stands at the plain paths is kept. */
  trash: string;
  /** Reaches the storage of a remote version. */
  openPlain(version: PublishedVersion): PlainStorage;
  emit(events: readonly RunEvent[]): void;
}

/**
 * Copies what the workflow publishes to its plain paths, after the session's success. Goes on after a fault, and returns
 * them all.
 */
export async function publishOutputs(options: PublishOptions): Promise<PublishFault[]> {
  if (options.targets.length === 0) return [];
  const session = options.registry.findSession(options.sessionId);
  const faults: PublishFault[] = [];
  for (const target of options.targets) {
    const record = session?.runs.find(({ run }) => run === target.run);
    const version = record === undefined ? null : findVersion(record.outputs, target.dataset);
    if (record?.run_id == null || version === null) {
      faults.push({ target, message: `${target.run} did not save ${target.dataset}` });
      continue;
    }
    const { plain_location } = version;
    const { run, dataset } = target;
    const fault = await publishOne(options, { run, run_id: record.run_id, dataset, version });
    if (fault !== null || plain_location === null) {
      faults.push({ target, message: `${target.dataset} of ${target.run}: ${fault ?? ""}` });
      continue;
    }
    const stamp = { time: formatTime(options.clock.now()), session_id: options.sessionId, run: target.run };
    options.emit([
      { type: "dataset.published", ...stamp, run_id: record.run_id, dataset: target.dataset, location: plain_location },
    ]);
  }
  return faults;
}

async function publishOne(options: PublishOptions, published: PublishedVersion): Promise<string | null> {
  const { location, plain_location: target } = published.version;
  if (target === null) return "no catalog gives it a path";
  if (target === location) return null;
  const copy = isAbsolute(location) ? publishHere : publishRemotely;
  // Data move within one storage only: neither up nor down.
  if (isAbsolute(location) !== isAbsolute(target)) return "it is not where its plain path is";
  try {
    await copy(options, { published, location, target });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

interface Copying {
  published: PublishedVersion;
  location: string;
  target: string;
}

/** What stands there is on record before anything is replaced, so that it can be put back whatever happens then. */
async function publishHere(options: PublishOptions, { published, location, target }: Copying): Promise<void> {
  const about = describeFormer(options, { published, target });
  const paths = await listPublished({ location, target, version: published.version.version });
  const { digest } = await keepFormer({ trash: options.trash, about, paths });
  recordFormer(options, { published, target, about, digest });
  // Its own file comes last: who sees the new one finds what belongs to it.
  for (const { source, target: to } of paths.toReversed()) {
    await removeStagings(to);
    await publishVersion({ location: source, target: to, staging: stagingBeside(to, options.sessionId) });
  }
}

/** Likewise. */
async function publishRemotely(options: PublishOptions, { published, location, target }: Copying): Promise<void> {
  const storage = options.openPlain(published);
  const about = describeFormer(options, { published, target });
  const { digest } = await keepRemoteFormer({ trash: options.trash, about, source: location, target, storage });
  recordFormer(options, { published, target, about, digest });
  await storage.copy(target);
}

type About = Parameters<typeof keepFormer>[0]["about"];

function describeFormer(
  { sessionId, clock }: PublishOptions,
  { published: { run, run_id, dataset }, target }: Pick<Copying, "published" | "target">,
): About {
  const stamp = { time: formatTime(clock.now()), session_id: sessionId, run, run_id };
  const reason = `${dataset} of ${run} was published there`;
  return { id: formerId(sessionId, target), cause: "published-over", ...stamp, reason };
}

function recordFormer(
  { emit }: PublishOptions,
  { published, target, about, digest }: Omit<Copying, "location"> & { about: About; digest: string },
): void {
  const { id: entry, time, session_id, run, run_id } = about;
  const { dataset } = published;
  const stamp = { time, session_id, run, run_id };
  emit([{ type: "publication.prepared", ...stamp, dataset, location: target, entry, manifest: digest }]);
}
