import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import type { BlastRadius } from "../../src/explain/blast-radius.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { formatRuns, showSession, writeCommands } from "../rig/resumable.ts";
import { shortId } from "../rig/short-id.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const shell = (script: string, ...words: string[]) => ["sh", "-c", script, "sh", ...words];
const copy = (input: string) => shell('cat "$1" > "$2"', `\${inputs.${input}.path}`, "${outputs.o.path}");

const folder = makeSuiteFolder();
const options = { cwd: folder };
const RUNS = {
  first: { command: shell('echo 1 > "$1"', "${outputs.o.path}"), outputs: ["o"] },
  second: { command: copy("i"), consumes: { i: { run: "first", dataset: "o" } }, outputs: ["o"] },
  third: { command: copy("i"), consumes: { i: { run: "second", dataset: "o" } }, outputs: ["o"] },
  apart: { command: shell('echo 2 > "$1"', "${outputs.o.path}"), outputs: ["o"] },
};

async function refusal(args: string[]): Promise<string> {
  const { exitCode, stdout } = await runCli([...args, "--json"], options);
  expect(exitCode).toBe(2);
  return stdout.split("\n").findLast((line) => line !== "") ?? "";
}

describe("a version that turns out to be bad", () => {
  let session: SessionRecord;
  let idOf: (run: string) => string;
  beforeAll(async () => {
    const file = writeCommands(folder, RUNS, { defaults: { cache: "on" } });
    await runEvents(file, options);
    session = await showSession(options);
    idOf = (name) => String(session.runs.find(({ run }) => run === name)?.run_id);
    await runCli(["alias", "set", "champion", "o@third"], options);
    const named = { command: copy("i"), consumes: { i: { run_id: idOf("second"), dataset: "o" } }, outputs: ["o"] };
    writeFileSync(join(folder, "other.json"), JSON.stringify({ runs: { reader: named } }));
    await runEvents("other.json", options);
    await runEvents(file, options);
  });

  test("what that reaches is shown before and after it is marked: runs, sessions that reuse them, aliases", async () => {
    const dry = await runJson<BlastRadius>(["taint", `o@${idOf("first")}`, "--dry-run"], options);
    expect((await runJson<BlastRadius>(["taint"], options)).value.taints).toEqual([]);
    const { exitCode, value } = await runJson<BlastRadius>(
      ["taint", `o@${idOf("first")}`, "--reason", "wrong units"],
      options,
    );
    expect(exitCode).toBe(0);
    expect(value.runs.map(({ run }) => run)).toEqual(["first", "second", "third", "reader"]);
    expect(dry.value.runs).toMatchObject(value.runs.map(({ run_id }) => ({ run_id })));
    expect(value.sessions.map(({ runs }) => runs.map(({ is_reused }) => is_reused))).toContainEqual([true, true, true]);
    expect(value.aliases).toMatchObject([{ alias: "champion", dataset: "o", run_id: idOf("third") }]);
    expect(value.taints).toMatchObject([{ dataset: "o", run_id: idOf("first"), reason: "wrong units" }]);
    const { stdout } = await runCli(["taint"], options);
    expect(stdout).toContain("is tainted: wrong units");
  });

  test("show, lineage and why mark it, and what was made of it", async () => {
    const madeOf = `was made of o@${idOf("first")}, which is tainted: wrong units`;
    const told = madeOf.replace(idOf("first"), shortId(idOf("first")));
    const shown = await runCli(["show", session.session_id], options);
    expect(shown.stdout).toContain("o is tainted: wrong units");
    expect(shown.stdout).toContain(`o ${told}`);
    const why = await runJson<{ chain: { tainted?: string }[] }>(["why", "i", idOf("third")], options);
    expect(why.value.chain.map(({ tainted }) => tainted)).toEqual([madeOf, "is tainted: wrong units"]);
    expect((await runCli(["why", "i", idOf("third")], options)).stdout).toContain(told);
    expect((await runCli(["lineage", idOf("third")], options)).stdout).toContain("(is tainted: wrong units)");
    const { value } = await runJson<{ versions: { tainted?: string }[] }>(
      ["lineage", idOf("apart"), "--direction", "both"],
      options,
    );
    expect(value.versions.some(({ tainted }) => tainted !== undefined)).toBe(false);
  });

  test("new plans refuse it, where the file names it: by run_id, by alias", async () => {
    const place = { file: expect.stringContaining("other.json"), line: 1 };
    const byId = JSON.parse(await refusal(["plan", "other.json"])) as { problems: object[] };
    expect(byId.problems).toMatchObject([{ code: "version-tainted", ...place }]);
    writeFileSync(
      join(folder, "by-alias.json"),
      JSON.stringify({
        runs: { reader: { command: copy("i"), consumes: { i: { alias: "champion" } }, outputs: ["o"] } },
      }),
    );
    expect(await refusal(["validate", "by-alias.json"])).toContain("version-tainted");
    expect(await refusal(["alias", "move", "champion", `o@${idOf("second")}`])).toContain("version-tainted");
  });

  test("it is not reused: what is bad is executed again, what is not is reused", async () => {
    const { events } = await runEvents("workflow.json", options);
    const told = (run: string) => events.find((event) => "run" in event && event.run === run) as RunEvent;
    expect(told("first")).toMatchObject({
      type: "run.resolved",
      cache: { reason: expect.stringContaining("is tainted") },
    });
    expect(formatRuns(await showSession(options))).toMatchObject({ first: "success 1", apart: "reused 1" });
  });

  test("replay does not link it, nor let a run read it", async () => {
    const apart = ["replay", session.session_id, "--fresh", "apart"];
    expect(await refusal(apart)).toContain("version-tainted");
    expect(await refusal(["replay", session.session_id, "--pin", `third.i=${idOf("first")}`])).toContain(
      "version-tainted",
    );
    expect((await runCli([...apart, "--fresh", "first", "second", "third"], options)).exitCode).toBe(0);
  });

  test.each<[string, string[], string]>([
    ["no such run", ["taint", "o@nobody", "--reason", "x"], "unknown-run"],
    ["no such dataset", ["taint", "p@first", "--reason", "x"], "missing-output"],
    ["no run", ["taint", "o", "--reason", "x"], "invalid-target"],
    ["no reason", ["taint", "o@first"], "no-reason"],
    ["not tainted", ["taint", "--clear", "o@apart"], "not-tainted"],
  ])("%s: exit code 2, and the reason", async (_, args, code) => {
    expect(JSON.parse(await refusal(args))).toMatchObject({ type: "error", code });
  });

  test("once it is cleared, plans take it again", async () => {
    const cleared = await runCli(["taint", "--clear", `o@${idOf("first")}`, "--reason", "it was right"], options);
    expect(cleared.stdout).toContain("is not tainted any more");
    expect((await runCli(["plan", "other.json"], options)).exitCode).toBe(0);
  });
});

test("a session that is to be finished by what is tainted can't be resumed", async () => {
  const own = makeSuiteFolder();
  const there = { cwd: own };
  const late = { command: shell("[ -e mended ]", "${inputs.i.path}"), consumes: { i: { run: "first", dataset: "o" } } };
  await runEvents(writeCommands(own, { first: RUNS.first, late }), there);
  await runCli(["taint", "o@first", "--reason", "x"], there);
  writeFileSync(join(own, "mended"), "");
  const { exitCode, stdout } = await runCli(["resume", "latest", "--json"], there);
  expect([exitCode, JSON.parse(stdout)]).toMatchObject([2, { code: "version-tainted" }]);
  await runCli(["taint", "--clear", "o@first"], there);
  expect((await runCli(["resume", "--json"], there)).exitCode).toBe(0);
});
