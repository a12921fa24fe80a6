import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freezeInputs } from "../../../src/compose/freeze/freeze-inputs.ts";
import { freezeValue } from "../../../src/compose/freeze/freeze-value.ts";
import type { RegistrySource } from "../../../src/compose/registry-source.ts";
import type { Json, VersionRecord } from "../../../src/core/run.ts";
import type { InjectDefinition } from "../../../src/define/definition.ts";
import { expandRuns } from "../../../src/plan/expand/expand.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { hashPath } from "../../../src/versions/hash.ts";
import { makeCommand, makeMatrix, makeWorkflow } from "../../rig/make-definition.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { type AttemptRef, History } from "../../suites/history.ts";

const NO_REGISTRY: RegistrySource = { path: "/w/.runweave/registry.sqlite", open: () => null, close: () => {} };

async function freeze(injected: InjectDefinition, registry = NO_REGISTRY) {
  const workflow = makeWorkflow([makeCommand("use", { injects: { table: injected } })]);
  const expanded = expandRuns(workflow, {});
  if (!expanded.ok) throw new Error("not expanded");
  const { frozen, problems } = await freezeInputs(expanded.value, { definition: workflow, registry });
  return { input: frozen.get("use")?.table, problems };
}

describe("a file", () => {
  test("is pinned to its content, with size and time", async () => {
    const path = join(makeTemporaryFolder(), "raw.csv");
    writeFileSync(path, "a,b\n");
    const { hash } = await hashPath({ path });
    const { input, problems } = await freeze({ kind: "file", path });
    expect(problems).toEqual([]);
    const version = `file-${hash.slice(7, 23)}`;
    expect(input).toMatchObject({
      rule: "file",
      from_run: null,
      from_dataset: path,
      version: { version, location: path, bytes: 4, hash, entry: null },
    });
    expect(input?.reason).toMatch(/: 4 bytes, last changed \d{4}-.*Z, sha256:[0-9a-f]{64}$/);
  });

  test("that is not there, or elsewhere, is a problem where it is named", async () => {
    const location = { file: "runs/use/consumes/table/file" };
    const missing = await freeze({ kind: "file", path: "/w/nowhere.csv" });
    expect(missing.problems).toMatchObject([
      { code: "input-missing", message: "there is no file nowhere.csv", location },
    ]);
    const remote = await freeze({ kind: "file", path: "s3://bucket/key" });
    expect(remote.problems).toMatchObject([{ code: "input-remote", location }]);
  });

  test("that is not there for any arm is one problem", async () => {
    const injects = { table: { kind: "file", path: "/w/nowhere.csv" } } as const;
    const workflow = makeWorkflow([makeCommand("use", { matrix: makeMatrix({ x: [1, 2, 3] }), injects })]);
    const expanded = expandRuns(workflow, {});
    if (!expanded.ok) throw new Error("not expanded");
    const { frozen, problems } = await freezeInputs(expanded.value, { definition: workflow, registry: NO_REGISTRY });
    expect(problems.map(({ message }) => message)).toEqual(["there is no file nowhere.csv (and 2 more like it)"]);
    expect(frozen.size).toBe(3);
  });
});

describe("a value", () => {
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

  test("has one version, whatever the order of its keys", () => {
    const isMapping = (value: Json): value is Record<string, Json> =>
      value !== null && typeof value === "object" && !Array.isArray(value);
    fc.assert(
      fc.property(json.filter(isMapping), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(freezeValue(turned, "")).toMatchObject({ version: freezeValue(value, "").version as string });
        expect(freezeValue(value, "").version).toMatch(/^value-[0-9a-f]{16}$/);
      }),
    );
  });

  test("has another version than another value", () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const haveSame = freezeValue(one, "").version === freezeValue(other, "").version;
        expect(haveSame).toBe(isDeepStrictEqual(one, other));
      }),
    );
  });

  test("is shown in short", () => {
    expect(freezeValue("x".repeat(100), "x".repeat(100)).source).toBe(`the value ${"x".repeat(60)}…`);
  });
});

