import { createHash } from "node:crypto";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import { changeRegistry, forgeLog } from "../rig/change-registry.ts";
import { runCli, runEvents } from "../rig/cli.ts";
import { readOutputs, showSession, writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const cwd = makeSuiteFolder();
const registry = join(cwd, ".runweave", "registry.sqlite");
const whole = join(cwd, "whole.sqlite");
const tainted = join(cwd, "tainted.sqlite");
const consumer = join(cwd, "consumer.json");

function keep(copy: string): void {
  for (const ending of ["-wal", "-shm"]) rmSync(registry + ending, { force: true });
  copyFileSync(registry, copy);
}

beforeAll(async () => {
  const write = (text: string) => ({
    command: ["sh", "-c", `printf ${text} > "$1"`, "sh", "${outputs.o.path}"],
    outputs: ["o"],
  });
  writeCommands(cwd, { one: write("1"), two: write("2") }, { defaults: { cache: "on" } });
  const use = { command: ["cp", "${inputs.o.path}", "${outputs.p.path}"], outputs: ["p"] };
  writeFileSync(consumer, JSON.stringify({ runs: { use: { ...use, consumes: { o: { alias: "champion" } } } } }));
  await runEvents("workflow.json", { cwd });
  for (const words of [
    ["alias", "set", "champion", "o@one"],
    ["alias", "move", "champion", "o@two"],
    ["alias", "set", "other", "o@one"],
  ])
    expect((await runCli(words, { cwd })).exitCode, words.join(" ")).toBe(0);
  keep(whole);
  expect((await runCli(["taint", "o@one", "--reason", "wrong"], { cwd })).exitCode).toBe(0);
  keep(tainted);
});

/** The registry, changed by hand behind its back. */
function tamper(sql: string, copy = whole): void {
  for (const ending of ["-wal", "-shm"]) rmSync(registry + ending, { force: true });
  copyFileSync(copy, registry);
  using database = new DatabaseSync(registry, { enableForeignKeyConstraints: false });
  changeRegistry(database, sql);
}

const OTHER = "(SELECT run_id FROM attempts WHERE run = 'one')";
const ALIASES: [what: string, sql: string][] = [
  ["whose last move was changed", `UPDATE alias_moves SET run_id = ${OTHER} WHERE alias = 'champion'`],
  ["whose last move is gone", "DELETE FROM alias_moves WHERE id = 2"],
  [
    "that was moved in the table alone",
    `INSERT INTO alias_moves (alias, dataset, run_id, time) SELECT 'champion', 'o', ${OTHER}, time FROM alias_moves LIMIT 1`,
  ],
  ["that was moved to another time", "UPDATE alias_moves SET time = '2020-01-01T00:00:00.000Z' WHERE id = 2"],
  [
    "whose event was changed too",
    `UPDATE alias_moves SET run_id = ${OTHER} WHERE id = 2;
     UPDATE events SET body = replace(body, run_id, ${OTHER}) WHERE type = 'alias.set' AND body LIKE '%champion%'`,
  ],
  [
    "of which an event can't be read",
    "DELETE FROM alias_moves WHERE id = 2; UPDATE events SET body = '{' WHERE type = 'alias.set' AND seq = (SELECT max(seq) - 1 FROM events)",
  ],
];

describe("an alias is followed only if the log says so", () => {
  test("as it does here", async () => {
    tamper("SELECT 1");
    await runEvents(consumer, { cwd });
    expect(readOutputs(await showSession({ cwd }))["use.p"]).toBe("2");
    expect((await runCli(["cat", "champion"], { cwd })).stdout).toBe("2");
  });

  test.each(ALIASES)("by a workflow: one %s", async (_, sql) => {
    tamper(sql);
    const { exitCode, stderr } = await runCli(["run", consumer], { cwd });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("error[alias-unlogged]")]);
  });

  test.each(ALIASES)("by a command: one %s", async (_, sql) => {
    tamper(sql);
    const { exitCode, stdout, stderr } = await runCli(["cat", "champion"], { cwd });
    expect([exitCode, stdout, stderr]).toEqual([2, "", expect.stringContaining("error[alias-unlogged]")]);
    expect((await runCli(["cat", "other"], { cwd })).exitCode).toBe(sql.includes("'{'") ? 2 : 0);
  });
});

