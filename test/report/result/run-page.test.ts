import { expect, test } from "vitest";
import { renderRunPage } from "../../../src/report/result/run-page.ts";
import { makeRecord, makeSession, runIdOf } from "../make-events.ts";

test.each([
  ["success", "started", "ended"],
  ["reused", "executed", "reused"],
] as const)("a run of state %s has times that say what they are of", (status, first, last) => {
  const times = { start_time: "2026-11-20T10:00:00.000Z", end_time: "2026-11-23T21:05:06.000Z" };
  const run = makeRecord("prep", { run_id: runIdOf(1), status, ...times });
  const options = { columns: null, color: false, logsFolder: "logs", showPath: (path: string) => path };
  const text = renderRunPage(makeSession([run]), run, options).join("\n");
  expect(text).toMatch(new RegExp(`  ${first} +2026-11-20 .*\n  ${last} +2026-11-23 `));
});
