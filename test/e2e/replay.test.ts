import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ReplayPreview } from "../../src/core/answer/replay.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { foretell, replay } from "../rig/replay.ts";
import { formatRuns, readOutputs, resume, showSession, writeCommands } from "../rig/resumable.ts";
import { shortId } from "../rig/short-id.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const shell = (script: string, ...words: string[]) => ["sh", "-c", script, "sh", ...words];
const read = (run: string, dataset = "o") => ({ run, dataset });

/** Numbers, their first K by two arms, how many those are, a page, and a note that comes after the numbers. */
function prepare(folder: string) {
  writeFileSync(join(folder, "raw.txt"), "1\n2\n3\n4\n");
  const runs = {
    numbers: {
      command: shell('cat "$1" > "$2"; echo "${EXTRA-}" >> "$2"', "${inputs.raw.path}", "${outputs.o.path}"),
      consumes: { raw: { file: "raw.txt" } },
      outputs: ["o"],
    },
    head: {
      matrix: { k: [1, 2] },
      command: shell('head -n "$K" "$1" > "$2"', "${inputs.i.path}", "${outputs.o.path}"),
      environment: { K: "${matrix.k}" },
      consumes: { i: read("numbers") },
      outputs: ["o"],
    },
    page: {
      command: shell('cat "$1" "$2" > "$3"', "${inputs.a.path}", "${inputs.b.path}", "${outputs.o.path}"),
      consumes: { a: { ...read("head"), where: { k: 1 } }, b: { ...read("head"), where: { k: 2 } } },
      outputs: ["o"],
    },
    note: { command: shell("true"), needs: ["page"] },
    apart: { command: shell('echo apart > "$1"', "${outputs.o.path}"), outputs: ["o"] },
  };
  return writeCommands(folder, runs);
}

const runIds = ({ runs }: SessionRecord) => Object.fromEntries(runs.map(({ run, run_id }) => [run, run_id]));

