import { expect, it } from "vitest";
import { toRoCrate } from "../../../src/explain/export/ro-crate.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { consumedPin, frozenPin, History, versionOf } from "../../suites/history.ts";

const ORIGIN = {
  ...{ host: "lab", user: "ada", platform: "linux x64", node: "24.0.0", runweave: "0.1.0" },
  ...{ working_folder: "/w", patch: null, plan: `sha256:${"1".repeat(64)}` },
};

function makeCrate(fail = false, beside: string[] = []) {
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const session = history.startSession();
  history.declare(session, "prep", "train", "last");
  const hash = `sha256:${"0".repeat(64)}`;
  const file = {
    ...frozenPin("raw", "file-00"),
    rule: "file" as const,
    from_dataset: "/w/a b.csv",
    reason: `... ${hash}`,
  };
  const prep = history.complete(session, "prep", { pins: [file, frozenPin("lookup", "2026-01-01")], saves: ["table"] });
  const train = history.resolve(session, "train", { pins: [consumedPin("table", prep)] });
  history.start(train);
  const outputs = { model: { ...versionOf(train.run_id, "model"), ...(beside.length === 0 ? {} : { beside }) } };
  const end = { duration_ms: 1, outputs, outputs_location: null, peak_memory_bytes: null };
  history.add({ type: "run.succeeded", time: history.time, ...train, ...end });
  const last = history.resolve(session, "last");
  history.start(last);
  if (fail) history.fail(last);
  else history.succeed(last);
  history.finishSession(session, fail ? "failed" : "success");
  const record = registry.findSession(session);
  if (record === null) throw new Error("no session");
  const crate = toRoCrate(registry, { ...record, origin: ORIGIN });
  const find = (id: string) => crate["@graph"].find((entity) => entity["@id"] === id);
  const ofType = (type: string) => crate["@graph"].filter((entity) => [entity["@type"]].flat().includes(type));
  return { crate, find, ofType };
}

it("conforms to the Workflow Run profile: one action, whose instrument is the main workflow", () => {
  const { find, ofType } = makeCrate();
  const root = find("./");
  expect(find("ro-crate-metadata.json")).toMatchObject({ "@type": "CreativeWork", about: { "@id": "./" } });
  expect(root?.conformsTo).toContainEqual({ "@id": "https://w3id.org/ro/wfrun/workflow/0.5" });
  const [workflow, ...others] = ofType("ComputationalWorkflow");
  expect(others).toEqual([]);
  expect(workflow?.["@type"]).toEqual(["File", "SoftwareSourceCode", "ComputationalWorkflow"]);
  expect(root?.mainEntity).toEqual({ "@id": workflow?.["@id"] });
  const [action, ...more] = ofType("CreateAction");
  expect(more).toEqual([]);
  expect(action).toMatchObject({
    instrument: root?.mainEntity,
    actionStatus: "http://schema.org/CompletedActionStatus",
  });
  expect(root?.mentions).toEqual({ "@id": action?.["@id"] });
});

it("says who, when and in which format, as the profiles recommend", () => {
  const { find, ofType } = makeCrate();
  const [[person], [action], [workflow]] = [ofType("Person"), ofType("CreateAction"), ofType("ComputationalWorkflow")];
  const who = { "@id": person?.["@id"] };
  expect(find("./")).toMatchObject({ author: who });
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}\+00:00$/;
  expect(action).toMatchObject({
    agent: who,
    startTime: expect.stringMatching(time),
    endTime: expect.stringMatching(time),
  });
  expect(workflow).toMatchObject({ url: workflow?.["@id"], encodingFormat: "application/yaml" });
  expect(find("file:///w/a%20b.csv")).toMatchObject({ encodingFormat: "text/csv" });
});

it("every entity that is referred to is there, once", () => {
  const { crate } = makeCrate();
  const ids = crate["@graph"].map((entity) => entity["@id"]);
  expect(new Set(ids).size).toBe(ids.length);
  const referred = [...JSON.stringify(crate).matchAll(/\{"@id":"([^"]+)"\}/g)].map(([, id]) => id);
  expect(referred.filter((id) => !ids.includes(id ?? "") && !id?.includes("ro/crate/1.1"))).toEqual([]);
});

it("what came from outside is the object, with its hash; what was saved is the result, with its version", () => {
  const { find, ofType } = makeCrate();
  const [action] = ofType("CreateAction");
  expect(action?.object).toContainEqual({ "@id": "file:///w/a%20b.csv" });
  expect(find("file:///w/a%20b.csv")).toMatchObject({
    sha256: "0".repeat(64),
    exampleOfWork: { "@id": "#parameter/prep/raw" },
  });
  expect(action?.object).toContainEqual({ "@id": "urn:runweave:2026-01-01:lookup" });
  expect(ofType("PropertyValue")).toMatchObject([
    { name: "model_options" },
    { name: "model_options" },
    { name: "model_options" },
  ]);
  const results = ((action?.result ?? []) as { "@id": string }[]).map((each) => find(each["@id"]));
  expect(results).toMatchObject([
    { name: "table", contentSize: "12" },
    { name: "model", contentSize: "12" },
  ]);
});

it("of a version that other files belong to, size and hash are not told as if they were of its own file", () => {
  const of = (beside: string[]) =>
    makeCrate(false, beside)
      .ofType("File")
      .find(({ name }) => name === "model");
  expect(of([])).toMatchObject({ contentSize: "12", sha256: expect.any(String) });
  const { contentSize, sha256 } = of(["model.meta"]) ?? expect.fail("no model");
  expect([contentSize, sha256]).toEqual([undefined, undefined]);
});

it("a failed session is a failed action that says why", () => {
  const [action] = makeCrate(true).ofType("CreateAction");
  expect(action).toMatchObject({ actionStatus: "http://schema.org/FailedActionStatus", error: "last: ValueError" });
});
