import { beforeEach, describe, expect, it } from "vitest";
import { AmbiguousIdError } from "../../src/core/error/registry-error.ts";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { Registry } from "../../src/core/port/registry.ts";
import type { Page, PageRequest, RunFilter, RunLine } from "../../src/core/port/registry-lists.ts";
import type { RunRecord } from "../../src/core/run.ts";
import type { SessionId } from "../../src/core/run-id.ts";
import type { OpenRegistry } from "./registry-fixture.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** What lists and searches find. */
export function describeLists(on: OpenRegistry): void {
  describe("lists", () => {
    let other: SessionId;
    beforeEach(() => {
      on.history.declare(on.session, "a", "b", "c");
      on.history.complete(on.session, "b");
      other = on.history.startSession("nightly");
      on.history.declare(other, "a");
      on.history.skip(other, "a", "prep");
    });

    const names = (filter?: RunFilter) =>
      on.registry.listRuns(filter).map((record) => `${record.workflow}.${record.run}`);

    it("runs are listed newest first: by their start, or by their declaration", () => {
      expect(names()).toEqual(["nightly.a", "churn.b", "churn.c", "churn.a"]);
    });

    it.each<[string, () => RunFilter, string[]]>([
      ["workflow", () => ({ workflow: "nightly" }), ["nightly.a"]],
      ["file", () => ({ workflow_file: "/w/nightly.yaml" }), ["nightly.a"]],
      ["name and another file", () => ({ workflow: "nightly", workflow_file: "/other/nightly.yaml" }), []],
      ["having no file", () => ({ workflow_file: null }), []],
      ["status", () => ({ status: "pending" }), ["churn.c", "churn.a"]],
      ["workflow and status", () => ({ workflow: "nightly", status: "pending" }), []],
      ["whole session", () => ({ session: on.session }), ["churn.b", "churn.c", "churn.a"]],
      ["beginning of a session", () => ({ session: other.slice(0, -1) }), ["nightly.a"]],
      ["latest session", () => ({ session: "latest" }), ["nightly.a"]],
      ["unknown session", () => ({ session: "1999" }), []],
      ["limit", () => ({ limit: 2 }), ["nightly.a", "churn.b"]],
      ["limit of none", () => ({ limit: 0 }), []],
      [
        "start",
        () => ({ since: on.registry.listRuns({ status: "success" })[0]?.start_time ?? "" }),
        ["nightly.a", "churn.b"],
      ],
      [
        "all at once",
        () => ({ workflow: "churn", status: "pending", session: on.session, since: "2026", limit: 1 }),
        ["churn.c"],
      ],
      ["hostile text", () => ({ workflow: "' OR 1=1 --" }), []],
    ])("runs are filtered by %s", (_, filter, expected) => {
      expect(names(filter())).toEqual(expected);
    });

    /** A list by pages of so many, and in how many of them. */
    const readAll = <T>(read: (page: PageRequest) => Page<T>, limit: number) => {
      const pages: T[][] = [];
      let after: string | null = null;
      do {
        const page: Page<T> = read({ after, limit });
        pages.push(page.items);
        after = page.next;
      } while (after !== null);
      return pages;
    };

    it.each([1, 2, 3, 4, 5])("by pages of %i, the list of runs is the same, in one line each", (limit) => {
      const pages = readAll((page) => on.registry.runPage({}, page), limit);
      expect(pages.map(({ length }) => length)).toEqual(
        Array.from({ length: Math.ceil(4 / limit) }, (_, at) => Math.min(limit, 4 - at * limit)),
      );
      expect(pages.flat()).toEqual(on.registry.listRuns().map(toLine));
    });

    it("pages of runs are filtered as the list is", () => {
      const filter = { workflow: "churn", status: "pending", session: on.session, since: "2026" } as const;
      const pages = readAll((page) => on.registry.runPage(filter, page), 1);
      expect(pages.map((lines) => lines.map(({ run }) => run))).toEqual([["c"], ["a"]]);
      expect(on.registry.runPage({ session: "1999" }, { after: null, limit: 5 })).toEqual({ items: [], next: null });
      expect(() => on.registry.runPage({}, { after: "elsewhere", limit: 5 })).toThrow(RangeError);
    });

    it("a page goes on where the one before ended, whatever began meanwhile", () => {
      const first = on.registry.runPage({}, { after: null, limit: 2 });
      const sessions = on.registry.sessionPage({}, { after: null, limit: 1 });
      on.history.declare(on.history.startSession("later"), "x");
      const names = (lines: RunLine[]) => lines.map(({ workflow, run }) => `${workflow}.${run}`);
      expect(names(first.items)).toEqual(["nightly.a", "churn.b"]);
      expect(names(on.registry.runPage({}, { after: first.next, limit: 5 }).items)).toEqual(["churn.c", "churn.a"]);
      const rest = on.registry.sessionPage({}, { after: sessions.next, limit: 5 });
      expect([sessions, rest].map(({ items }) => items.map(({ session_id }) => session_id))).toEqual([
        [other],
        [on.session],
      ]);
      expect(rest).toEqual({ items: [on.registry.listSessions().at(-1)], next: null });
    });

    it("the runs of some sessions are told in plan order, and records by their run_ids in the order asked for", () => {
      const lines = on.registry.runsOf([other, on.session]);
      expect(lines.map(({ session_id, run }) => [session_id, run])).toEqual([
        [other, "a"],
        ...["a", "b", "c"].map((run) => [on.session, run]),
      ]);
      const again = on.history.complete(on.session, "a", { saves: ["table"] });
      const [b] = on.registry.listRuns({ status: "success" }).filter(({ run }) => run === "b");
      const ids = [again.run_id, ...(b?.run_id ? [b.run_id] : [])];
      expect(on.registry.findRecords(ids)).toEqual([on.registry.findRun(again.run_id), b]);
      expect([on.registry.runsOf([]), on.registry.findRecords([])]).toEqual([[], []]);
    });

    it("sessions are listed newest first with the counts of their runs", () => {
      expect(on.registry.listSessions()).toMatchObject([
        { session_id: other, status: "running", run_counts: { skipped: 1 } },
        { session_id: on.session, status: "running", run_counts: { pending: 2, success: 1 } },
      ]);
      expect(on.registry.listSessions()[0]).not.toHaveProperty("runs");
    });

    it("sessions are filtered by workflow, its file, status, start and limit", () => {
      on.history.finishSession(on.session);
      const ids = (filter: Parameters<Registry["listSessions"]>[0]) =>
        on.registry.listSessions(filter).map((summary) => summary.session_id);
      expect(ids({ workflow: "churn" })).toEqual([on.session]);
      expect(ids({ workflow_file: "/w/churn.yaml" })).toEqual([on.session]);
      expect(ids({ workflow: "churn", workflow_file: "/other/churn.yaml" })).toEqual([]);
      expect(ids({ workflow_file: null })).toEqual([]);
      expect(ids({ status: "running" })).toEqual([other]);
      expect(ids({ since: on.registry.findSession(other)?.start_time ?? "" })).toEqual([other]);
      expect(ids({ limit: 1 })).toEqual([other]);
      expect(ids({ workflow: "churn", status: "running" })).toEqual([]);
    });

    it("what was recorded later is newer, though the clock was put back meanwhile", () => {
      on.history.stepClock(-DAY_MS);
      const later = on.history.startSession("churn");
      on.history.declare(later, "a", "b");
      on.history.complete(later, "a");
      const sessions = on.registry.listSessions().map(({ session_id }) => session_id);
      expect(sessions).toEqual([later, other, on.session]);
      expect(on.registry.findSession("latest")?.session_id).toBe(later);
      expect(on.registry.listRuns({ session: "latest" }).map(({ run }) => run)).toEqual(["a", "b"]);
      expect(names()).toEqual(["churn.a", "churn.b", "nightly.a", "churn.b", "churn.c", "churn.a"]);
      expect(on.registry.runsNamed("a").map(({ session_id }) => session_id)).toEqual([later, other, on.session]);
      const runs = readAll((page) => on.registry.runPage({ workflow: "churn" }, page), 2).flat();
      expect(runs).toEqual(on.registry.listRuns({ workflow: "churn" }).map(toLine));
      const pages = readAll((page) => on.registry.sessionPage({}, page), 1).flat();
      expect(pages.map(({ session_id }) => session_id)).toEqual(sessions);
      const until = on.registry.findSession(later)?.start_time ?? "";
      expect(on.registry.listSessions({ until }).map(({ session_id }) => session_id)).toEqual([later]);
    });

    it("sessions are filtered by what was recorded before them, and by several states", () => {
      on.history.stepClock(-DAY_MS);
      const later = on.history.startSession();
      const ids = (filter: Parameters<Registry["listSessions"]>[0]) =>
        on.registry.listSessions(filter).map((summary) => summary.session_id);
      expect(ids({ later_than: on.session })).toEqual([later, other]);
      expect(ids({ later_than: later })).toEqual([]);
      expect(ids({ later_than: "1999" as SessionId })).toEqual([]);
      on.history.finishSession(on.session, "failed");
      on.history.finishSession(later, "cancelled");
      expect(ids({ status: ["failed", "cancelled"] })).toEqual([later, on.session]);
      expect(ids({ status: [] })).toEqual([]);
    });

    it("ids are found whole, by a beginning that one has, and `latest` is the newest", () => {
      expect(on.registry.findSession(on.session)?.session_id).toBe(on.session);
      expect(on.registry.findSession("latest")?.session_id).toBe(other);
      expect(on.registry.findSession(other.slice(0, -2))?.session_id).toBe(other);
      const run = on.registry.listRuns({ status: "success" })[0];
      expect(on.registry.findRun(run?.run_id?.slice(0, -1) ?? "")).toEqual(run);
    });

    it("ids are found by their last digits, from six on", () => {
      expect(on.registry.findSession(on.session.slice(-8))?.session_id).toBe(on.session);
      expect(on.registry.listRuns({ session: other.slice(-6) })).toHaveLength(1);
      const run = on.registry.listRuns({ status: "success" })[0];
      expect(on.registry.findRun(run?.run_id?.slice(-8) ?? "")).toEqual(run);
      expect(on.registry.findSession(on.session.slice(-5))).toBeNull();
    });

    it("an ending of two ids is refused with both of them", () => {
      const twin = on.session.replace("2026", "2031") as SessionId;
      on.history.add({ ...(on.history.events[0] as RunEvent & { type: "session.started" }), session_id: twin });
      const both = expect.objectContaining({ name: "AmbiguousIdError", candidates: [on.session, twin] });
      expect(() => on.registry.findSession(on.session.slice(-8))).toThrow(both);
    });

    it("runs of a name are those of each session, the newest session first, and the arms of a matrix", () => {
      on.history.declare(other, "b[seed=1]", "b[seed=2]", "bc", "b_");
      const named = on.registry.runsNamed("b").map(({ session_id, run, status }) => [session_id, run, status]);
      expect(named).toEqual([
        [other, "b[seed=1]", "pending"],
        [other, "b[seed=2]", "pending"],
        [on.session, "b", "success"],
      ]);
      expect(on.registry.runsNamed("b[seed=1]")).toHaveLength(1);
      expect(on.registry.runsNamed("")).toEqual([]);
      expect(on.registry.runNames()).toEqual(["a", "b", "b[seed=1]", "b[seed=2]", "b_", "bc", "c"]);
    });

    it.each(["", "%", "2026_", "2026*", "1999", "zzz"])("no id begins with %j", (prefix) => {
      expect(on.registry.findSession(prefix)).toBeNull();
      expect(on.registry.findRun(prefix)).toBeNull();
    });

    it("a beginning of two ids is refused with both of them", () => {
      const both = expect.objectContaining({
        name: "AmbiguousIdError",
        prefix: "2026",
        candidates: [on.session, other],
      });
      expect(() => on.registry.findSession("2026")).toThrow(both);
      expect(() => on.registry.listRuns({ session: "2026" })).toThrow(AmbiguousIdError);
      on.history.complete(on.session, "a");
      expect(() => on.registry.findRun("2026")).toThrow(AmbiguousIdError);
    });
  });
}

function toLine(record: RunRecord): RunLine {
  const { session_id, workflow, run, run_id, attempt, status, start_time, end_time, duration_ms } = record;
  return { session_id, workflow, run, run_id, attempt, status, start_time, end_time, duration_ms };
}
