import type { RunEvent } from "../../core/event/event.ts";
import type { Reporter } from "../../core/port/reporter.ts";
import { formatJson } from "../text/format-json.ts";
import { stampFirst } from "../text/schema-version.ts";
import { openSink, openWarnings } from "./output-stream.ts";
import type { ReporterOptions } from "./reporter-options.ts";

/**
 * Writes each event on a line of stdout, for scripts. The last one is `session.finished`, with the whole records of the
 * session's runs.
 */
export function createJsonReporter({ stdout, stderr, readRuns }: ReporterOptions): Reporter {
  const sink = openSink(stdout, openWarnings(stderr));
  const stamp = stampFirst();
  const complete = (event: RunEvent) =>
    event.type === "session.finished" && readRuns ? { ...event, runs: readRuns(event.session_id) } : event;
  return { onEvent: (event) => sink.write(`${formatJson(stamp(complete(event)))}\n`) };
}
