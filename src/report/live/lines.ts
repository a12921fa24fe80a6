import type { Reporter } from "../../core/port/reporter.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { plain, renderSpans, styled } from "../text/spans.ts";
import { describeEvent } from "./describe-event.ts";
import { openSink, openWarnings } from "./output-stream.ts";
import { reduceProgress, restoreProgress } from "./progress.ts";
import { createProgress } from "./progress-state.ts";
import type { ReporterOptions } from "./reporter-options.ts";

/** Writes a line for each change of a run, under the event's time, for logs and pipes. */
export function createLinesReporter({
  stdout,
  stderr,
  ids,
  color = false,
  verbose = false,
}: ReporterOptions): Reporter {
  const sink = openSink(stdout, openWarnings(stderr));
  let state = createProgress();
  return {
    onRestored: (session) => {
      state = restoreProgress(session);
    },
    onEvent(event) {
      state = reduceProgress(state, event);
      const spans = describeEvent(event, { state, verbose });
      if (spans === null) return;
      const time = styled("dim", formatTimeOfDay(event.time));
      sink.write(`${renderSpans([time, plain(" "), ...spans], { columns: null, color, ids })}\n`);
    },
    onNotice: (text) => sink.write(`${renderSpans([plain(text)], { columns: null, color, ids })}\n`),
  };
}

/** `21:04:54`, in the reader's time zone. */
function formatTimeOfDay(time: string): string {
  return formatLocalTime(time).slice("2026-11-24 ".length);
}
