import { expect, it } from "vitest";
import { createRegistry } from "../../src/record/create-registry.ts";
import { createMemoryTables } from "../../src/record/memory/tables.ts";
import type { TableStore } from "../../src/record/table-store.ts";
import { consumedPin, History } from "../suites/history.ts";

it("a page of runs reads the runs and their attempts, twice however long it is, and nothing of what these did", () => {
  const read: string[] = [];
  const tables = createMemoryTables();
  const store: TableStore = {
    ...tables,
    selectNumbered: (table, numbers) => {
      read.push(`${numbers.length} ${table}`);
      return tables.selectNumbered(table, numbers);
    },
    selectIn: (table, column, values) => {
      read.push(`${values.length} ${table}`);
      return tables.selectIn(table, column, values);
    },
  };
  const registry = createRegistry(store);
  const history = new History((events) => registry.append(events));
  const session = history.startSession();
  history.declare(session, "prep", ...Array.from({ length: 80 }, (_, at) => `train-${at}`));
  const prep = history.complete(session, "prep", { saves: ["table"] });
  for (let at = 0; at < 80; at += 1)
    history.complete(session, `train-${at}`, { pins: [consumedPin("table", prep)], saves: ["model"] });
  read.length = 0;
  expect(registry.runPage({}, { after: null, limit: 50 }).items).toHaveLength(50);
  expect(read).toEqual(["50 runs", "50 attempts"]);
});
