import { isAbsolute } from "node:path";
import { type Clock, formatTime } from "../core/clock.ts";
import type { RunEvent } from "../core/event.ts";
import type { Registry } from "../core/registry.ts";
import type { SessionId } from "../core/run-id.ts";
import type { PublishTarget } from "../plan/plan.ts";
import { findVersion } from "../resolve/find-version.ts";
import { publishVersion } from "../versions/publish.ts";

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
    const fault = await publishOne(location, plain_location);
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

async function publishOne(location: string, target: string | null): Promise<string | null> {
  if (target === null) return "no catalog gives it a path";
  if (target === location) return null;
  if (!isAbsolute(location) || !isAbsolute(target)) return "only local files can be published";
  try {
    await publishVersion({ location, target });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