describe("a taint is not taken away by its row", () => {
  const FORGED: [what: string, sql: string][] = [
    ["gone", "DELETE FROM verdicts"],
    ["cleared in the table alone", "UPDATE verdicts SET kind = 'cleared'"],
    ["of another version", "UPDATE verdicts SET run_id = (SELECT run_id FROM attempts WHERE run = 'two')"],
    [
      "gone, and its event changed",
      "DELETE FROM verdicts; UPDATE events SET body = replace(body, 'wrong', 'right') WHERE type = 'version.tainted'",
    ],
  ];

  test.each(FORGED)("nothing is consumed by run_id while one is %s", async (_, sql) => {
    tamper(sql, tainted);
    const { run_id } = (await showSession({ cwd })).runs.find(({ run }) => run === "one") ?? {};
    const file = join(cwd, "by-id.json");
    const use = { command: ["cp", "${inputs.o.path}", "${outputs.p.path}"], outputs: ["p"] };
    writeFileSync(file, JSON.stringify({ runs: { use: { ...use, consumes: { o: { run_id, dataset: "o" } } } } }));
    const { exitCode, stderr } = await runCli(["run", file], { cwd });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("error[version-unlogged]")]);
  });

  test.each(FORGED)("nothing is reused while one is %s", async (_, sql) => {
    tamper(sql, tainted);
    const { exitCode, stdout } = await runCli(["run", "workflow.json"], { cwd });
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("the record of tainted versions")]);
    const { runs } = await showSession({ cwd });
    expect(runs.map(({ status }) => status)).toEqual(["success", "success"]);
  });
});

describe("a result is reused only if the log has its fingerprint", () => {
  test("as it has here", async () => {
    tamper("SELECT 1");
    await runEvents("workflow.json", { cwd });
    expect((await showSession({ cwd })).runs.map(({ status }) => status)).toEqual(["reused", "reused"]);
  });

  test("that of another run is not taken for it", async () => {
    tamper(
      `CREATE TEMP TABLE swapped AS SELECT a.run_id, b.fingerprint, b.fingerprint_parts FROM attempts AS a, attempts AS b WHERE a.id <> b.id;
       UPDATE attempts SET (fingerprint, fingerprint_parts) =
         (SELECT fingerprint, fingerprint_parts FROM swapped WHERE swapped.run_id = attempts.run_id)`,
    );
    await runEvents("workflow.json", { cwd });
    const session = await showSession({ cwd });
    expect(session.runs.map(({ status }) => status)).toEqual(["success", "success"]);
    expect(readOutputs(session)).toEqual({ "one.o": "1", "two.o": "2" });
  });
});

describe("a version is read only where its run may have saved it, though the whole log was made anew", () => {
  const secret = join(cwd, "secret");
  /** Puts the output of both runs at a file of the user, with its own hash, in every table and event. */
  const forge = (location: string) => {
    const hash = `sha256:${createHash("sha256").update("1").digest("hex")}`;
    tamper(
      `UPDATE events SET body = json_set(body, '$.outputs.o.location', '${location}', '$.outputs.o.hash', '${hash}') WHERE type = 'run.succeeded';
       UPDATE versions SET location = '${location}', hash = '${hash}'`,
    );
    using database = new DatabaseSync(registry);
    forgeLog(database, "SELECT 1");
  };
  beforeAll(() => writeFileSync(secret, "1"));

  test("by a run that consumes it", async () => {
    forge(secret);
    const { exitCode, stderr } = await runCli(["run", consumer], { cwd });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("error[version-misplaced]")]);
  });

  test("by one that would reuse it", async () => {
    forge(secret);
    await runEvents("workflow.json", { cwd });
    expect((await showSession({ cwd })).runs.map(({ status }) => status)).toEqual(["success", "success"]);
  });

  test("by a command", async () => {
    forge(secret);
    const { exitCode, stdout, stderr } = await runCli(["cat", "champion"], { cwd });
    expect([exitCode, stdout, stderr]).toEqual([3, "", expect.stringContaining("error[unsafe-path]")]);
  });
});
