import { expect, it } from "vitest";
import * as z from "zod";
import { toOpenLineage } from "../../../src/explain/export/openlineage.ts";
import { traceRuns } from "../../../src/explain/lineage.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { consumedPin, frozenPin, History } from "../../suites/history.ts";

// What spec/OpenLineage.json 2-0-2 and the facets that are used ask for, field by field.
const uri = z.string().regex(/^[a-z][a-z0-9+.-]*:\S+$/i);
const facet = z.looseObject({ _producer: uri, _schemaURL: uri });
const dataset = z.object({
  namespace: z.string(),
  name: z.string(),
  facets: z.object({ version: facet.extend({ datasetVersion: z.string() }) }).catchall(facet),
});
const job = z.object({ namespace: z.string(), name: z.string() });
const parent = facet.extend({ run: z.object({ runId: z.uuid() }), job });
const runEvent = z.strictObject({
  eventType: z.enum(["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]),
  eventTime: z.iso.datetime(),
  producer: uri,
  schemaURL: uri,
  run: z.strictObject({ runId: z.uuid(), facets: z.object({ parent }).catchall(facet) }),
  job: job.extend({ facets: z.record(z.string(), facet) }),
  inputs: z.array(dataset),
  outputs: z.array(dataset),
});

it("every run has its start and its end, with the true versions of what it read and wrote", () => {
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const session = history.startSession("weather & more");
  history.declare(session, "prep", "train", "broken", "stopped", "waiting");
  const file = { ...frozenPin("raw", "file-00"), rule: "file" as const, from_dataset: "/w/raw.csv" };
  const prep = history.complete(session, "prep", { pins: [file], saves: ["table"] });
  const train = history.complete(session, "train", { pins: [consumedPin("input", prep, "table")], saves: ["model"] });
  const [broken, stopped] = [history.resolve(session, "broken"), history.resolve(session, "stopped")];
  for (const ref of [broken, stopped]) history.start(ref);
  history.fail(broken);
  history.cancel(stopped);
  const waiting = history.resolve(session, "waiting");
  const runs = [prep, train, broken, stopped, waiting].map(({ run_id }) => run_id);
  const events = toOpenLineage(traceRuns(registry, runs), registry.findHeads(runs));
  for (const event of events) runEvent.parse(event);
  expect(events.map(({ eventType, job }) => `${job.name} ${eventType}`)).toEqual([
    "prep START",
    "prep COMPLETE",
    "train START",
    "train COMPLETE",
    "broken START",
    "broken FAIL",
    "stopped START",
    "stopped ABORT",
  ]);
  const [, made, , used] = events;
  const namespace = "runweave://weather%20%26%20more";
  const versioned = (datasetVersion: string) => ({ version: { datasetVersion } });
  expect(made).toMatchObject({
    inputs: [{ namespace: "file", name: "/w/raw.csv", facets: versioned("file-00") }],
    outputs: [{ namespace, name: "table", facets: versioned(prep.run_id) }],
  });
  expect(used).toMatchObject({
    inputs: [{ namespace, name: "table", facets: versioned(prep.run_id) }],
    outputs: [{ namespace, name: "model", facets: versioned(train.run_id) }],
  });
  expect(made?.run.facets.parent?._schemaURL).toContain("openlineage.io/spec/facets/1-0-1/ParentRunFacet.json");
  expect(new Set(events.map(({ run }) => run.runId)).size).toBe(4);
  expect(new Set(events.map(({ run }) => run.facets.parent?.run)).size).toBeGreaterThan(0);
});
