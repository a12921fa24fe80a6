import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import type { AliasTarget } from "../../src/explain/aliases.ts";
import type { Why } from "../../src/explain/why.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const MAKE = `
name: make
runs:
  train:
    command: [sh, -c, 'date +%N > "$0"; echo "{\\"r2\\": 0.5}" > "$RUNWEAVE_METRICS"', "\${outputs.model.path}"]
    outputs: [model]
`;
const USE = `
name: use
runs:
  use:
    command: [cp, "\${inputs.m.path}", "\${outputs.copy.path}"]
    consumes: { m: { alias: champion } }
    outputs: [copy]
`;

const cwd = makeSuiteFolder();
const ids: string[] = [];
beforeAll(async () => {
  writeFileSync(join(cwd, "make.yaml"), MAKE);
  writeFileSync(join(cwd, "use.yaml"), USE);
  for (let count = 0; count < 2; count++) {
    await runCli(["run", "make.yaml"], { cwd });
    const { value } = await runJson<SessionRecord>(["show"], { cwd });
    ids.push(value.runs[0]?.run_id ?? "");
  }
});

const json = async <T>(...args: string[]): Promise<T> => (await runJson<T>(args, { cwd })).value;
const codeOf = async (...args: string[]) => {
  const { exitCode, value } = await runJson<{ code: string }>(args, { cwd });
  return [exitCode, value.code];
};

test("an alias is set, consumed, moved, read as of a time, and removed", async () => {
  const [first = "", second = ""] = ids;
  expect(await codeOf("validate", "use.yaml")).toMatchObject([2, undefined]);
  const set = await json<{ after: AliasTarget }>("alias", "set", "champion", `model@${first}`);
  expect(set).toMatchObject({ alias: "champion", before: null, after: { dataset: "model", run_id: first } });
  expect((await runCli(["run", "use.yaml"], { cwd })).exitCode).toBe(0);
  const why = await json<Why>("why", "m", "use");
  expect(why.chain[0]).toMatchObject({
    pin: { rule: "alias", version: first, from_run: "train", from_dataset: "model" },
  });
  const [used] = (await json<SessionRecord>("show")).runs;
  const made = (await json<{ runs: RunRecord[] }>("runs", "--workflow", "make")).runs.find(
    ({ run_id }) => run_id === first,
  );
  const [copy, model] = [used?.outputs.copy?.location ?? "", made?.outputs.model?.location ?? ""];
  expect(readFileSync(copy, "utf8")).toBe(readFileSync(model, "utf8"));

  await runCli(["alias", "move", "champion", `model@${second}`], { cwd });
  const target = async (...flags: string[]) =>
    (await json<{ aliases: AliasTarget[] }>("alias", "list", ...flags)).aliases.map(({ run_id }) => run_id);
  expect([await target(), await target("--at", set.after.time)]).toEqual([[second], [first]]);
  await runCli(["alias", "remove", "champion"], { cwd });
  expect(await target()).toEqual([]);
  const { moves } = await json<{ moves: AliasTarget[] }>("alias", "list", "champion");
  expect(moves.map(({ run_id }) => run_id)).toEqual([first, second, null]);
  const { value } = await runJson<{ problems: unknown[] }>(["validate", "use.yaml"], { cwd });
  expect(value.problems).toMatchObject([{ code: "unknown-alias", line: 6 }]);
});

test("what an alias can't stand for is refused", async () => {
  expect(await codeOf("alias", "move", "nobody", "model@train")).toEqual([2, "unknown-alias"]);
  expect(await codeOf("alias", "set", "x", `table@${ids[0]}`)).toEqual([2, "missing-output"]);
  expect(await codeOf("alias", "set", "x", "model")).toEqual([2, "invalid-target"]);
  expect(await codeOf("alias", "set", "../x", "model@train")).toEqual([2, "invalid-alias"]);
  expect(await codeOf("alias", "set", "x", "model@nobody")).toEqual([2, "unknown-run"]);
});

test("tags and notes are found again, and metrics are shown", async () => {
  const [first = ""] = ids;
  await runCli(["tag", first, "team=red", "kept=yes"], { cwd });
  await runCli(["tag", first, "--remove", "kept"], { cwd });
  await runCli(["note", first, "the first one"], { cwd });
  const [run, ...others] = (await json<{ runs: RunRecord[] }>("runs", "--tag", "team=red")).runs;
  expect(others).toEqual([]);
  expect(run).toMatchObject({
    run_id: first,
    tags: { team: "red" },
    notes: [{ text: "the first one" }],
    metrics: { r2: 0.5 },
  });
  expect(await json("runs", "--tag", "kept")).toMatchObject({ runs: [] });
  const { stdout } = await runCli(["show", first], { cwd });
  for (const line of ["tags team=red", "the first one", "r2      0.5"]) expect(stdout).toContain(line);
  expect(await codeOf("tag", first, "=x")).toEqual([2, "invalid-tag"]);
  expect(await codeOf("note", first, " ")).toEqual([2, "invalid-note"]);
});
