import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

/** A project that has published; then somebody writes there; and a copy of it. */
const root = makeSuiteFolder();
const cwd = join(root, "original");
const copy = join(root, "copy");
beforeAll(async () => {
  for (const folder of [".runweave", "out"]) mkdirSync(join(cwd, folder), { recursive: true });
  const make = { command: ["sh", "-c", "echo new >out/res"], outputs: { res: "out/res" }, on_rollback: ["true"] };
  const file = writeCommands(cwd, { make }, { publish: ["res"] });
  expect((await runCli(["run", file], { cwd })).exitCode).toBe(0);
  writeFileSync(join(cwd, "out/res"), "mine");
  cpSync(cwd, copy, { recursive: true, preserveTimestamps: true });
});

const CASES: readonly [what: string, folder: () => string, act: string[], dry: string, real: string, code: string][] = [
  ["what somebody has changed", () => cwd, ["rollback", "latest"], "--dry-run", "", "published-file-changed"],
  ["no such run", () => cwd, ["rollback", "latest", "--by-hand", "mkae"], "--dry-run", "", "unknown-run"],
  ["nothing to replay", () => cwd, ["replay", "latest"], "--dry-run", "", "nothing-to-replay"],
  ["what is not bad", () => cwd, ["heal", "res@make"], "--dry-run", "--yes", "not-tainted"],
  ["no such dataset", () => cwd, ["taint", "rse@make", "--reason", "x"], "--dry-run", "", "missing-output"],
  ["what has no mark", () => cwd, ["taint", "--clear", "res@make"], "--dry-run", "", "not-tainted"],
  ["a copied folder", () => copy, ["rollback", "latest"], "--dry-run", "", "registry-moved"],
  ["a copied folder", () => copy, ["replay", "latest", "--fresh", "make"], "--dry-run", "", "registry-moved"],
  ["a copied folder", () => copy, ["heal"], "--dry-run", "--yes", "registry-moved"],
  ["a copied folder", () => copy, ["gc", "--keep-last", "1"], "--dry-run", "--yes", "registry-moved"],
  ["a copied folder", () => copy, ["trash", "empty"], "--dry-run", "--yes", "registry-moved"],
  ["no project", () => cwd, ["adopt", "."], "--dry-run", "", "no-project"],
];

describe("a dry run ends as the act itself would", () => {
  test("in each command that has one", async () => {
    const dry = (await createProgram(() => {})).commands.filter((command) =>
      command.options.some(({ long }) => long === "--dry-run"),
    );
    expect(new Set(CASES.map(([, , [name]]) => name))).toEqual(new Set(dry.map((command) => command.name())));
  });

  test.each(CASES)("%s", async (_, folder, act, dry, real, code) => {
    const call = async (option: string) =>
      await runCli([...act, ...(option === "" ? [] : [option])], { cwd: folder() });
    const [tried, done] = [await call(dry), await call(real)];
    const said = expect.stringContaining(`error[${code}]`);
    expect([act, tried.exitCode, tried.stderr]).toEqual([act, done.exitCode, said]);
    expect([done.exitCode === 0, done.stderr]).toEqual([false, said]);
  });
});

test("a dry roll-back shows what would be put back, and why it is not; --json has both in one answer", async () => {
  const { stdout } = await runCli(["rollback", "latest", "--dry-run"], { cwd });
  expect(stdout).toContain(join(cwd, "out/res"));
  const { exitCode, value } = await runJson<{ refused: object }>(["rollback", "latest", "--dry-run"], { cwd });
  const refused = { code: "published-file-changed", hint: expect.stringContaining("--force") };
  expect([exitCode, value]).toMatchObject([1, { publications: [{ dataset: "res" }], refused }]);
  const forced = await runJson(["rollback", "latest", "--dry-run", "--force"], { cwd });
  expect([forced.exitCode, forced.value]).toMatchObject([0, { refused: null }]);
});

test("taint --clear --dry-run says what would be so without the mark", async () => {
  await runCli(["taint", "res@make", "--reason", "wrong units"], { cwd });
  const { exitCode, stdout } = await runCli(["taint", "--clear", "res@make", "--dry-run"], { cwd });
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("is not tainted any more")]);
  expect(stdout).toContain("Nothing is recorded");
  expect((await runCli(["taint"], { cwd })).stdout).toContain("wrong units");
});
