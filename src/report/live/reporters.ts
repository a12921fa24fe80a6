import type { Reporter } from "../../core/port/reporter.ts";
import { createJsonReporter } from "./json.ts";
import { createLinesReporter } from "./lines.ts";
import type { ReporterOptions } from "./reporter-options.ts";
import { createLiveReporter } from "./terminal.ts";

export type ReporterKind = "live" | "lines" | "json";

const REPORTERS: Readonly<Record<ReporterKind, (options: ReporterOptions) => Reporter>> = {
  live: createLiveReporter,
  lines: createLinesReporter,
  json: createJsonReporter,
};

/** `live` for a terminal, `lines` for a log or a pipe, `json` for scripts. */
export function createReporter(kind: ReporterKind, options: ReporterOptions): Reporter {
  return REPORTERS[kind](options);
}
