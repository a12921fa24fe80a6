import type { Reporter } from "../core/reporter.ts";
import { openSink, openWarnings } from "./output-stream.ts";
import type { ReporterOptions } from "./reporter-options.ts";

/** JSON.stringify leaves these as they are; a terminal obeys some of them, and some readers end a line at others. */
const RAW_CONTROLS = /[\u007f-\u009f\u2028\u2029]/g;

/** For scripts: each event on a line of stdout, exactly as it is. The last one is `session.finished`. */
export function createJsonReporter({ stdout, stderr }: ReporterOptions): Reporter {
  const sink = openSink(stdout, openWarnings(stderr));
  return { onEvent: (event) => sink.write(`${JSON.stringify(event).replaceAll(RAW_CONTROLS, escapeUnit)}\n`) };
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
