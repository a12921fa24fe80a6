import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../../src/explain/certificate.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { formatRuns, resume, showSession, typesOf, writeCommands } from "../rig/resumable.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { writeFiles } from "../rig/toy-project.ts";

const shell = (script: string, ...paths: string[]) => ["sh", "-c", script, "sh", ...paths];
/** Saves a model whose threshold is in a file of its own. */
const MAKE = {
  command: shell('printf 1 >"$1"; printf 5 >"$1.meta"', "${outputs.model.path}"),
  outputs: ["model"],
};
const USE = {
  command: shell('cat "$1" "$1.meta" >"$2"; : >"$1.index"', "${inputs.model.path}", "${outputs.used.path}"),
  outputs: ["used"],
};

async function make(more: object = {}, header: object = {}) {
  const cwd = makeTemporaryFolder();
  const file = writeCommands(cwd, { make: MAKE, ...more }, header);
  const { exitCode, events, stderr } = await runEvents(file, { cwd });
  const session = await showSession({ cwd });
  const [run] = session.runs;
  const { location = "", beside } = run?.outputs.model ?? {};
  return { cwd, file, exitCode, events, stderr, run_id: run?.run_id ?? "", location, beside, meta: `${location}.meta` };
}

async function use(cwd: string, run_id: string) {
  const file = join(cwd, "use.json");
  writeFileSync(file, JSON.stringify({ runs: { use: { ...USE, consumes: { model: { run_id } } } } }));
  return await runCli(["run", file], { cwd });
}

async function verify(cwd: string): Promise<string[]> {
  const { value } = await runJson<{ findings: Finding[] }>(["verify", "--all"], { cwd });
  return value.findings.filter(({ verdict }) => verdict === "broken").map(({ code }) => code);
}

test("what lies beside a version in its own folder is part of it: edited, the version is neither consumed nor verified", async () => {
  const { cwd, run_id, meta, beside } = await make();
  expect(beside).toEqual(["model.meta"]);
  // A reader leaves an index there, which changes nothing.
  for (const _ of [1, 2]) expect((await use(cwd, run_id)).exitCode).toBe(0);
  expect(existsSync(join(dirname(meta), "model.index"))).toBe(true);
  expect(await verify(cwd)).toEqual([]);

  writeFileSync(meta, "6");
  const { exitCode, stderr } = await use(cwd, run_id);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("version-changed")]);
  expect(await verify(cwd)).toEqual(["content-changed"]);
  expect((await runCli(["reproduce", "use"], { cwd })).stderr).toContain("is sha256:");
});

test("it is looked at again before each run that reads it", async () => {
  const script = 'for each in $(find .runweave/data -name "*.meta"); do printf 6 >"$each"; done';
  const meddle = { command: shell(script), needs: ["make"] };
  const runs = { meddle, use: { ...USE, consumes: { model: "make" }, needs: ["meddle"] } };
  const { exitCode, events } = await make(runs);
  expect(exitCode).toBe(1);
  const failed = events.flatMap((event) => (event.type === "run.failed" ? [event] : []));
  expect(failed).toMatchObject([{ run: "use", exception: { type: "InputChanged" } }]);
});

test("a session that goes on does not count on a version of which that has changed", async () => {
  const fail = { command: shell('[ -e go ] && cp "$1" "$2"', "${inputs.model.path}", "${outputs.copy.path}") };
  const { cwd, meta } = await make({ use: { ...fail, outputs: ["copy"], consumes: { model: "make" } } });
  writeFiles(cwd, { go: "" });
  writeFileSync(meta, "6");
  const { events } = await resume({ cwd });
  expect(typesOf(events)).toContain("run.succeeded make");
  expect(formatRuns(await showSession({ cwd }))).toEqual({ make: "success 2", use: "success 2" });
});

test("it is not reused either", async () => {
  const { cwd, file, meta } = await make({}, { defaults: { cache: "on" } });
  const again = async () => typesOf((await runEvents(file, { cwd })).events).filter((type) => type.endsWith(" make"));
  expect(await again()).toContain("run.reused make");
  writeFileSync(meta, "6");
  expect(await again()).toContain("run.succeeded make");
});

test("it goes to the trash with its version, and comes back", async () => {
  const { cwd, file, run_id, location, meta } = await make();
  await runEvents(file, { cwd });
  expect((await runCli(["gc", "--keep-last", "1", "--yes"], { cwd })).exitCode).toBe(0);
  expect([location, meta].map((path) => existsSync(path))).toEqual([false, false]);
  expect((await runCli(["trash", "restore", run_id], { cwd })).exitCode).toBe(0);
  expect([location, meta].map((path) => readFileSync(path, "utf8"))).toEqual(["1", "5"]);
  expect(await verify(cwd)).toEqual([]);
  expect((await use(cwd, run_id)).exitCode).toBe(0);
});
