import fc from "fast-check";
import { expect, test } from "vitest";
import { parseEventLine } from "../../../../src/runners/kedro/attempt/event-line.ts";

const time = "2026-11-23T21:04:54.666Z";
const use = { dataset: "a", version: null, location: "/a", node: "n" };

test.each([
  { type: "pipeline.started", time, total_nodes: 3 },
  { type: "pipeline.started", time, total_nodes: 3, resumed_nodes: 2 },
  { type: "dataset.resumed", time, dataset: "a", version: "2026", location: "/a", node: "n" },
  { type: "node.started", time, node: "n" },
  { type: "node.finished", time, node: "n", duration_ms: 1.5 },
  { type: "node.failed", time, node: "n", duration_ms: 0 },
  { type: "dataset.loaded", time, ...use, bytes: 3, hash: "sha256:1" },
  { type: "dataset.loaded", time, ...use, bytes: null, hash: null },
  { type: "dataset.saved", time, ...use, node: null },
])("$type is understood, and further keys are left out", (event) => {
  expect(parseEventLine(JSON.stringify({ ...event, session_id: "forged", run_id: "forged" }))).toEqual(event);
});

test.each([
  { type: "run.succeeded", time },
  { type: "node.started", node: "n" },
  { type: "node.started", time: "yesterday", node: "n" },
  { type: "node.started", time, node: 7 },
  { type: "node.started", time, node: "x".repeat(10_001) },
  { type: "node.finished", time, node: "n", duration_ms: "1" },
  { type: "dataset.saved", time, dataset: "a", version: null, location: null },
  { type: "dataset.loaded", time, ...use, bytes: "3" },
  { type: "dataset.resumed", time, ...use },
  ["node.started"],
  null,
])("%j is no event", (value) => {
  expect(parseEventLine(JSON.stringify(value))).toBeNull();
});

test("a load whose content nobody looked at is one", () => {
  const line = JSON.stringify({ type: "dataset.loaded", time, ...use });
  expect(parseEventLine(line)).toMatchObject({ bytes: null, hash: null });
});

test("no text at all makes it throw", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => parseEventLine(line) === null));
});
