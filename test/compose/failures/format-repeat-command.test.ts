import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { formatRepeatCommand } from "../../../src/compose/failures/format-repeat-command.ts";
import { inFolder } from "../../../src/compose/locate-state.ts";
import type { Json, RunRecord } from "../../../src/core/run.ts";
import { quoteShell } from "../../../src/core/text/quote-shell.ts";
import { listModuleWords } from "../../../src/runners/module/module-command.ts";
import { attemptFolder } from "../../../src/versions/layout.ts";
import { makeRecord, makeSession, runIdOf, SESSION_ID } from "../../report/make-events.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";
import { writeToyProject } from "../../rig/toy-project.ts";

const runId = runIdOf(1);

/** Where the commands that are told, and run here, write what does not fit on a line. */
beforeEach(() => {
  vi.stubEnv("TMPDIR", makeTemporaryFolder());
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** What is told of an attempt of a script whose specification is this. */
function reproduce(spec: Record<string, Json> | null, record: Partial<RunRecord>): string | null {
  const state = inFolder(join(makeTemporaryFolder(), ".runweave"));
  const folder = attemptFolder(state, runId);
  mkdirSync(folder, { recursive: true });
  if (spec !== null) writeFileSync(join(folder, "spec.json"), JSON.stringify(spec));
  return formatRepeatCommand(makeRecord("a", { run_id: runId, ...record }), makeSession([]), state);
}

const KEDRO = {
  ...{ project_path: "/p", pipeline_names: ["one", "two"], env: null, conf_source: null, runtime_params: {} },
  ...{ filters: { tags: [] }, runner: "SequentialRunner", is_async: false },
};

describe("a run of a workflow file", () => {
  const lineOf = (root: string, file: string) =>
    formatRepeatCommand(makeRecord("train[seed=1]"), makeSession([], { workflow_file: file }), inFolder(root));

  test("is run by its name from its session", () => {
    const folder = makeTemporaryFolder();
    mkdirSync(join(folder, ".runweave"));
    const file = join(folder, "flow.yaml");
    const line = `runweave run ${file} --only 'train[seed=1]' --from ${SESSION_ID}`;
    expect(lineOf(join(folder, ".runweave"), file)).toBe(line);
  });

  test("gets what was set on the command line, which the file does not say", () => {
    const folder = makeTemporaryFolder();
    mkdirSync(join(folder, ".runweave"));
    const workflow_file = join(folder, "flow.yaml");
    const command_line = ["run", "flow.yaml", "--set", "a.params.x=1 2", "--set=b.env=prod", "--json"];
    const session = makeSession([], { workflow_file, command_line });
    expect(formatRepeatCommand(makeRecord("a"), session, inFolder(join(folder, ".runweave")))).toBe(
      `runweave run ${workflow_file} --only a --from ${SESSION_ID} --set 'a.params.x=1 2' --set=b.env=prod`,
    );
  });

  test("names the registry if it is not the one that would be found", () => {
    const folder = makeTemporaryFolder();
    const line = lineOf(join(folder, "state"), join(folder, "flow.yaml"));
    expect(line).toMatch(/ --registry \S+\/state\/registry\.sqlite$/);
  });
});

test("a run that was to heal something is healed again: a run of its own would replace nothing", () => {
  const replay_of = { session_id: SESSION_ID, changes: [], heals: true as const };
  const session = makeSession([], { workflow_file: "/w/flow.yaml", replay_of });
  const state = inFolder(join(makeTemporaryFolder(), "state"));
  const line = formatRepeatCommand(makeRecord("prep"), session, state);
  expect(line).toBe(`runweave heal ${SESSION_ID} --registry ${state.registry}`);
});

describe("a run of a script", () => {
  test("that is a command is that command", () => {
    const line = reproduce({ cwd: "/some folder", argv: ["sh", "-c", "echo $HOME", ""] }, { kind: "command" });
    expect(line).toBe("cd '/some folder' && sh -c 'echo $HOME' ''");
  });

  test("that is a command finds in its environment what it found, and a secret is for the shell to fill in", () => {
    const folder = makeTemporaryFolder();
    const spec = {
      ...{
        cwd: folder,
        argv: ["/bin/sh", "-c", 'echo "$OWN $KEY ${RUNWEAVE_VALUE_0} $RUNWEAVE_RUN_ID $RUNWEAVE_INPUTS"'],
      },
      environment: { OWN: "it's", KEY: "${env:RUNWEAVE_TEST_KEY}!", RUNWEAVE_VALUE_0: "a b" },
      ...{ run_id: runId, session_id: SESSION_ID, inputs: { a: "/a b" }, outputs: {}, load_versions: {} },
    };
    const line = reproduce(spec, { kind: "command" }) ?? "";
    const env = { ...process.env, RUNWEAVE_TEST_KEY: "s3cret" };
    expect(line).not.toContain("s3cret");
    expect(execFileSync("sh", ["-c", line], { env, encoding: "utf8" })).toBe(
      `it's s3cret! a b ${runId} {"a":"/a b"}\n`,
    );
  });

  test("that is a module is its host with what it was told; a secret is for the shell to fill in", () => {
    const folder = makeTemporaryFolder();
    const module = { path: join(folder, "score.mjs"), params: { key: "${env:RUNWEAVE_TEST_KEY}", "it's": [1, null] } };
    const outputs = { out: join(folder, "out.json") };
    writeFileSync(module.path, "export default ({ params, inputs }) => ({ out: { params, inputs } });");
    const spec = {
      cwd: folder,
      argv: listModuleWords(module),
      module,
      inputs: { a: "/a b" },
      outputs,
      load_versions: {},
    };
    const line = reproduce(spec, { kind: "module" }) ?? "";
    // An older runweave recorded it as a command.
    expect(reproduce(spec, { kind: "command" })).toBe(line);
    execFileSync("sh", ["-c", line], { env: { ...process.env, RUNWEAVE_TEST_KEY: "s3cret" } });
    expect(line).not.toContain("s3cret");
    const told = { params: { key: "s3cret", "it's": [1, null] }, inputs: { a: "/a b" } };
    expect(JSON.parse(readFileSync(outputs.out, "utf8"))).toEqual(told);
  });

  const RAW = "2026-01-01T00.00.00.000Z";
  test.each<[string, Record<string, Json>]>([
    [
      "its reads",
      {
        reads: {
          raw: { rule: "frozen", version: RAW },
          own: { rule: "own", version: runId },
          table: { rule: "plain", version: "file-00" },
        },
      },
    ],
    ["versions by themselves, as of an older runweave", { load_versions: { raw: RAW, own: runId } }],
  ])("that is a pipeline is a run of Kedro, with everything that can be said there: %s", (_, told) => {
    const spec = {
      ...KEDRO,
      env: "prod",
      runtime_params: { seed: 1, model: { name: "forest", depth: null, flag: "yes" } },
      ...told,
      filters: { tags: ["a", "b"], node_names: [], from_nodes: ["n"] },
      runner: "ThreadRunner",
      is_async: true,
    };
    expect(reproduce(spec, {})).toBe(
      "cd /p && kedro run --pipelines=one,two --env=prod --load-versions=raw:2026-01-01T00.00.00.000Z --tags=a,b" +
        ` --from-nodes=n --runner=ThreadRunner --async '--params=seed=1,model.name=forest,model.depth=null,model.flag="yes"'`,
    );
  });

  test("of which nothing is known is not told", () => {
    expect(reproduce(null, {})).toBeNull();
  });

  test.each<[string, Record<string, Json>]>([
    ["plain ones", { one: 1, two: "x", three: { four: true, five: "no", six: null, seven: "12" } }],
    ["lists, commas and keys with dots", { one: [1, 2], "a.b": { c: "d,e" }, f: "it's" }],
  ])("gives the real Kedro the parameters that it had: %s", (_, params) => {
    const folder = makeTemporaryFolder();
    const pipelines = `
import json
def tell(parameters): print("TOLD " + json.dumps(parameters, sort_keys=True))
def register_pipelines():
    return {"__default__": Pipeline([node(tell, "parameters", None)])}
`;
    writeToyProject({ folder, pipelines });
    const line = reproduce({ ...KEDRO, project_path: folder, pipeline_names: [], runtime_params: params }, {});
    const env = { ...process.env, PATH: `${dirname(findTestPython())}:${process.env.PATH}` };
    const output = execFileSync("sh", ["-c", line ?? "false"], { env, encoding: "utf8" });
    const told = /TOLD (.*)/.exec(output)?.[1] ?? "null";
    expect(JSON.parse(told)).toEqual(params);
  });
});

test("a shell takes every quoted word for what it was", () => {
  const word = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0") && text.isWellFormed());
  const words = fc.array(word, { maxLength: 5 });
  fc.assert(
    fc.property(words, (argv) => {
      const line = `printf '%s\\n.\\n' ${quoteShell(["x", ...argv])}`;
      const output = execFileSync("sh", ["-c", line], { encoding: "utf8" });
      expect(output).toBe(["x", ...argv].map((text) => `${text}\n.\n`).join(""));
    }),
    { numRuns: 50 },
  );
});
