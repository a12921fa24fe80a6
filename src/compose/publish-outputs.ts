import { isAbsolute } from "node:path";
import { type Clock, formatTime } from "../core/clock.ts";
import type { RunEvent } from "../core/event.ts";
import type { Registry } from "../core/registry.ts";
import type { VersionRecord } from "../core/run.ts";
import type { SessionId } from "../core/run-id.ts";
import type { PublishTarget } from "../plan/plan.ts";
import { findVersion } from "../resolve/find-version.ts";
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

/**
 * Copies what the workflow publishes to its plain paths, after the session's success. Goes on after a fault, and returns
 * them all.
 */
export async function publishOutputs(options: {
  targets: readonly PublishTarget[];
  sessionId: SessionId;
  registry: Registry;
  clock: Clock;
  /** Copies a remote version of a run; rejects if it can't. */
  publishRemote(version: RemotePublication): Promise<void>;
  emit(events: readonly RunEvent[]): void;
}): Promise<PublishFault[]> {
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
    const copyRemote = isRemote(version) ? (to: string) => options.publishRemote({ run, version, target: to }) : null;
    const fault = await publishOne({ location, target: plain_location, copyRemote });
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

async function publishOne({
  location,
  target,
  copyRemote,
}: {
  location: string;
  target: string | null;
  copyRemote: ((target: string) => Promise<void>) | null;
}): Promise<string | null> {
  if (target === null) return "no catalog gives it a path";
  if (target === location) return null;
  if (copyRemote === null && !(isAbsolute(location) && isAbsolute(target))) return "it is not where its plain path is";
  try {
    await (copyRemote === null ? publishVersion({ location, target }) : copyRemote(target));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
