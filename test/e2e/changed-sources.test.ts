import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

const PIPELINES = `
def register_pipelines():
    return {"say": Pipeline([node(str.upper, "params:word", "out", name="say")]), "__default__": Pipeline([])}
`;
let cwd: string;

/** The second run of the session says what the project has then; the first one writes another parameter there. */
function writeWorkflow(edit: string): void {
  const say = { pipeline: "say", outputs: ["out"] };
  const runs = {
    before: say,
    edit: { command: ["sh", "-c", edit], needs: ["before"] },
    after: { ...say, needs: ["edit"] },
    script: { command: ["sh", "say.sh"], needs: ["edit"] },
  };
  const workflow = { project: "toy", python: findTestPython(), on_failure: "continue", runs };
  writeFiles(cwd, { "w.json": JSON.stringify(workflow), "say.sh": "true\n" });
}

beforeEach(() => {
  cwd = makeTemporaryFolder();
  const catalog = "out: { type: text.TextDataset, filepath: data/out.txt }\n";
  writeToyProject({ folder: join(cwd, "toy"), pipelines: PIPELINES, catalog, parameters: "word: one\n" });
});

const show = async () => (await runJson<SessionRecord>(["show"], { cwd })).value;
const EDIT_PARAMETERS = "echo 'word: another' > toy/conf/base/parameters.yml";

describe("code or configuration that is changed while a session runs", () => {
  test("is used, and on record with the runs that came after", async () => {
    writeWorkflow(EDIT_PARAMETERS);
    const note = `code or configuration of ${join(cwd, "toy")} was changed after the plan was made: its result is used, and not reused by later sessions`;
    const ended = await runCli(["run", "w.json"], { cwd });
    expect([ended.exitCode, ended.stderr]).toEqual([0, `note: after: ${note}\n`]);
    const { runs } = await show();
    const found = Object.fromEntries(runs.map(({ run, notes }) => [run, notes.map(({ text }) => text)]));
    expect(found).toEqual({ before: [], edit: [], after: [note], script: [] });
    const shown = await runCli(["show", "after"], { cwd });
    expect(shown.stdout).toContain(note);
  });

  test.each([
    ["a parameter", EDIT_PARAMETERS, { after: "failed", script: "success" }],
    ["a command's file", "echo exit > say.sh", { after: "success", script: "failed" }],
    ["nothing", "true", { after: "success", script: "success" }],
  ])("fails a locked run: %s", async (_, edit, statuses) => {
    writeWorkflow(edit);
    expect((await runCli(["lock", "w.json"], { cwd })).exitCode).toBe(0);
    const { events, exitCode } = await runEvents("w.json", { cwd, args: ["--locked"] });
    const session = await show();
    const found = Object.fromEntries(session.runs.map(({ run, status }) => [run, status]));
    expect(found).toEqual({ before: "success", edit: "success", ...statuses });
    const failed = events.filter((event) => event.type === "run.failed");
    expect(exitCode).toBe(failed.length);
    for (const { exception } of failed) {
      expect(exception.type).toBe("SourcesChanged");
      expect(exception.message).toMatch(
        / was changed after the plan was made: a locked run needs exactly what was locked/,
      );
    }
  });

  test("is on record though the session was cut off and resumed in between", async () => {
    writeWorkflow("test -e go || exit 1");
    expect((await runEvents("w.json", { cwd })).exitCode).toBe(1);
    writeFiles(cwd, { go: "", "toy/conf/base/parameters.yml": "word: another\n" });
    expect((await runCli(["resume"], { cwd })).exitCode).toBe(0);
    const { runs } = await show();
    const after = runs.find(({ run }) => run === "after");
    expect(after?.notes).toHaveLength(1);
    expect(readFileSync(after?.outputs.out?.location ?? "", "utf8")).toBe("ANOTHER");
  });
});
