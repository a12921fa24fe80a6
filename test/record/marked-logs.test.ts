import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { SessionId } from "../../src/core/run-id.ts";
import { createRegistry } from "../../src/record/create-registry.ts";
import { createMemoryTables } from "../../src/record/memory/tables.ts";
import { connect } from "../../src/record/sqlite/connection.ts";
import { openForWriting } from "../../src/record/sqlite/open-database.ts";
import { createSqliteTables } from "../../src/record/sqlite/tables.ts";
import { History } from "../suites/history.ts";
import { makeScratchFolder } from "./scratch.ts";

const markWith = (key: string) => (before: string, hash: string) => `${before}${key}${hash.slice(0, 4)} `;

describe.each([
  ["SQLite", () => createSqliteTables(connect(join(makeScratchFolder(), "registry.db"), openForWriting))],
  ["memory", createMemoryTables],
])("%s", (_, open) => {
  const prepare = () => {
    const store = open();
    const mine = createRegistry(store, { markLog: markWith("k") });
    const hashesOf = (session: SessionId) => [...mine.links({ session })].map(({ hash }) => hash ?? "");
    const markOf = (session: SessionId, key = "k") => hashesOf(session).reduce(markWith(key), "");
    const logMarkOf = (session: SessionId) => store.readConsistently(() => store.findSessionRow(session)?.mark ?? null);
    return { store, mine, markOf, logMarkOf };
  };

  it("the mark of a session covers each of its events, in one batch or several, and no other session's", () => {
    const { mine, markOf, logMarkOf } = prepare();
    let batch: RunEvent[] = [];
    const history = new History((events) => batch.push(...events));
    const [one, two] = [history.startSession("a"), history.startSession("b")];
    history.declare(one, "a");
    history.declare(two, "b");
    history.complete(one, "a", { saves: ["x"] });
    mine.append(batch);
    batch = [];
    history.complete(two, "b");
    mine.decide(() => batch);
    expect([logMarkOf(one), logMarkOf(two)]).toEqual([markOf(one), markOf(two)]);
    expect(markOf(one)).not.toBe(markOf(two));
  });

  it("a session that was begun without a key stays unmarked, and one that others went on with has no mark of its whole log", () => {
    const { store, mine, markOf, logMarkOf } = prepare();
    const others = createRegistry(store);
    const theirs = new History((events) => others.append(events)).startSession();
    const own = new History((events) => mine.append(events));
    own.finishSession(theirs);
    expect(logMarkOf(theirs)).toBeNull();
    const session = own.startSession("a");
    const before = logMarkOf(session);
    others.append([
      { type: "session.finished", time: "2026", session_id: session, status: "failed", duration_ms: 1, runs: [] },
    ]);
    expect(logMarkOf(session)).toBe(before);
    own.resume(session, 2);
    expect(logMarkOf(session)).not.toBe(markOf(session));
  });

  it("an append that is refused leaves the mark as it was, and a vanished key does too", () => {
    const { store, mine, logMarkOf } = prepare();
    const session = new History((events) => mine.append(events)).startSession();
    const before = logMarkOf(session);
    const history = new History((events) => mine.append(events));
    expect(() => history.skip(session, "nosuch", "x")).toThrow("refused");
    new History((events) => createRegistry(store, { markLog: () => null }).append(events)).finishSession(session);
    expect(logMarkOf(session)).toBe(before);
    expect(logMarkOf("nosuch" as SessionId)).toBeNull();
  });
});
