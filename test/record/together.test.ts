import { join } from "node:path";
import { expect, it } from "vitest";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { History } from "../suites/history.ts";
import { makeScratchFolder } from "./scratch.ts";

it("questions asked together are answered of one moment, whatever others write meanwhile", () => {
  const path = join(makeScratchFolder(), "registry.db");
  const [reader, writer] = [openSqliteRegistry(path), openSqliteRegistry(path)];
  const history = new History((events) => writer.append(events));
  history.startSession();
  const counts = reader.together(() => {
    const before = reader.listSessions().length;
    history.startSession();
    return [before, reader.listSessions().length];
  });
  expect(counts).toEqual([1, 1]);
  expect(reader.listSessions()).toHaveLength(2);
  expect(() => reader.together(() => fail())).toThrow("asked badly");
  expect(reader.listSessions(), "the next question is asked of the present").toHaveLength(2);
  reader.close();
  writer.close();
});

function fail(): never {
  throw new Error("asked badly");
}
