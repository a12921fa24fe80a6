import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SessionId } from "../../../src/core/run-id.ts";
import { createMemoryTables } from "../../../src/record/memory/tables.ts";
import { insertRow, updateRow } from "../../../src/record/projection/change.ts";
import type { SessionRow } from "../../../src/record/rows.ts";
import { connect } from "../../../src/record/sqlite/connection.ts";
import { openForWriting } from "../../../src/record/sqlite/open-database.ts";
import { createSqliteTables } from "../../../src/record/sqlite/tables.ts";
import type { TableStore } from "../../../src/record/table-store.ts";
import { makeScratchFolder } from "../scratch.ts";

const session: SessionRow = {
  session_id: "s1" as SessionId,
  workflow: "churn",
  workflow_file: null,
  project_path: null,
  command_line: "[]",
  git_commit: null,
  git_dirty: null,
  status: "running",
  start_time: "2026-01-01T00:00:00.000Z",
  end_time: null,
  duration_ms: null,
  origin: null,
  paused_time: null,
  rollback_status: null,
  rolled_back_time: null,
  replay_of: null,
  owner_pid: null,
  owner_start_time: null,
  owner_boot_id: null,
  owner_host: null,
  owner_epoch: 0,
  lease_until: null,
  mark: null,
};

const end = (from: "running" | "failed", to: "success" | "cancelled") =>
  updateRow("sessions", { key: { session_id: session.session_id }, expect: { status: from }, set: { status: to } });

const stores: [string, () => TableStore][] = [
  ["memory", createMemoryTables],
  ["SQLite", () => createSqliteTables(connect(join(makeScratchFolder(), "registry.db"), openForWriting))],
];

describe.each(stores)("%s tables", (_, open) => {
  it("change a row only from the state that the change expects", () => {
    const store = open();
    store.writeAtomically(() => store.applyChange(insertRow("sessions", session)));
    const stale = () => store.writeAtomically(() => store.applyChange(end("failed", "cancelled")));
    expect(stale).toThrow('sessions {"session_id":"s1"} is no longer {"status":"failed"}');
    expect(store.findSessionRow("s1")?.status).toBe("running");
    store.writeAtomically(() => store.applyChange(end("running", "success")));
    expect(store.findSessionRow("s1")?.status).toBe("success");
    store.close();
  });

  it("take back every change of a batch that fails", () => {
    const store = open();
    const batch = () =>
      store.writeAtomically(() => {
        store.applyChange(insertRow("sessions", session));
        store.applyChange(end("running", "success"));
        throw new Error("stopped");
      });
    expect(batch).toThrow("stopped");
    expect(store.findSessionRow("s1")).toBeUndefined();
    expect(store.sessionNumbers({})).toEqual([]);
    store.close();
  });
});
