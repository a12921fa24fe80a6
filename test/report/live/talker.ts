import { once } from "node:events";
import { createReporter, type ReporterKind } from "../../../src/report/live/reporters.ts";
import { eventsAt } from "../make-events.ts";

/** A process that reports until its reader is gone and then some. It goes on when stdin tells it to. */
const reporter = createReporter(process.argv[2] as ReporterKind, { stdout: process.stdout, stderr: process.stderr });
const make = eventsAt(0);
reporter.onEvent(make.sessionStarted());
reporter.onEvent(make.declared("a", "b"));
await once(process.stdin, "data");
for (let attempt = 1; attempt < 1000; attempt += 1) {
  reporter.onEvent(make.started("a", attempt));
  reporter.onEvent(make.failed("a", { attempt }));
}
reporter.onEvent(make.finished({ a: "failed", b: "skipped" }));
reporter.close?.();
process.stdout.once("error", () => {});
await new Promise(setImmediate);
process.stderr.write("talked to the end\n");
process.stdin.destroy();
