import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runEvents, runJson } from "../rig/cli.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

/** Reads something else than its pin names: `$1` is put back as it was, with its time, before anybody looks again. */
const READ_ANOTHER = 'cp -p "$1" kept; echo other > "$1"; cat "$1" > "$2"; cp -p kept "$1"';
/** Reads what its pin names, and changes it then. */
const CHANGE_AFTER = 'cat "$1" > "$2"; echo other > "$1"';

let cwd: string;

beforeEach(() => {
  cwd = makeTemporaryFolder();
  writeFileSync(join(cwd, "raw"), "raw\n");
});

const commandOf = (script: string) => ["sh", "-c", script, "sh", `\${inputs.table.path}`, `\${outputs.report.path}`];
const make = { command: ["sh", "-c", 'cat raw > "$1"', "sh", `\${outputs.table.path}`], outputs: ["table"] };

async function play(runs: object, ...args: string[]) {
  writeFileSync(join(cwd, "workflow.json"), JSON.stringify({ defaults: { cache: "on" }, runs }));
  const { events } = await runEvents("workflow.json", { cwd, args });
  const session = (await runJson<SessionRecord>(["show"], { cwd })).value;
  const read = session.runs.find(({ run }) => run === "read") ?? expect.fail();
  return { events, read };
}

test.each([
  { what: "a file", runs: {}, source: { file: "raw" } },
  { what: "a version of another run", runs: { make }, source: "make" },
])("$what that is another one for a while leaves a note with the run, whose result nobody reuses", async (each) => {
  const consumes = { table: each.source };
  const runs = { ...each.runs, read: { command: commandOf(READ_ANOTHER), consumes, outputs: ["report"] } };
  const { events, read } = await play(runs);
  const text =
    "'table' was written to or touched while the run was under way: its result is used, and not reused by later sessions";
  expect(read).toMatchObject({ status: "success" });
  expect(events).toContainEqual(expect.objectContaining({ type: "run.noted", run: "read", text }));
  expect((await play(runs)).read.status).toBe("success");
});

test.each([
  { what: "a file", runs: {}, source: { file: "raw" } },
  { what: "a version of another run", runs: { make }, source: "make" },
])("$what that is another one at the end fails the run", async (each) => {
  const consumes = { table: each.source };
  const runs = { ...each.runs, read: { command: commandOf(CHANGE_AFTER), consumes, outputs: ["report"] } };
  const { read } = await play(runs);
  expect(read).toMatchObject({ status: "failed", exception: { type: "InputChanged" } });
});
