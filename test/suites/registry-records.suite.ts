import { describe, expect, it } from "vitest";
import type { RunId, SessionId } from "../../src/core/run-id.ts";
import { listEarlierAttempts } from "../../src/explain/earlier-attempts.ts";
import { type AttemptRef, exceptionOf, frozenPin, ownPin, versionOf } from "./history.ts";
import type { OpenRegistry } from "./registry-fixture.ts";

/** The records of runs and sessions. */
export function describeRecords(on: OpenRegistry): void {
  describe("records", () => {
    it("an empty registry answers every question with nothing", () => {
      const empty = on.open();
      expect(empty.listSessions()).toEqual([]);
      expect(empty.listRuns()).toEqual([]);
      expect(empty.findSession("latest")).toBeNull();
      expect(empty.findSession("2026")).toBeNull();
      expect(empty.findRun("2026")).toBeNull();
      expect([...empty.events()]).toEqual([]);
      empty.append([]);
      empty.close();
    });

    it("a session knows which one it replays, and what was changed of it", () => {
      const replay_of = { session_id: on.session, changes: ["--set train.params.seed=2"], heals: true as const };
      const { session_id, time } = { session_id: on.history.nextId() as SessionId, time: on.history.time };
      const about = { workflow: "churn", workflow_file: null, project_path: null, command_line: [] };
      const git = { commit: null, dirty: null };
      on.history.add({ type: "session.started", time, session_id, ...about, git, replay_of });
      expect(on.registry.findSession(session_id)?.replay_of).toEqual(replay_of);
      expect(on.registry.findSession(on.session)?.replay_of).toBeNull();
    });

    it("a run's record tells how many attempts before it, or before it was skipped, never had a process", () => {
      on.history.declare(on.session, "train", "plain");
      const plain = on.history.complete(on.session, "plain");
      on.history.resolve(on.session, "train");
      on.history.skip(on.session, "train", "prep");
      expect(on.registry.findSession(on.session)?.runs[0]).toMatchObject({ attempt: 0, unstarted_attempts: 1 });
      on.history.finishSession(on.session, "failed");
      on.history.resume(on.session, 2, "train");
      const lost = on.history.resolve(on.session, "train", { attempt: 2 });
      on.history.fail(lost, "killed", { again: true });
      const tried = on.history.resolve(on.session, "train", { attempt: 3 });
      on.history.start(tried);
      on.history.fail(tried, "boom", { again: true });
      const last = on.history.resolve(on.session, "train", { attempt: 4 });
      on.history.start(last);
      const unstarted = (id: string) => on.registry.findRun(id)?.unstarted_attempts;
      expect([lost, tried, last, plain].map(({ run_id }) => unstarted(run_id))).toEqual([1, 2, 2, undefined]);
    });

    it("a successful run's record holds what its events said", () => {
      on.history.declare(on.session, "train");
      const ref = on.history.resolve(on.session, "train", {
        pins: [ownPin("model", "own"), frozenPin("raw", "2026-01-01")],
      });
      const started = on.history.time;
      on.history.start(ref);
      on.history.add({ type: "node.started", time: on.history.time, ...ref, node: "fit" });
      on.history.add({ type: "node.finished", time: on.history.time, ...ref, node: "fit", duration_ms: 1.25 });
      on.history.add({ type: "node.started", time: on.history.time, ...ref, node: "unfinished" });
      const ended = on.history.time;
      on.history.succeed(ref, "model");
      expect(on.registry.listRuns()).toEqual([
        {
          session_id: on.session,
          workflow: "churn",
          run: "train",
          run_id: ref.run_id,
          attempt: 1,
          max_attempts: 3,
          allow_failure: true,
          kind: "kedro",
          status: "success",
          env: "prod",
          runtime_params: { model_options: { random_state: 7 } },
          pipeline_names: ["data_science"],
          filters: { tags: ["t"] },
          load_versions: { model: "own", raw: "2026-01-01" },
          outputs: { model: versionOf(ref.run_id, "model") },
          outputs_location: "/store",
          exception: null,
          start_time: started,
          end_time: ended,
          duration_ms: 12.5,
          node_durations_ms: { fit: 1.25 },
          peak_memory_bytes: 2 ** 33,
          git_commit: "c0ffee",
          git_dirty: false,
          environment: null,
          metrics: null,
          tags: {},
          notes: [],
          warnings: [],
          discarded: null,
          reason: null,
        },
      ]);
    });

    it("a session has its runs in the order of their declaration, and its own end", () => {
      on.history.declare(on.session, "b", "a");
      on.history.complete(on.session, "a");
      on.history.declare(on.session, "c");
      const ended = on.history.time;
      on.history.finishSession(on.session, "failed");
      const record = on.registry.findSession(on.session);
      expect(record?.runs.map((run) => run.run)).toEqual(["b", "a", "c"]);
      expect(record).toMatchObject({
        workflow: "churn",
        workflow_file: "/w/churn.yaml",
        project_path: null,
        status: "failed",
        end_time: ended,
        duration_ms: 99,
      });
    });

    it("codes that an older version recorded in capitals are shown as they are spelled now", () => {
      on.history.declare(on.session, "train", "prep");
      const [started, unstarted] = [on.history.resolve(on.session, "train"), on.history.resolve(on.session, "prep")];
      on.history.start(started);
      const recorded = [
        [started, "SettleError", "UNSETTLED: one\nINPUT_CHANGED: two"],
        [unstarted, "EnvironmentError", "KEDRO_MISSING: no Kedro"],
      ] as const;
      for (const [ref, type, message] of recorded) {
        const exception = { type, message, node: null, traceback: null, cause: null };
        const end = { duration_ms: 3, exception, peak_memory_bytes: null, max_attempts: 1, reason: null };
        on.history.add({ type: "run.failed", time: on.history.time, ...ref, ...end, will_retry_at: null });
      }
      const shown = on.registry.listRuns().map(({ exception, reason }) => [exception?.message, reason]);
      expect(shown).toEqual([
        ["unsettled: one\ninput-changed: two", null],
        ["kedro-missing: no Kedro", "kedro-missing: no Kedro"],
      ]);
    });

    it("each run keeps its own exception", () => {
      on.history.declare(on.session, "a", "b");
      const [a, b] = [on.history.resolve(on.session, "a"), on.history.resolve(on.session, "b")];
      on.history.start(a);
      on.history.start(b);
      on.history.fail(b, "second");
      on.history.fail(a, "first");
      expect(on.registry.findRun(a.run_id)?.exception).toEqual(exceptionOf("first"));
      expect(on.registry.findRun(b.run_id)?.exception).toEqual(exceptionOf("second"));
    });

    it.each([
      ["skipped", (run: string) => on.history.skip(on.session, run, "prep"), "prep failed"],
      [
        "cancelled",
        (run: string) => on.history.cancel({ session_id: on.session, run, run_id: null, attempt: 0 }),
        "interrupted",
      ],
      ["pending", () => {}, null],
    ])("a run that was never tried and is %s has no run_id", (status, end, reason) => {
      on.history.declare(on.session, "train");
      end("train");
      const record = { status, reason, run_id: null, attempt: 0, start_time: null, exception: null };
      expect(on.registry.listRuns()).toMatchObject([record]);
    });

    it("a run that is skipped while it waits for its turn has no run_id, and its attempt is found as skipped", () => {
      on.history.declare(on.session, "train");
      const ref = on.history.resolve(on.session, "train", { pins: [frozenPin("raw", "v")] });
      on.history.skip(on.session, "train", "prep");
      const skipped = { status: "skipped", reason: "prep failed" };
      expect(on.registry.listRuns()).toMatchObject([{ ...skipped, run_id: null, attempt: 0, load_versions: {} }]);
      expect(on.registry.findRun(ref.run_id)).toMatchObject({ ...skipped, run_id: ref.run_id, attempt: 1 });
    });

    it("a run that fails before its start says why", () => {
      on.history.declare(on.session, "train");
      on.history.fail(
        { session_id: on.session, run: "train", run_id: on.history.nextId() as RunId, attempt: 1 },
        "hash differs",
      );
      expect(on.registry.listRuns()).toMatchObject([
        { status: "failed", reason: "hash differs", attempt: 1, start_time: null },
      ]);
    });

    it("after a retry lists show the last attempt, and each is found by its run_id", () => {
      on.history.declare(on.session, "train");
      const first = on.history.resolve(on.session, "train");
      on.history.start(first);
      on.history.fail(first, "flaky");
      const second = on.history.resolve(on.session, "train", { attempt: 2 });
      expect(on.registry.listRuns()).toMatchObject([
        { run_id: second.run_id, attempt: 2, status: "pending", exception: null },
      ]);
      on.history.start(second);
      on.history.succeed(second, "model");
      expect(on.registry.listRuns()).toMatchObject([{ run_id: second.run_id, attempt: 2, status: "success" }]);
      expect(on.registry.findRun(first.run_id)).toMatchObject({ attempt: 1, status: "failed", outputs: {} });
      expect(on.registry.findRun(first.run_id)?.exception?.message).toBe("flaky");
      expect(listEarlierAttempts(on.registry, on.session)).toEqual([on.registry.findRun(first.run_id)]);
    });

    it("a run that was given more attempts than declared, as its session was resumed, says how many it had", () => {
      on.history.declare(on.session, "train");
      const first = on.history.resolve(on.session, "train");
      on.history.start(first);
      on.history.fail(first, "flaky", { of: 6 });
      expect(on.registry.listRuns()).toMatchObject([{ attempt: 1, max_attempts: 6 }]);
    });

    it("a run that waits for its next attempt is pending, tells when, and keeps the failure; its attempt has failed", () => {
      on.history.declare(on.session, "train");
      const first = on.history.resolve(on.session, "train");
      on.history.start(first);
      const due = on.history.time;
      on.history.fail(first, "flaky", { again: true });
      const reason = `attempt 1 failed; the next is due at ${due}`;
      const waiting = { run_id: first.run_id, attempt: 1, status: "pending", reason, end_time: null };
      expect(on.registry.listRuns({ status: "pending" })).toMatchObject([waiting]);
      expect(on.registry.listRuns()[0]?.exception?.message).toBe("flaky");
      expect(on.registry.listSessions()[0]?.run_counts).toEqual({ pending: 1 });
      expect(on.registry.findRun(first.run_id)).toMatchObject({ status: "failed", reason: null, end_time: due });
      const second = on.history.resolve(on.session, "train", { attempt: 2 });
      expect(on.registry.listRuns()).toMatchObject([{ run_id: second.run_id, status: "pending", reason: null }]);
    });

    it.each([
      ["failed", (ref: AttemptRef) => on.history.fail(ref, "flaky", { reason: "given up" }), "given up"],
      ["cancelled", (ref: AttemptRef) => on.history.cancel(ref), "interrupted"],
    ])("a run that waits for its next attempt can end as %s; what its attempt was stays", (status, end, reason) => {
      on.history.declare(on.session, "train");
      const ref = on.history.resolve(on.session, "train");
      on.history.start(ref);
      on.history.fail(ref, "flaky", { again: true });
      const ended = on.history.time;
      end(ref);
      const record = { status, reason, run_id: ref.run_id, attempt: 1, end_time: ended, duration_ms: 3 };
      expect(on.registry.listRuns()).toMatchObject([record]);
      expect(on.registry.findRun(ref.run_id)).toMatchObject({ status: "failed", reason: null });
      expect(() => on.history.resolve(on.session, "train", { attempt: 3 })).toThrow("can't follow attempt 1");
    });

    it("an attempt's loads are told in their order", () => {
      on.history.declare(on.session, "train", "other");
      const [ref, other] = [on.history.resolve(on.session, "train"), on.history.resolve(on.session, "other")];
      const load = { type: "dataset.loaded", version: null, location: null, node: "fit" } as const;
      for (const dataset of ["b", "a", "b"]) on.history.add({ ...load, time: on.history.time, ...ref, dataset });
      on.history.add({ ...load, time: on.history.time, ...other, dataset: "c" });
      expect(on.registry.loadsOf([ref.run_id]).map(({ dataset }) => dataset)).toEqual(["b", "a", "b"]);
      // A log of an older version does not tell what was there.
      expect(on.registry.loadsOf([ref.run_id])[0]).toMatchObject({ bytes: null, hash: null });
    });

    it("a node whose start was lost still has its duration, and a failed one too", () => {
      on.history.declare(on.session, "train");
      const ref = on.history.resolve(on.session, "train");
      on.history.start(ref);
      on.history.add({ type: "node.finished", time: on.history.time, ...ref, node: "lost", duration_ms: 5 });
      on.history.add({ type: "node.failed", time: on.history.time, ...ref, node: "bad", duration_ms: 6 });
      expect(on.registry.findRun(ref.run_id)?.node_durations_ms).toEqual({ lost: 5, bad: 6 });
    });
  });
}
