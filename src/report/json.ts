import type { Reporter } from "../core/reporter.ts";
import { formatJson } from "./format-json.ts";
import { openSink, openWarnings } from "./output-stream.ts";
import type { ReporterOptions } from "./reporter-options.ts";

/** For scripts: each event on a line of stdout, exactly as it is. The last one is `session.finished`. */
export function createJsonReporter({ stdout, stderr }: ReporterOptions): Reporter {
  const sink = openSink(stdout, openWarnings(stderr));
  return { onEvent: (event) => sink.write(`${formatJson(event)}\n`) };
}
