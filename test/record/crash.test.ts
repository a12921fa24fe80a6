import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { collectLines, spawnAppender } from "./append-program.ts";
import { makeScratchFolder } from "./scratch.ts";

it.each([1, 7, 60])("after kill -9 at acknowledgement %d every acknowledged run is there, whole", async (count) => {
  const path = join(makeScratchFolder(), "registry.db");
  const child = spawnAppender(path, { number: 0 });
  const exited = once(child, "exit");
  const acknowledged = await collectLines(child.stdout, (seen) => {
    if (seen >= count) child.kill("SIGKILL");
  });
  expect((await exited)[1]).toBe("SIGKILL");
  expect(acknowledged.length).toBeGreaterThanOrEqual(count);

  const registry = openSqliteRegistry(path);
  for (const runId of acknowledged) {
    expect(registry.findRun(runId)).toMatchObject({ run_id: runId, status: "success", outputs: { table: {} } });
  }
  const stored = registry.listRuns({ status: "success" }).length;
  expect(stored - acknowledged.length).toBeLessThanOrEqual(1);
  expect([...registry.events()].filter((event) => event.type === "run.succeeded")).toHaveLength(stored);
  registry.close();

  const database = new DatabaseSync(path, { readOnly: true });
  expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  database.close();
});
