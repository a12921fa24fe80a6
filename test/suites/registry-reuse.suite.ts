import { describe, expect, it } from "vitest";
import type { Fingerprint } from "../../src/core/fingerprint.ts";
import { listEarlierAttempts } from "../../src/explain/earlier-attempts.ts";
import type { AttemptRef } from "./history.ts";
import type { OpenRegistry } from "./registry-fixture.ts";

const CHURN = { workflow: "churn", workflow_file: "/w/churn.yaml" };

function fingerprintOf(seed: string): Fingerprint {
  const parts = { task: { seed }, environment: {}, code: {}, parameters: {}, catalog: {}, inputs: {} };
  return { digest: `sha256:${seed}`, parts };
}

/** Attempts by what their result depends on, and runs that were not executed. */
export function describeReuse(on: OpenRegistry): void {
  const resolve = (run: string, seed: string): AttemptRef => {
    const { ref } = { ref: { session_id: on.session, run, run_id: on.history.nextId() as never, attempt: 1 } };
    const cache = { fingerprint: fingerprintOf(seed), reason: "new" };
    on.history.add({ type: "run.resolved", time: on.history.time, ...ref, pins: [], cache });
    return ref;
  };
  const complete = (run: string, seed: string): AttemptRef => {
    on.history.declare(on.session, run);
    const ref = resolve(run, seed);
    on.history.start(ref);
    on.history.succeed(ref, "table");
    return ref;
  };
  const reuse = (run: string, { run_id }: Pick<AttemptRef, "run_id">) =>
    on.history.add({
      type: "run.reused",
      time: on.history.time,
      session_id: on.session,
      run,
      run_id,
      fingerprint: "sha256:1",
      load_versions: {},
      reason: "unchanged",
    });

  describe("reuse", () => {
    it("finds succeeded attempts by fingerprint, newest first, and no other", () => {
      const first = complete("a", "1");
      complete("b", "2");
      const second = complete("c", "1");
      on.history.declare(on.session, "d");
      on.history.start(resolve("d", "1"));
      expect(on.registry.attemptsLike("sha256:1", 5)).toEqual([second.run_id, first.run_id]);
      expect(on.registry.attemptsLike("sha256:1", 1)).toEqual([second.run_id]);
      expect(on.registry.attemptsLike("sha256:3", 5)).toEqual([]);
    });

    it("knows the latest fingerprint of a run of a workflow", () => {
      const { run_id } = complete("a", "1");
      expect(on.registry.latestFingerprint(CHURN, "a")).toEqual({ run_id, parts: fingerprintOf("1").parts });
      expect(on.registry.latestFingerprint(CHURN, "b")).toBeNull();
      expect(on.registry.latestFingerprint({ ...CHURN, workflow: "other" }, "a")).toBeNull();
      for (const workflow_file of ["/other/churn.yaml", null])
        expect(on.registry.latestFingerprint({ ...CHURN, workflow_file }, "a")).toBeNull();
    });

    it("knows of an attempt what its fingerprint was made of, if it has one", () => {
      const { run_id } = complete("a", "1");
      expect(on.registry.fingerprintOf(run_id)).toEqual(fingerprintOf("1").parts);
      on.history.declare(on.session, "b");
      const plain = on.history.resolve(on.session, "b");
      expect(on.registry.fingerprintOf(plain.run_id)).toBeNull();
      expect(on.registry.fingerprintOf("2020" as typeof run_id)).toBeNull();
    });

    it("forgets the fingerprint of an attempt under which something changed", () => {
      on.history.declare(on.session, "a");
      const ref = resolve("a", "1");
      on.history.start(ref);
      const end = { duration_ms: 1, outputs: {}, outputs_location: null, peak_memory_bytes: null };
      on.history.add({ type: "run.succeeded", time: on.history.time, ...ref, ...end, fingerprint_void: "x changed" });
      expect(on.registry.attemptsLike("sha256:1", 5)).toEqual([]);
      expect(on.registry.latestFingerprint(CHURN, "a")).toBeNull();
    });

    it("shows a run that was not executed with the earlier attempt as its own", () => {
      const earlier = complete("a", "1");
      on.history.declare(on.session, "b");
      reuse("b", earlier);
      const record = on.registry.findSession(on.session)?.runs.find(({ run }) => run === "b");
      expect(record).toMatchObject({ status: "reused", run_id: earlier.run_id, reason: "unchanged" });
      expect(Object.keys(record?.outputs ?? {})).toEqual(["table"]);
      expect(on.registry.findRun(earlier.run_id)).toMatchObject({ run: "a", status: "success" });
      expect(listEarlierAttempts(on.registry, on.session)).toEqual([]);
    });

    it("shows runs that are alike, all reused from one attempt, each with what that has, once", () => {
      const earlier = complete("a", "1");
      on.history.add({ type: "run.noted", time: on.history.time, ...earlier, text: "once" });
      on.history.declare(on.session, "b", "c");
      for (const run of ["b", "c"]) reuse(run, earlier);
      const runs = on.registry.findSession(on.session)?.runs ?? [];
      expect(runs.map(({ run, notes }) => [run, notes.map(({ text }) => text)])).toEqual([
        ["a", ["once"]],
        ["b", ["once"]],
        ["c", ["once"]],
      ]);
    });

    it("refuses to reuse what has not succeeded, or in the stead of a run that has ended", () => {
      const earlier = complete("a", "1");
      on.history.declare(on.session, "b", "c");
      const failed = on.history.resolve(on.session, "c");
      on.history.start(failed);
      on.history.fail(failed);
      expect(() => reuse("b", failed)).toThrow(/has not succeeded/);
      expect(() => reuse("a", earlier)).toThrow();
    });
  });
}
