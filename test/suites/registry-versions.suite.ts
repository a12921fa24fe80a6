import { describe, expect, it } from "vitest";
import type { RunId } from "../../src/core/run-id.ts";
import { consumedPin, frozenPin, ownPin, versionOf } from "./history.ts";
import type { OpenRegistry } from "./registry-fixture.ts";

/** What attempts wrote and were pinned to. */
export function describeVersions(on: OpenRegistry): void {
  describe("versions and pins", () => {
    it("readers of an attempt's versions are found in every on.session, whatever the rule of the pin", () => {
      on.history.declare(on.session, "prep", "train");
      const prep = on.history.complete(on.session, "prep", { pins: [ownPin("table", "x")], saves: ["table", "rows"] });
      const train = on.history.resolve(on.session, "train", { pins: [consumedPin("input", prep, "table")] });
      const later = on.history.startSession();
      on.history.declare(later, "report");
      const report = on.history.resolve(later, "report", { pins: [frozenPin("rows", prep.run_id)] });
      expect(on.registry.readersOf([prep.run_id])).toEqual([
        { ...consumedPin("input", prep, "table"), run_id: train.run_id, writer: prep.run_id },
        { ...frozenPin("rows", prep.run_id), run_id: report.run_id, writer: prep.run_id },
      ]);
    });

    it("of several attempts, what they have is told attempt by attempt, in the order that was asked for", () => {
      on.history.declare(on.session, "prep", "train", "report");
      const prep = on.history.complete(on.session, "prep", { saves: ["table", "rows"] });
      const pins = [consumedPin("input", prep, "table"), consumedPin("rows", prep)];
      const train = on.history.complete(on.session, "train", { pins, saves: ["model"] });
      const report = on.history.resolve(on.session, "report", { pins: [consumedPin("model", train)] });
      const [a, b, c] = [prep.run_id, train.run_id, report.run_id];
      const names = (found: { run_id: RunId; dataset: string }[]) =>
        found.map(({ run_id, dataset }) => [run_id, dataset]);
      expect(names(on.registry.pinsOf([c, a, b]))).toEqual([
        [c, "model"],
        [b, "input"],
        [b, "rows"],
      ]);
      expect(names(on.registry.versionsOf([c, b, a]))).toEqual([
        [b, "model"],
        [a, "table"],
        [a, "rows"],
      ]);
      expect(on.registry.readersOf([b, c, a]).map(({ writer, run_id }) => [writer, run_id])).toEqual([
        [b, c],
        [a, b],
        [a, b],
      ]);
      const refs = [train, prep].map(({ session_id, run }) => ({ session_id, run }));
      expect(on.registry.attemptsOf(refs).map(({ run_id }) => run_id)).toEqual([b, a]);
      const none = [
        on.registry.pinsOf([]),
        on.registry.versionsOf([]),
        on.registry.readersOf([]),
        on.registry.loadsOf([]),
      ];
      expect([...none, on.registry.attemptsOf([])].flat()).toEqual([]);
    });

    it("attempts that were adopted are found by the version that they stand for", () => {
      on.history.declare(on.session, "prep", "train");
      const own = on.history.complete(on.session, "prep", { saves: ["table"] });
      const name = on.history.time.replaceAll(":", ".");
      const ref = on.history.resolve(on.session, "train");
      on.history.start(ref);
      const outputs = { model: versionOf(name, "model"), table: versionOf(own.run_id, "table") };
      const end = { duration_ms: 1, outputs, outputs_location: null, peak_memory_bytes: null };
      on.history.add({ type: "run.succeeded", time: on.history.time, ...ref, ...end });
      const found = on.registry.adoptedAs(["2020-01-01T00.00.00.000Z", name]);
      expect(found).toEqual([{ dataset: "model", run_id: ref.run_id, ...versionOf(name, "model") }]);
    });

    it("an attempt does not read itself", () => {
      on.history.declare(on.session, "prep");
      const run_id = on.history.nextId() as RunId;
      const pins = [ownPin("table", run_id)];
      on.history.add({
        type: "run.resolved",
        time: on.history.time,
        session_id: on.session,
        run: "prep",
        run_id,
        attempt: 1,
        pins,
      });
      expect(on.registry.readersOf([run_id])).toEqual([]);
      expect(on.registry.pinsOf([run_id])).toEqual(pins.map((pin) => ({ ...pin, run_id })));
    });

    it("versions are those of the attempt, in the order of its report, and only once it has succeeded", () => {
      on.history.declare(on.session, "prep");
      const ref = on.history.resolve(on.session, "prep");
      on.history.start(ref);
      const saved = { dataset: "z", version: ref.run_id, location: "/z", node: null };
      on.history.add({ type: "dataset.saved", time: on.history.time, ...ref, ...saved });
      expect(on.registry.versionsOf([ref.run_id])).toEqual([]);
      on.history.succeed(ref, "z", "a");
      const expected = ["z", "a"].map((dataset) => ({
        dataset,
        run_id: ref.run_id,
        ...versionOf(ref.run_id, dataset),
      }));
      expect(on.registry.versionsOf([ref.run_id])).toEqual(expected);
      expect(Object.keys(on.registry.findRun(ref.run_id)?.outputs ?? {})).toEqual(["z", "a"]);
    });

    it("versions of one content are found by name, in any format, with the run that saved them", () => {
      on.history.declare(on.session, "prep", "train");
      const prep = on.history.complete(on.session, "prep", { saves: ["table@pandas", "tables", "other"] });
      const later = on.history.startSession("other");
      on.history.declare(later, "prep");
      const again = on.history.complete(later, "prep", { saves: ["table"] });
      const found = on.registry.versionsOfContent([{ dataset: "table", hash: "sha256:00" }]);
      const about = { fingerprint: null, run: "prep" };
      expect(found).toMatchObject([
        { ...about, dataset: "table@pandas", run_id: prep.run_id, session_id: on.session, workflow: "churn" },
        { ...about, dataset: "table", run_id: again.run_id, session_id: later, workflow_file: "/w/other.yaml" },
      ]);
      expect(on.registry.versionsOfContent([{ dataset: "table", hash: "sha256:01" }])).toEqual([]);
    });

    it("what lies beside a version is kept with it, where anything does", () => {
      on.history.declare(on.session, "prep");
      const ref = on.history.resolve(on.session, "prep");
      on.history.start(ref);
      const outputs = {
        model: { ...versionOf(ref.run_id, "model"), beside: ["model.meta", "parts/ü"] },
        table: versionOf(ref.run_id, "table"),
      };
      const end = { duration_ms: 1, outputs, outputs_location: null, peak_memory_bytes: null };
      on.history.add({ type: "run.succeeded", time: on.history.time, ...ref, ...end });
      expect(on.registry.findRun(ref.run_id)?.outputs).toEqual(outputs);
      expect(on.registry.versionsOf([ref.run_id])).toEqual(
        Object.entries(outputs).map(([dataset, version]) => ({ dataset, run_id: ref.run_id, ...version })),
      );
    });

    it.each(["a.b@pkl", "params:x", "__proto__", "quote'\"; DROP TABLE pins", "\u0000\u{10ffff}", "constructor"])(
      "a dataset may be named %j",
      (dataset) => {
        on.history.declare(on.session, "prep");
        const ref = on.history.complete(on.session, "prep", { pins: [frozenPin(dataset, "v")], saves: [dataset] });
        const record = on.registry.findRun(ref.run_id);
        expect(Object.entries(record?.load_versions ?? {})).toEqual([[dataset, "v"]]);
        expect(Object.keys(record?.outputs ?? {})).toEqual([dataset]);
        expect(on.registry.versionsOf([ref.run_id])[0]?.dataset).toBe(dataset);
      },
    );
  });
}
