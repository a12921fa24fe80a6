import { beforeEach, describe, expect, test } from "vitest";
import type { Registry } from "../../src/core/port/registry.ts";
import type { Pin } from "../../src/core/run.ts";
import type { SessionId } from "../../src/core/run-id.ts";
import { toUndeclaredText } from "../../src/explain/text/undeclared-text.ts";
import { findUndeclared } from "../../src/explain/undeclared.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { countQuestions } from "../rig/count-questions.ts";
import { type AttemptRef, consumedPin, declaredRun, frozenPin, History, ownPin } from "../suites/history.ts";

let registry: Registry;
let history: History;
let session: SessionId;

beforeEach(() => {
  registry = createMemoryRegistry();
  history = new History((events) => registry.append(events));
  session = history.startSession("churn");
  history.declare(session, "prep", "train", "other");
});

interface Use {
  dataset?: string;
  version?: string | null;
  location?: string | null;
}

function use(type: "dataset.loaded" | "dataset.saved", ref: AttemptRef, { dataset = "table", ...rest }: Use): void {
  history.add({ type, time: history.time, ...ref, dataset, version: null, location: null, node: "n", ...rest });
}

function begin(run: string, pins: Pin[] = [], of = session): AttemptRef {
  const ref = history.resolve(of, run, { pins });
  history.start(ref);
  return ref;
}

/** prep writes a table at a path that all runs share. */
function writePlainly(location = "/w/data/table.csv"): AttemptRef {
  const prep = begin("prep");
  use("dataset.saved", prep, { location, version: prep.run_id });
  history.succeed(prep);
  return prep;
}

const names = (of: SessionId | null = null) =>
  findUndeclared(registry, of).map(({ reader, writer, dataset, pinned }) => [reader.run, dataset, writer.run, pinned]);

describe("a read of what another run wrote", () => {
  test("is listed if it came from a path that both use, with all that is known of it", () => {
    const prep = writePlainly();
    const train = begin("train");
    use("dataset.loaded", train, { location: "/w/data/table.csv" });
    const end = { session_id: session, workflow: "churn" };
    expect(findUndeclared(registry)).toMatchObject([
      {
        reader: { ...end, run: "train", run_id: train.run_id },
        writer: { ...end, run: "prep", run_id: prep.run_id },
        dataset: "table",
        node: "n",
        version: null,
        location: "/w/data/table.csv",
        pinned: null,
      },
    ]);
  });

  test.each([
    ["inside a folder that was written", "/w/data/parts", "/w/data/parts/a.csv"],
    ["of a folder in which was written", "/w/data/parts/a.csv", "/w/data/parts"],
  ])("is listed if it is %s", (_, written, read) => {
    writePlainly(written);
    use("dataset.loaded", begin("train"), { location: read });
    expect(names()).toEqual([["train", "table", "prep", null]]);
  });

  test("is not listed for a path that only begins alike", () => {
    writePlainly("/w/data/table");
    use("dataset.loaded", begin("train"), { location: "/w/data/table.csv" });
    expect(names()).toEqual([]);
  });

  test("is listed with its pin if the plan froze a version that a run had made", () => {
    const prep = begin("prep");
    history.succeed(prep, "table");
    const train = begin("train", [frozenPin("table", prep.run_id)]);
    use("dataset.loaded", train, { version: prep.run_id });
    expect(names()).toEqual([["train", "table", "prep", "frozen"]]);
  });

  test("is listed if a catalog names another run's place in the store", () => {
    const prep = begin("prep");
    history.succeed(prep, "table");
    use("dataset.loaded", begin("train"), { location: `/store/table/${prep.run_id}/table` });
    expect(names()).toEqual([["train", "table", "prep", null]]);
  });

  test("is listed if the other run failed half-way", () => {
    const prep = begin("prep");
    use("dataset.saved", prep, { location: "/w/data/table.csv" });
    history.fail(prep);
    use("dataset.loaded", begin("train"), { location: "/w/data/table.csv" });
    expect(names()).toEqual([["train", "table", "prep", null]]);
  });

  test("is listed if it was published, or captured from where a command writes", () => {
    const prep = begin("prep");
    history.succeed(prep, "table");
    const { run_id } = prep;
    const published = { session_id: session, run: "prep", run_id, dataset: "table", location: "/w/published.csv" };
    history.add({ type: "dataset.published", time: history.time, ...published });
    history.declare(session, { ...declaredRun("make"), kind: "command" });
    const make = begin("make");
    const version = { version: make.run_id, location: `/store/b/${make.run_id}/b`, bytes: 1, hash: null, entry: null };
    const outputs = { bundle: { ...version, plain_location: "/w/dist/bundle" } };
    const end = { duration_ms: 1, outputs, outputs_location: null, peak_memory_bytes: null };
    history.add({ type: "run.succeeded", time: history.time, ...make, ...end });
    const train = begin("train");
    use("dataset.loaded", train, { dataset: "a", location: "/w/published.csv" });
    use("dataset.loaded", train, { dataset: "b", location: "/w/dist/bundle" });
    expect(names()).toEqual([
      ["train", "a", "prep", null],
      ["train", "b", "make", null],
    ]);
  });

  test("names the last writer before the read, and each pair once", () => {
    writePlainly();
    const other = begin("other");
    use("dataset.saved", other, { location: "/w/data/table.csv" });
    const train = begin("train");
    use("dataset.loaded", train, { location: "/w/data/table.csv" });
    use("dataset.loaded", train, { location: "/w/data/table.csv" });
    expect(names()).toEqual([["train", "table", "other", null]]);
  });

  test.each<[string, (prep: AttemptRef) => Pin]>([
    ["consumed", (prep) => consumedPin("table", prep)],
    ["named by its run_id", (prep) => ({ ...consumedPin("table", prep), rule: "run_id" })],
  ])("is not listed if it was %s", (_, pinOf) => {
    const prep = writePlainly();
    use("dataset.loaded", begin("train", [pinOf(prep)]), { location: "/w/data/table.csv", version: prep.run_id });
    expect(names()).toEqual([]);
  });

  test("is listed if another version was consumed", () => {
    const prep = writePlainly();
    const other = begin("other");
    const train = begin("train", [consumedPin("table", other)]);
    use("dataset.loaded", train, { location: "/w/data/table.csv", version: prep.run_id });
    expect(names()).toEqual([["train", "table", "prep", "consumed"]]);
  });

  test("is not listed if the run wrote it itself, or nobody did", () => {
    const train = begin("train", [ownPin("table", "x")]);
    use("dataset.saved", train, { location: "/w/data/table.csv" });
    use("dataset.loaded", train, { location: "/w/data/table.csv", version: train.run_id });
    use("dataset.loaded", train, { dataset: "raw", location: "/w/data/raw.csv", version: "2020-01-01T00.00.00.000Z" });
    expect(names()).toEqual([]);
  });
});