describe("a session of commands, replayed", () => {
  const folder = makeSuiteFolder();
  const options = { cwd: folder };
  let old: SessionRecord;
  beforeAll(async () => {
    await runEvents(prepare(folder), options);
    old = await showSession(options);
  });

  test("--dry-run says what is executed, compared and linked, by when, and leaves nothing behind", async () => {
    const set = ["latest", "--set", "numbers.environment.EXTRA=5"];
    const compared = ["head[k=1] compare", "head[k=2] compare", "page compare", "note compare"];
    expect((await foretell(set, options)).sort()).toEqual(["apart link", "numbers", ...compared].sort());
    const { value } = await runJson<ReplayPreview>(["replay", ...set, "--dry-run"], options);
    expect(value.unknown_durations).toEqual([]);
    expect(value.most_ms).toBeGreaterThan(value.least_ms);
    expect(value.replay_of).toEqual({ session_id: old.session_id, changes: ["--set numbers.environment.EXTRA=5"] });
    expect((await showSession(options)).session_id).toBe(old.session_id);
  });

  test("what comes out equal cuts off the work below it: the rest is the very runs of then, and the diff says why", async () => {
    const { exitCode, compared } = await replay(["latest", "--set", "numbers.environment.EXTRA=5"], options);
    expect(exitCode).toBe(0);
    const session = await showSession(options);
    expect(formatRuns(session)).toEqual({
      ...{ numbers: "success 1", "head[k=1]": "success 1", "head[k=2]": "success 1" },
      ...{ page: "reused 1", note: "reused 1", apart: "reused 1" },
    });
    expect(runIds(session)).toMatchObject({
      page: old.runs.find(({ run }) => run === "page")?.run_id,
      apart: old.runs.find(({ run }) => run === "apart")?.run_id,
    });
    expect(readOutputs(session)["numbers.o"]).toBe("1\n2\n3\n4\n5\n");
    expect(session.replay_of?.session_id).toBe(old.session_id);
    expect(compared).toMatchObject({ a: old.session_id, b: session.session_id });
    expect(compared?.runs.map(({ run }) => run)).toContain("numbers");
    const { stdout } = await runCli(["show"], options);
    expect(stdout).toContain(`replays  ${shortId(old.session_id)} with --set numbers.environment.EXTRA=5`);
  });

  test("one arm changes: the other is linked, and what only waits is executed too", async () => {
    await replay([old.session_id, "--set", "head[k=2].environment.K=3"], options);
    const session = await showSession(options);
    expect(formatRuns(session)).toMatchObject({
      numbers: "reused 1",
      "head[k=1]": "reused 1",
      "head[k=2]": "success 1",
    });
    expect(formatRuns(session)).toMatchObject({ page: "success 1", note: "success 1", apart: "reused 1" });
    expect(readOutputs(session)["page.o"]).toBe("1\n1\n2\n3\n");
    // Lineage is one graph: the new page was made of an arm of then.
    const page = session.runs.find(({ run }) => run === "page");
    expect(page?.load_versions.a).toBe(old.runs.find(({ run }) => run === "head[k=1]")?.run_id);
  });

  test("a matrix's name means all its arms", async () => {
    const set = [old.session_id, "--set", "head.environment.K=4"];
    expect(await foretell(set, options)).toEqual(expect.arrayContaining(["head[k=1]", "head[k=2]", "numbers link"]));
    expect(await foretell([old.session_id, "--fresh", "head"], options)).toContain("head[k=1]");
    expect(await foretell(["head", "--session", old.session_id], options)).toContain("head[k=2]");
  });

  test("a run is named: it is executed again, and nothing below it if it comes out equal", async () => {
    const { run_id } = old.runs.find(({ run }) => run === "numbers") ?? {};
    await replay([String(run_id)], options);
    const statuses = formatRuns(await showSession(options));
    expect(statuses).toMatchObject({ numbers: "success 1", "head[k=1]": "reused 1", note: "reused 1" });
  });

  test("--pin gives a run what another one saved, and it waits for nobody any more", async () => {
    const [other] = ["numbers"].map((name) => old.runs.find(({ run }) => run === name)?.run_id);
    const { exitCode } = await replay([old.session_id, "--pin", `page.a=${other}`], options);
    expect(exitCode).toBe(0);
    const session = await showSession(options);
    expect(readOutputs(session)["page.o"]).toBe("1\n2\n3\n4\n\n1\n2\n");
    expect(formatRuns(session)).toMatchObject({ "head[k=1]": "reused 1", page: "success 1" });
  });

  test("a replay of a replay links on", async () => {
    const set = ["latest", "--set", 'apart.command.2=echo other > "$1"'];
    await replay(set, options);
    expect(readOutputs(await showSession(options))).toMatchObject({
      "apart.o": "other\n",
      "page.o": "1\n2\n3\n4\n\n1\n2\n",
    });
  });

  test.each<[string, string[], string]>([
    ["no such session", ["2020"], "unknown-session"],
    ["no such run", ["pagee"], "unknown-run"],
    ["nothing changes", ["latest"], "nothing-to-replay"],
    ["no such run to set", ["latest", "--set", "hed.environment.K=1"], "unknown-run"],
    ["no such field", ["latest", "--set", "head.params.K=1"], "unknown-field"],
    ["no such dataset", ["latest", "--pin", "page.c=2026"], "unknown-dataset"],
    ["no such version", ["latest", "--pin", "page.a=2020"], "unknown-run-id"],
    ["a dataset that several read", ["latest", "--pin", "raw"], "invalid-pin"],
    ["no such run to do afresh", ["latest", "--fresh", "pag"], "unknown-run"],
  ])("%s: exit code 2, and the reason", async (_, args, code) => {
    const { exitCode, last } = await replay(args, options);
    expect(exitCode).toBe(2);
    expect(JSON.stringify(last)).toContain(`"code":"${code}"`);
  });

  test("a version that is not what it was is refused and named; made afresh, it will do", async () => {
    const { location = "" } = old.runs.find(({ run }) => run === "head[k=1]")?.outputs.o ?? {};
    appendFileSync(location, "x");
    const set = [old.session_id, "--set", "head[k=2].environment.K=3"];
    const { exitCode, last } = await replay(set, options);
    expect(exitCode).toBe(2);
    expect(JSON.stringify(last)).toMatch(/version-changed.*o of head\[k=1\].*--fresh/);
    expect((await replay([...set, "--fresh", "head[k=1]"], options)).exitCode).toBe(0);
  });

  test("a file that the session read and that is another one now is refused", async () => {
    writeFileSync(join(folder, "raw.txt"), "9\n");
    const { last } = await replay([old.session_id, "--set", "numbers.environment.EXTRA=6"], options);
    expect(JSON.stringify(last)).toContain("version-changed");
  });
});

test("a session that failed: what had failed is executed, with the change that mends it; a replay can fail, and be resumed", async () => {
  const folder = makeTemporaryFolder();
  const options = { cwd: folder };
  const file = writeCommands(folder, {
    first: { command: shell('echo 1 > "$1"', "${outputs.o.path}"), outputs: ["o"] },
    second: {
      command: shell('[ -e mended ] && exit "$CODE"; exit 7'),
      environment: { CODE: "3" },
      consumes: { i: read("first") },
    },
    third: { command: shell("true"), needs: ["second"] },
  });
  await runEvents(file, options);
  expect(formatRuns(await showSession(options))).toMatchObject({ second: "failed 1", third: "skipped 0" });
  expect((await replay(["latest", "--set", "second.environment.CODE=0"], options)).exitCode).toBe(1);
  expect(formatRuns(await showSession(options))).toMatchObject({ first: "reused 1", second: "failed 1" });
  writeFileSync(join(folder, "mended"), "");
  expect((await resume(options)).exitCode).toBe(0);
  const resumed = await showSession(options);
  expect(formatRuns(resumed)).toEqual({ first: "reused 1", second: "success 2", third: "success 1" });
  rmSync(join(folder, ".runweave/sessions", resumed.session_id), { recursive: true });
  expect((await replay(["third"], options)).last).toMatchObject({ type: "error", code: "plan-unusable" });
});
