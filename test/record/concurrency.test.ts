import { once } from "node:events";
import { closeSync, openSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { History } from "../suites/history.ts";
import { collectLines, spawnAppender } from "./append-program.ts";
import { makeScratchFolder } from "./scratch.ts";

const PROCESSES = 4;
const RUNS = 60;

async function appendFromProcesses(path: string): Promise<string[]> {
  const endings = Array.from({ length: PROCESSES }, async (_, number) => {
    const child = spawnAppender(path, { number, runs: RUNS });
    const exited = once(child, "exit");
    const [lines, errors] = await Promise.all([collectLines(child.stdout), collectLines(child.stderr)]);
    expect({ errors, exit: await exited }).toEqual({ errors: [], exit: [0, null] });
    return lines;
  });
  return (await Promise.all(endings)).flat();
}

it.each(["no", "an empty"])(
  "several processes make and fill a registry where there is %s file, and none fails",
  async (what) => {
    const path = join(makeScratchFolder(), "registry.db");
    if (what === "an empty") closeSync(openSync(path, "w"));
    const acknowledged = await appendFromProcesses(path);
    expect(acknowledged).toHaveLength(PROCESSES * RUNS);

    const registry = openSqliteRegistry(path);
    const stored = registry.listRuns({ status: "success" }).map((record) => record.run_id);
    expect(stored.sort()).toEqual(acknowledged.sort());
    expect(registry.listSessions()).toHaveLength(PROCESSES);
    registry.close();
    expect(readdirSync(dirname(path))).toEqual(["registry.db"]);
  },
);

it("a reader sees a moment without waiting while another connection writes", () => {
  const path = join(makeScratchFolder(), "registry.db");
  const registry = openSqliteRegistry(path);
  const history = new History((events) => registry.append(events));
  history.declare(history.startSession(), "prep");
  const reader = openSqliteRegistry(path, { readOnly: true });
  const writer = new DatabaseSync(path);
  writer.exec("BEGIN IMMEDIATE; UPDATE runs SET run = 'unfinished'");
  expect(reader.listRuns().map((record) => record.run)).toEqual(["prep"]);
  writer.exec("ROLLBACK");
  history.startSession("later");
  expect(reader.listSessions()[0]?.workflow).toBe("later");
  for (const each of [writer, reader, registry]) each.close();
});
