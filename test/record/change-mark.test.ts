import { join } from "node:path";
import { expect, test } from "vitest";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { History } from "../suites/history.ts";
import { makeScratchFolder } from "./scratch.ts";

test.each([
  ["a file", () => openSqliteRegistry(join(makeScratchFolder(), "registry.db"))],
  ["memory", createMemoryRegistry],
])("in %s, the mark changes with every write, one that was taken back too, and with nothing else", (_, open) => {
  const registry = open();
  const history = new History((events) => registry.append(events));
  const marks = [registry.changeMark()];
  const note = () => marks.push(registry.changeMark());
  const session = history.startSession();
  note();
  registry.listSessions();
  registry.findSession(session);
  expect(registry.changeMark()).toBe(marks.at(-1));
  expect(() => history.skip(session, "nosuch", "x")).toThrow("refused");
  note();
  registry.decide(() => {
    expect(registry.changeMark(), "asked while it decides").toBe(marks.at(-1));
    return [];
  });
  note();
  expect(new Set(marks).size).toBe(marks.length);
  registry.close();
});

test("the mark changes with what another process writes", () => {
  const path = join(makeScratchFolder(), "registry.db");
  const [reader, writer] = [openSqliteRegistry(path), openSqliteRegistry(path)];
  const before = reader.changeMark();
  new History((events) => writer.append(events)).startSession();
  expect(reader.changeMark()).not.toBe(before);
  reader.close();
  writer.close();
});
