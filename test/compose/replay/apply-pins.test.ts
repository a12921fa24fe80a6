import { expect, it } from "vitest";
import { sourceOf } from "../../../src/compose/registry-source.ts";
import { applyPins } from "../../../src/compose/replay/apply-pins.ts";
import type { RegistryReader } from "../../../src/core/port/registry.ts";
import { makeCommand } from "../../rig/make-definition.ts";
import { plannedRun } from "../../rig/plans.ts";

const reading = { consumes: { parts: { run: "a[month=2]", dataset: "parts", as: "upstream" as const } } };
const runs = [
  ...[2, 3].map((month) => plannedRun(`a[month=${month}]`, { definition: makeCommand("a") })),
  plannedRun("c", reading),
  ...["1", "x=2"].map((k) => plannedRun(`d[k=${k}]`, { definition: makeCommand("d"), ...reading })),
];
/** Knows no run at all, and no alias. */
const registry = sourceOf({ findRun: () => null, aliasMoves: () => [] } as unknown as RegistryReader, "");

const ID = "2026-11-23T21.04.54.666Z-0000d783fb92";
const unknown = (id: string) => `there is no run "${id}" in the registry`;
const wanted = (name: string) => `this needs a run_id, and "${name}" is the name of a run`;

it.each<[string, string, string]>([
  [`c.parts=${ID}`, "unknown-run-id", unknown(ID)],
  [`d[k=1].parts=${ID}`, "unknown-run-id", unknown(ID)],
  [`d[k=x=2].parts=${ID}`, "unknown-run-id", unknown(ID)],
  [`parts@c=${ID}`, "unknown-run-id", unknown(ID)],
  [`parts@d[k=x=2]=${ID}`, "unknown-run-id", unknown(ID)],
  [`parts@d=${ID}`, "unknown-run-id", unknown(ID)],
  [`part@c=${ID}`, "unknown-dataset", 'no run of the session reads "part@c"'],
  ["c.parts=a[month=2]", "invalid-pin", wanted("a[month=2]")],
  ["d[k=1].parts=a[month=2]", "invalid-pin", wanted("a[month=2]")],
  ["c.parts=a", "invalid-pin", wanted("a")],
  ["c.parts=a[month=9]", "unknown-run-id", unknown("a[month=9]")],
  ["c.part=a[month=2]", "unknown-dataset", 'no run of the session reads "c.part"'],
  [`d[k=3].parts=${ID}`, "unknown-dataset", 'no run of the session reads "d[k=3].parts"'],
  [`parts=${ID}`, "ambiguous-dataset", '2 runs read "parts"'],
  ["c.parts=", "invalid-pin", '--pin takes DATASET@RUN=RUN_ID, not "c.parts="'],
  ["d[k=1].parts", "invalid-pin", '--pin takes DATASET@RUN=RUN_ID, not "d[k=1].parts"'],
])("--pin %s: %s", async (pin, code, message) => {
  const pinned = await applyPins(runs, [pin], { registry, versionThen: () => undefined });
  const problems = pinned.ok ? [] : pinned.problems;
  expect(problems.map((problem) => problem.code)).toEqual([code]);
  expect(problems[0]?.message).toContain(message);
});
