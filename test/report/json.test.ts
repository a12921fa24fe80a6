import fc from "fast-check";
import { expect, test } from "vitest";
import { createReporter } from "../../src/report/index.ts";
import { CaptureStream } from "./capture-stream.ts";
import { hostileText } from "./hostile-text.ts";
import { eventsAt } from "./make-events.ts";
import { randomEvents } from "./random-events.ts";

test("each event is one line, exactly as it is, of bytes that no terminal obeys", () => {
  fc.assert(
    fc.property(randomEvents(hostileText), (events) => {
      const stdout = new CaptureStream();
      const reporter = createReporter("json", { stdout, stderr: new CaptureStream() });
      for (const event of events) reporter.onEvent(event);
      expect(stdout.lines.map((line) => JSON.parse(line))).toEqual(events);
      expect(stdout.text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }),
  );
});

test("the session's end is the last line", () => {
  const stdout = new CaptureStream();
  const reporter = createReporter("json", { stdout, stderr: new CaptureStream() });
  const make = eventsAt(0);
  reporter.onEvent(make.declared("a"));
  reporter.onEvent(make.finished({ a: "success" }));
  reporter.close?.();
  expect(JSON.parse(stdout.lines.at(-1) ?? "")).toEqual(make.finished({ a: "success" }));
});
