import { expect, test } from "vitest";
import type { ChainLink, RegistryReader } from "../../src/core/port/registry.ts";
import type { VersionRecord } from "../../src/core/run.ts";
import type { RunId } from "../../src/core/run-id.ts";
import { findUnlogged } from "../../src/explain/logged-outputs.ts";

const RUN_ID = "2026-11-23T21.04.54.666Z-0000d783fb92" as RunId;
const VERSION: VersionRecord = {
  ...{ version: RUN_ID, location: "/s/t", bytes: 1, hash: "sha256:1", plain_location: null },
  entry: { config: { type: "text.TextDataset" }, versioned: false },
};

/** A registry whose log and tables say this of the outputs of a run. */
function registryWith(
  logged: Record<string, VersionRecord> | null,
  saved: Record<string, VersionRecord>,
  fault: string | null = null,
) {
  const event = { type: "run.succeeded", run_id: RUN_ID, outputs: logged };
  const links = [{ seq: 7, hash: "x", fault, event }] as unknown as ChainLink[];
  const versions = Object.entries(saved).map(([dataset, version]) => ({ dataset, run_id: RUN_ID, ...version }));
  const reader: Partial<RegistryReader> = {
    links: () => (logged === null ? [] : links),
    versionsOf: () => versions as unknown as ReturnType<RegistryReader["versionsOf"]>,
  };
  return reader as RegistryReader;
}

test("what the log says is to be used", () => {
  expect(findUnlogged(registryWith({ table: VERSION }, { table: VERSION }), RUN_ID)).toBeNull();
});

test.each<[string, Record<string, VersionRecord>]>([
  ["another class", { table: { ...VERSION, entry: { config: { type: "pickle.PickleDataset" }, versioned: false } } }],
  ["another place", { table: { ...VERSION, location: "/etc/passwd" } }],
  ["another hash", { table: { ...VERSION, hash: "sha256:2" } }],
  ["another plain place", { table: { ...VERSION, plain_location: "/etc/passwd" } }],
  ["one more", { table: VERSION, other: VERSION }],
  ["none", {}],
])("tables with %s are not believed", (_, saved) => {
  expect(findUnlogged(registryWith({ table: VERSION }, saved), RUN_ID)).toMatch(/is not what its log says/);
});

test.each([
  ["the same", "f1", undefined, null],
  ["another one", "f2", undefined, /another fingerprint in the log/],
  ["none", null, undefined, /another fingerprint in the log/],
  ["one that became worthless while it ran", "f1", "code.py changed", /another fingerprint in the log/],
])("an attempt that was found by its fingerprint has the same one in the log: %s", (_, digest, fault, reason) => {
  const fingerprint = digest === null ? null : { digest, parts: {} };
  const begun = { type: "run.resolved", run_id: RUN_ID, cache: { fingerprint, reason: "new" } };
  const ended = { type: "run.succeeded", run_id: RUN_ID, outputs: { table: VERSION }, fingerprint_void: fault };
  const links = [begun, ended].map((event, at) => ({ seq: at + 7, hash: "x", fault: null, event }));
  const registry = { ...registryWith({}, { table: VERSION }), links: () => links as unknown as ChainLink[] };
  expect(findUnlogged(registry, RUN_ID)).toBeNull();
  const found = findUnlogged(registry, RUN_ID, "f1");
  expect(reason === null ? found === null : reason.test(found ?? "")).toBe(true);
  const changed = links.map((link) => ({ ...link, fault: link.seq === 7 ? "it has another hash" : null }));
  const other = { ...registry, links: () => changed as unknown as ChainLink[] };
  expect(findUnlogged(other, RUN_ID, "f1")).toMatch(/event 7 .*, by which run .* began, can't be trusted/);
});

test("a log that was changed, or says nothing of a success, is not believed either", () => {
  const changed = registryWith({ table: VERSION }, { table: VERSION }, "it has another hash");
  expect(findUnlogged(changed, RUN_ID)).toMatch(/event 7 .* can't be trusted: it has another hash/);
  expect(findUnlogged(registryWith(null, { table: VERSION }), RUN_ID)).toMatch(/does not say that/);
});
