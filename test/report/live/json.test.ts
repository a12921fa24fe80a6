import fc from "fast-check";
import { expect, test } from "vitest";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { createReporter } from "../../../src/report/live/reporters.ts";
import { History } from "../../suites/history.ts";
import { CaptureStream } from "../capture-stream.ts";
import { hostileText } from "../hostile-text.ts";
import { eventsAt } from "../make-events.ts";
import { randomEvents } from "../random-events.ts";

test("each event is one line, exactly as it is but for the version in the first, of bytes that no terminal obeys", () => {
  fc.assert(
    fc.property(randomEvents(hostileText), (events) => {
      const stdout = new CaptureStream();
      const reporter = createReporter("json", { stdout, stderr: new CaptureStream() });
      for (const event of events) reporter.onEvent(event);
      expect(stdout.lines.map((line) => JSON.parse(line))).toEqual(
        events.map((event, at) => (at === 0 ? { schema_version: 1, ...event } : event)),
      );
      expect(stdout.text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }),
  );
});

test("the session's end is the last line, with the whole records of its runs", () => {
  const stdout = new CaptureStream();
  const history = new History();
  const session = history.startSession();
  history.declare(session, "a");
  const attempt = history.resolve(session, "a");
  history.start(attempt);
  history.succeed(attempt, "table");
  const registry = createMemoryRegistry();
  registry.append(history.events);
  const runs = registry.findSession(session)?.runs ?? [];
  const readRuns = () => runs;
  const reporter = createReporter("json", { stdout, stderr: new CaptureStream(), readRuns });
  const make = eventsAt(0);
  reporter.onEvent(make.declared("a"));
  reporter.onEvent(make.finished({ a: "success" }));
  reporter.close?.();
  expect(JSON.parse(stdout.lines.at(-1) ?? "")).toEqual({ ...make.finished({ a: "success" }), runs });
  expect(runs[0]?.outputs.table?.location).toBeTypeOf("string");
});
