import type { AttemptSignal } from "../../../core/event/attempt-event.ts";
import { type Guard, hasShape, isNumber, isOptional, isText, orNull } from "../../shape.ts";

const MAX_NAME_LENGTH = 10_000;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const isName: Guard<string> = (value): value is string => isText(value) && value.length <= MAX_NAME_LENGTH;
const isTime: Guard<string> = (value): value is string => isText(value) && ISO_TIME.test(value);

const isNodeEnd = hasShape({ node: isName, duration_ms: isNumber });
const isDatasetUse = hasShape({
  dataset: isName,
  version: orNull(isName),
  location: orNull(isName),
  node: orNull(isName),
});
const isContent = hasShape<{ bytes?: number | null; hash?: string | null }>({
  bytes: isOptional(orNull(isNumber)),
  hash: isOptional(orNull(isName)),
});
const isPipelineStart = hasShape({ total_nodes: isNumber });
const isResumedPipeline = hasShape({ resumed_nodes: isNumber });
const isResumption = hasShape({ dataset: isName, version: isName, location: isName, node: isName });
const isNodeStart = hasShape({ node: isName });
const isTyped = hasShape({ type: isText, time: isTime });

/** Parses a line of an attempt's events; null if the protocol does not know it. */
export function parseEventLine(line: string): AttemptSignal | null {
  const value = parseJson(line);
  if (!isTyped(value)) return null;
  const { type, time } = value;
  switch (type) {
    case "pipeline.started":
      if (!isPipelineStart(value)) return null;
      return {
        ...{ type, time, total_nodes: value.total_nodes },
        ...(isResumedPipeline(value) ? { resumed_nodes: value.resumed_nodes } : {}),
      };
    case "dataset.resumed": {
      if (!isResumption(value)) return null;
      const { dataset, version, location, node } = value;
      return { type, time, dataset, version, location, node };
    }
    case "node.started":
      return isNodeStart(value) ? { type, time, node: value.node } : null;
    case "node.finished":
    case "node.failed":
      return isNodeEnd(value) ? { type, time, node: value.node, duration_ms: value.duration_ms } : null;
    case "dataset.loaded": {
      if (!isDatasetUse(value) || !isContent(value)) return null;
      const { dataset, version, location, node, bytes = null, hash = null } = value;
      return { type, time, dataset, version, location, node, bytes, hash };
    }
    case "dataset.saved": {
      if (!isDatasetUse(value)) return null;
      const { dataset, version, location, node } = value;
      return { type, time, dataset, version, location, node };
    }
    default:
      return null;
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
