import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadWorkflow } from "../../src/define/load.ts";
import { describeProblems } from "./read-text.ts";

const folder = mkdtempSync(join(tmpdir(), "runweave-load-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const FLOW = "runs: { a: { command: [ls] } }\n";

describe("loadWorkflow", () => {
  test.each([
    ["flow.yaml", FLOW],
    ["flow.yml", FLOW],
    ["FLOW.YAML", FLOW],
    ["flow.json", '{"runs": {"a": {"command": ["ls"]}}}'],
    ["bom.yaml", `\ufeff${FLOW}`],
    ["bom.json", '\ufeff{"runs": {"a": {"command": ["ls"]}}}'],
  ])("reads %s", async (name, text) => {
    const checked = await loadWorkflow(write(name, text));
    expect(checked).toMatchObject({
      ok: true,
      value: { file: join(folder, name), dir: folder, runs: [{ name: "a" }] },
    });
  });

  test("names the workflow for its file", async () => {
    const checked = await loadWorkflow(write("nightly.v2.yaml", FLOW));
    expect(checked).toMatchObject({ ok: true, value: { name: "nightly.v2" } });
  });

  test.each<[string, string | Uint8Array, string[]]>([
    ["empty.yaml", "", ["1:1 file-empty | begin with `runs:`"]],
    ["blank.json", " \n\n", ["1:1 file-empty | begin with `runs:`"]],
    ["utf16.yaml", Buffer.from(`\ufeff${FLOW}`, "utf16le"), ["1:1 file-encoding | save it as UTF-8"]],
    ["utf32.yaml", Buffer.from([0xff, 0xfe, 0, 0, 0x72, 0, 0, 0]), ["1:1 file-encoding | save it as UTF-8"]],
    [
      "latin1.yaml",
      Buffer.from("name: a\nproject: caf\xe9\n", "latin1"),
      ["2:13 file-encoding | save the file as UTF-8"],
    ],
    ["binary.yaml", Buffer.from([0x52, 0x0a, 0x00, 0xff, 0x10]), ["2:1 file-binary | name the workflow file"]],
    ["flow.toml", FLOW, ["1:1 unknown-format | a workflow file ends with .yaml, .yml, .json, .ts, .mts, .js, .mjs"]],
    ["bom-bad.yaml", "\ufeffnmae: x\nruns: { a: { command: [ls] } }\n", ['1:1 unknown-key | did you mean "name"?']],
    ["text.yaml", "not a workflow", ["1:1 wrong-type | begin with `runs:`, and a run below it"]],
  ])("answers for %s", async (name, content, problems) => {
    expect(describeProblems(await loadWorkflow(write(name, content)))).toEqual(problems);
  });

  test("answers for a file that is missing", async () => {
    const found = ["1:1 file-missing | check the path, and the folder that you are in"];
    expect(describeProblems(await loadWorkflow(join(folder, "nothing.yaml")))).toEqual(found);
    expect(describeProblems(await loadWorkflow(join(write("file.yaml", FLOW), "below.yaml")))).toEqual(found);
  });

  test("answers for a file that is misspelt, with the one beside it that was meant", async () => {
    write("workflow.yaml", FLOW);
    const found = ['1:1 file-missing | did you mean "workflow.yaml"?'];
    expect(describeProblems(await loadWorkflow(join(folder, "worflow.yaml")))).toEqual(found);
  });

  test("answers for a folder", async () => {
    mkdirSync(join(folder, "folder.yaml"));
    expect(describeProblems(await loadWorkflow(folder))).toEqual(["1:1 file-is-folder | name the workflow file in it"]);
    expect(describeProblems(await loadWorkflow(join(folder, "folder.yaml")))).toEqual([
      "1:1 file-is-folder | name the workflow file in it",
    ]);
  });

  test("never waits for what is no regular file", async () => {
    symlinkSync("/dev/zero", join(folder, "endless.yaml"));
    expect(describeProblems(await loadWorkflow(join(folder, "endless.yaml")))).toEqual([
      "1:1 file-unreadable | save the workflow in a file",
    ]);
  });

  test.each([
    ["huge.json", 64],
    ["huge.yaml", 10],
  ])("answers for %s over %i MiB without reading it", async (name, limitMib) => {
    const file = write(name, "");
    truncateSync(file, limitMib * 1024 * 1024 + 1);
    const checked = await loadWorkflow(file);
    expect(describeProblems(checked)).toEqual(["1:1 file-too-large | use a matrix, or JSON up to 64 MiB"]);
  });

  test("names the file as its caller does", async () => {
    const file = relative(process.cwd(), write("named.yaml", "runs: {}\n"));
    const checked = await loadWorkflow(file);
    expect(checked.ok ? null : checked.problems[0]?.location?.file).toBe(file);
  });

  test("names a file below the working folder relative to it", async () => {
    const checked = await loadWorkflow(join(process.cwd(), "no-such-folder", "flow.yaml"));
    expect(checked.ok ? null : checked.problems[0]?.location?.file).toBe(join("no-such-folder", "flow.yaml"));
  });

  test("asks for variables of the environment that it is given", async () => {
    const file = write("env.yaml", `runs: { a: { command: [echo, "\${env:RW_TOKEN}"] } }\n`);
    expect(await loadWorkflow(file, { env: { RW_TOKEN: "x" } })).toMatchObject({ ok: true });
    expect(describeProblems(await loadWorkflow(file, { env: {} }))).toEqual(["1:30 unset-variable"]);
  });

  test("reads a file again that has changed", async () => {
    const file = write("changing.mjs", 'export default { name: "first", runs: { a: { command: ["ls"] } } };\n');
    expect(await loadWorkflow(file)).toMatchObject({ ok: true, value: { name: "first" } });
    writeFileSync(file, 'export default { name: "second", runs: { a: { command: ["ls"] } } };\n');
    utimesSync(file, 1, 1);
    expect(await loadWorkflow(file)).toMatchObject({ ok: true, value: { name: "second" } });
  });
});

describe("the workflows of this repository", () => {
  test.each(["workflows/commands/workflow.yaml", "workflows/diabetes/workflow.yaml"])("%s is right", async (file) => {
    expect(describeProblems(await loadWorkflow(file))).toEqual([]);
  });
});
