import { expect, it } from "vitest";
import type { RunId } from "../../../src/core/run-id.ts";
import { LogSplitter } from "../../../src/report/log/split-log.ts";

const RUN = "2026-11-24T04.01.55.472Z-000007b758c4" as RunId;
const about = {
  session_id: "s",
  run: "a",
  run_id: RUN,
  attempt: 1,
  time: "2026-11-24T04:01:56.000Z",
  event: "run.started",
};
const own = `${JSON.stringify({ level: "info", ...about, pid: 1, msg: "run started" })}\n`;

/** What was printed, and the messages between, of a log that comes in chunks of some bytes. */
function split(log: string, size = 7): { printed: string; messages: string[] } {
  const splitter = new LogSplitter(RUN);
  const bytes = Buffer.from(log);
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  const pieces = [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
  const printed = Buffer.concat(pieces.flatMap((piece) => ("printed" in piece ? [piece.printed] : [])));
  return {
    printed: printed.toString(),
    messages: pieces.flatMap((piece) => ("logged" in piece ? [piece.logged.message] : [])),
  };
}

it("takes runweave's own lines out of what a run printed, wherever the chunks end", () => {
  for (const size of [1, 3, 7, 64, 4096]) {
    expect(split(`${own}one\nno end${own}\u00e9two\n${own}last`, size)).toEqual({
      printed: "one\nno end\u00e9two\nlast",
      messages: ["run started", "run started", "run started"],
    });
  }
});

it("leaves JSON lines of the run itself, of another run, and lines that are cut off", () => {
  const others = [
    `{"level":"info","msg":"mine"}\n`,
    own.replaceAll(RUN, RUN.replace("c4", "c5")),
    `{"level":"info","note":"{\\"level\\":\\"${RUN}"}\n`,
    own.slice(0, -10),
  ];
  for (const text of others) expect(split(text)).toEqual({ printed: text, messages: [] });
});

it("keeps a line of its own behind one of the run that looks alike", () => {
  expect(split(`{"level":"info","msg":"mine"}${own}`)).toEqual({
    printed: `{"level":"info","msg":"mine"}`,
    messages: ["run started"],
  });
});
