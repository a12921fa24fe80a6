import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import {
  compareNamed,
  explainRead,
  explainUnread,
  exportCrate,
  exportOpenLineage,
  type Fallback,
  findData,
  findLogs,
  listFailures,
  listUndeclared,
  RefusalError,
  showSession,
  traceNamed,
} from "../../src/index.ts";
import { parseLines, runCli, runJson } from "../rig/cli.ts";
import { writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const cwd = makeSuiteFolder();
const address = { registry: join(cwd, ".runweave") };

/** The value as JSON has it: without properties that are undefined. */
function asJson(value: object): object {
  return JSON.parse(JSON.stringify(value));
}

/** Answer of a command, without the header that all answers have. */
async function answerOf(...args: string[]): Promise<object> {
  const { value } = await runJson<{ schema_version: string; type: string }>(args, { cwd });
  const { schema_version: _, type: __, ...body } = value;
  return body;
}

beforeAll(async () => {
  const read = { command: ["cat", `\${inputs.number.path}`], consumes: { number: "write" } };
  const write = {
    command: ["sh", "-c", 'echo 42 > "$0"; echo written', `\${outputs.number.path}`],
    outputs: ["number"],
  };
  writeCommands(cwd, { write, read });
  expect((await runCli(["run"], { cwd })).exitCode).toBe(0);
  writeCommands(cwd, { write, read, fail: { command: ["sh", "-c", "exit 3"] } });
  expect((await runCli(["run", "workflow.json", "fail"], { cwd })).exitCode).toBe(1);
});

test("what an action returns is what the command prints", async () => {
  const { session, run, logsFolder: _, writers: __, ...about } = showSession(address, { id: "read" });
  expect(run?.status).toBe("success");
  expect(await answerOf("show", "read")).toEqual(asJson({ ...session, runs: [run], ...about }));
  expect(await answerOf("errors")).toEqual(asJson(listFailures(address, {})));
  expect(await answerOf("diff", "write", "read")).toEqual(
    asJson(await compareNamed(address, { a: "write", b: "read" })),
  );
  expect(await answerOf("why", "number@read")).toEqual(asJson(explainRead(address, { dataset: "number@read" })));
  expect(await answerOf("why", "number", "read", "--not", "read")).toEqual(
    asJson(explainUnread(address, { dataset: "number", run: "read", version: "read" })),
  );
  expect(await answerOf("lineage", "read")).toEqual(asJson(traceNamed(address, { id: "read", direction: "up" })));
  expect(await answerOf("lineage", "--undeclared")).toEqual(asJson(listUndeclared(address, {})));
});

test("formats of other tools are those of the command", async () => {
  const crate = await runCli(["lineage", "read", "--format", "ro-crate"], { cwd });
  expect(JSON.parse(crate.stdout)).toEqual(asJson(exportCrate(address, { id: "read" })));
  const events = await runCli(["lineage", "read", "--format", "openlineage"], { cwd });
  expect(parseLines(events.stdout)).toEqual(asJson(exportOpenLineage(address, { id: "read", direction: "up" })));
});

test("logs and data are found by the names of the command line", () => {
  const { logs, fallbacks } = findLogs(address, { id: "write" });
  expect(logs.map(({ run }) => run.run)).toEqual(["write"]);
  expect(fallbacks.map(({ word }) => word)).toEqual(["write"]);
  expect(findData(address, { id: "number@write" }).version.bytes).toBe(3);
});

test("a name of an older session is told, and a run is not compared with a session", async () => {
  const told: Fallback[] = [];
  await expect(
    compareNamed(address, { a: "write", b: "latest" }, { onFallback: (fallback) => told.push(fallback) }),
  ).rejects.toThrow(RefusalError);
  expect(told.map(({ word, reason }) => [word, reason])).toEqual([["write", 'has no run "write"']]);
});
