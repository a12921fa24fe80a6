import { isAbsolute } from "node:path";
import { type Clock, formatTime } from "../core/clock.ts";
import type { RunEvent } from "../core/event.ts";
import type { Registry } from "../core/registry.ts";
import type { VersionRecord } from "../core/run.ts";
import type { RunId, SessionId } from "../core/run-id.ts";
import type { PublishTarget } from "../plan/plan.ts";
import { findVersion } from "../resolve/find-version.ts";
import { formerId, keepFormer } from "../versions/former.ts";
import { publishVersion } from "../versions/publish.ts";

/** A version on remote storage, and the place there that it goes to. */
export interface RemotePublication {
  run: string;
  version: VersionRecord;
  target: string;
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
  /** Copies a remote version of a run; rejects if it can't. */
  publishRemote(version: RemotePublication): Promise<void>;
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
    const { location, plain_location } = version;
    const { run } = target;
    const { run_id } = record;
    const keep = async () => await keepBefore(options, { run, run_id, dataset: target.dataset, version });
    const copyRemote = isRemote(version) ? (to: string) => options.publishRemote({ run, version, target: to }) : null;
    const fault = await publishOne({ location, target: plain_location, copyRemote, keep });
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

/** Data move within one storage only: neither up nor down. */
function isRemote({ location, plain_location }: VersionRecord): boolean {
  return !isAbsolute(location) && plain_location !== null && !isAbsolute(plain_location);
}

interface Published {
  run: string;
  run_id: RunId;
  dataset: string;
  version: VersionRecord;
}

/** On record before anything is replaced, so that it can be put back whatever happens then. */
async function keepBefore(
  { trash, sessionId, clock, emit }: Pick<PublishOptions, "trash" | "sessionId" | "clock" | "emit">,
  { run, run_id, dataset, version: { location, plain_location } }: Published,
): Promise<void> {
  if (plain_location === null) return;
  const stamp = { time: formatTime(clock.now()), session_id: sessionId, run, run_id };
  const id = formerId(sessionId, plain_location);
  const reason = `${dataset} of ${run} was published there`;
  const about = { id, cause: "published-over" as const, ...stamp, reason };
  const { digest } = await keepFormer({ trash, about, source: location, target: plain_location });
  emit([{ type: "publication.prepared", ...stamp, dataset, location: plain_location, entry: id, manifest: digest }]);
}

async function publishOne({
  location,
  target,
  copyRemote,
  keep,
}: {
  location: string;
  target: string | null;
  /** Before anything is replaced. */
  keep(): Promise<void>;
  copyRemote: ((target: string) => Promise<void>) | null;
}): Promise<string | null> {
  if (target === null) return "no catalog gives it a path";
  if (target === location) return null;
  if (copyRemote === null && !(isAbsolute(location) && isAbsolute(target))) return "it is not where its plain path is";
  try {
    if (copyRemote !== null) await copyRemote(target);
    else {
      await keep();
      await publishVersion({ location, target });
    }
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