test("one session's reads are listed with writers of any earlier one", () => {
  writePlainly();
  use("dataset.loaded", begin("other"), { location: "/w/data/table.csv" });
  history.finishSession(session);
  const later = history.startSession("reporting");
  history.declare(later, "report");
  const report = begin("report", [], later);
  use("dataset.loaded", report, { location: "/w/data/table.csv" });
  expect(names(later)).toEqual([["report", "table", "prep", null]]);
  expect(names(session)).toEqual([["other", "table", "prep", null]]);
  expect(names()).toHaveLength(2);
});

test("the text says what was read from whom, and how to declare it", () => {
  const prep = writePlainly();
  const train = begin("train");
  use("dataset.loaded", train, { location: "/w/data/table.csv" });
  history.finishSession(session);
  const later = history.startSession("reporting");
  history.declare(later, "odd\u001b[31m");
  const odd = begin("odd\u001b[31m", [], later);
  use("dataset.loaded", odd, { location: "/w/data/table.csv" });
  expect(toUndeclaredText(findUndeclared(registry)).split("\n")).toEqual([
    `train (${train.run_id}) loaded "table" in node n`,
    `    written by prep (${prep.run_id})`,
    "    at /w/data/table.csv",
    "    declare it: consumes: { table: prep }",
    `odd\ufffd[31m (${odd.run_id}) loaded "table" in node n`,
    `    written by prep (${prep.run_id}), in session ${session} of churn`,
    "    at /w/data/table.csv",
    `    declare it: consumes: { table: { run_id: ${prep.run_id} } }`,
    "",
  ]);
  expect(toUndeclaredText([])).toBe("no undeclared reads\n");
});

test.each([
  ["report", "{ run: a, where: { month: 3 } }"],
  ["report[month=3]", '{ run: a, where: { month: "${matrix.month}" } }'],
  ["report[month=4]", "{ run: a, where: { month: 3 } }"],
])("the text names an arm to %s as a workflow takes it", (reader, source) => {
  history.declare(session, "a[month=3]", reader);
  const maker = begin("a[month=3]");
  use("dataset.saved", maker, { location: "/w/data/table.csv", version: maker.run_id });
  history.succeed(maker);
  use("dataset.loaded", begin(reader), { location: "/w/data/table.csv" });
  expect(toUndeclaredText(findUndeclared(registry))).toContain(`declare it: consumes: { table: ${source} }\n`);
});

test("loads are judged 500 at a time by three questions, and none of many is left out", () => {
  const prep = writePlainly();
  const train = begin("train");
  for (let at = 0; at < 1100; at += 1)
    use("dataset.loaded", train, { dataset: `d${at}`, location: "/w/data/table.csv" });
  const { registry: counting, asked } = countQuestions(registry);
  const reads = findUndeclared(counting, session);
  expect(reads.map(({ dataset }) => dataset)).toEqual(Array.from({ length: 1100 }, (_, at) => `d${at}`));
  expect(new Set(reads.map(({ writer }) => writer.run_id))).toEqual(new Set([prep.run_id]));
  expect(asked).toEqual(["loads", ...Array(3).fill(["lastWriters", "pinsOf", "findHeads"]).flat()]);
});