describe("an earlier run", () => {
  async function record() {
    const registry = createMemoryRegistry();
    const history = new History((events) => registry.append(events));
    const location = join(makeTemporaryFolder(), "table.csv");
    writeFileSync(location, "a,b\n");
    const session = history.startSession();
    history.declare(session, "prep", "broken");
    const prep = history.resolve(session, "prep");
    history.start(prep);
    const { bytes, hash } = await hashPath({ path: location });
    const version: VersionRecord = { version: prep.run_id, location, bytes, hash, entry: null, plain_location: null };
    const end = { duration_ms: 1, outputs: { table: version }, outputs_location: null, peak_memory_bytes: null };
    history.add({ type: "run.succeeded", time: history.time, ...prep, ...end });
    const broken = history.resolve(session, "broken");
    history.start(broken);
    history.fail(broken);
    const source: RegistrySource = { path: "/w/registry", open: () => registry, close: () => {} };
    return { prep, broken, version, source, location, registry, history };
  }

  const of = ({ run_id }: AttemptRef, dataset = "table"): InjectDefinition => {
    return { kind: "run_id", run_id, dataset, as: "upstream" };
  };

  test("is found by its id, and by an unambiguous beginning of it", async () => {
    const { prep, version, source } = await record();
    const expected = { rule: "run_id", from_run: "prep", from_dataset: "table", as: "upstream", version };
    expect(await freeze(of(prep), source)).toMatchObject({ input: expected, problems: [] });
    const beginning = { ...of(prep), run_id: prep.run_id.slice(0, -1) } as InjectDefinition;
    expect(await freeze(beginning, source)).toMatchObject({ input: expected, problems: [] });
  });

  test("is looked for in a registry that is there", async () => {
    const { prep } = await record();
    const message = `there is no registry at ${NO_REGISTRY.path} to look up run ${prep.run_id} in`;
    const location = { file: "runs/use/consumes/table/run_id" };
    expect(await freeze(of(prep))).toMatchObject({ problems: [{ code: "no-registry", message, location }] });
  });

  test("has to be known, one, and successful, and to have saved the dataset", async () => {
    const { prep, broken, source } = await record();
    const codeOf = async (injected: InjectDefinition) => (await freeze(injected, source)).problems[0]?.code;
    expect(await codeOf({ ...of(prep), run_id: "2031" } as InjectDefinition)).toBe("unknown-run-id");
    expect(await codeOf({ ...of(prep), run_id: "2026-11-23" } as InjectDefinition)).toBe("ambiguous-run-id");
    expect(await codeOf(of(broken))).toBe("run-not-succeeded");
    const { problems } = await freeze(of(prep, "tabel"), source);
    expect(problems).toMatchObject([{ code: "missing-output", hint: 'did you mean "table"?' }]);
  });

  test("is found by its alias too, as that stands now", async () => {
    const { prep, version, source, registry, history } = await record();
    const { session_id, run, run_id } = prep;
    const alias: InjectDefinition = { kind: "alias", alias: "champion", dataset: null, as: "upstream" };
    expect((await freeze(alias, source)).problems).toMatchObject([{ code: "unknown-alias" }]);
    expect((await freeze(alias)).problems).toMatchObject([{ code: "no-registry" }]);
    const { time } = history;
    registry.append([{ type: "alias.set", time, session_id, run, run_id, alias: "champion", dataset: "table" }]);
    const { input, problems } = await freeze(alias, source);
    expect(problems).toEqual([]);
    expect(input).toMatchObject({ rule: "alias", from_run: "prep", from_dataset: "table", version });
    expect(input?.reason).toContain(`champion stood for ${run_id} since ${time}`);
    const other = await freeze({ ...alias, dataset: "tabel" }, source);
    expect(other.problems).toMatchObject([{ code: "missing-output", hint: 'did you mean "table"?' }]);
  });

  test("has to have saved what is there now", async () => {
    const { prep, version, source, location } = await record();
    writeFileSync(location, "a;b\n");
    const { hash } = await hashPath({ path: location });
    const changed = await freeze(of(prep), source);
    expect(changed.problems).toMatchObject([{ code: "version-changed" }]);
    expect(changed.problems[0]?.message).toContain(`saved as ${version.hash} (4 bytes)`);
    expect(changed.problems[0]?.message).toContain(`is ${hash} (4 bytes) now`);
    rmSync(location);
    expect((await freeze(of(prep), source)).problems[0]?.message).toMatch(/is gone$/);
  });
});
