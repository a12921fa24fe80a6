import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { describeRegistry } from "../../suites/registry.suite.ts";

const folder = mkdtempSync(join(tmpdir(), "runweave-record-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
describeRegistry("SQLite", () => openSqliteRegistry(join(folder, `${count++}`, "registry.db")));
