import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import { digestPlan } from "../../src/compose/kept-plan/keep-plan.ts";
import { changeRegistry, forgeLog } from "../rig/change-registry.ts";
import { runCli, runEvents } from "../rig/cli.ts";
import { isRoot, makeOrdinaryFolder, ordinaryUser } from "../rig/ordinary-user.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { TerminalCli } from "../rig/terminal.ts";

const cwd = makeSuiteFolder();
/** Somebody else's machine: the same registry, with other keys. */
const elsewhere = { cwd, env: { RUNWEAVE_KEYS: join(cwd, "other-keys") } };
const ran = () => (existsSync(join(cwd, "ran")) ? readFileSync(join(cwd, "ran"), "utf8").split("\n").length - 1 : 0);

const note = 'echo "$1" >>ran; echo 1 >"$1"';
const RUNS = {
  make: {
    command: ["sh", "-c", note, "sh", "${outputs.o.path}"],
    outputs: ["o"],
    on_rollback: ["sh", "-c", "echo back >>ran"],
  },
  use: {
    command: ["sh", "-c", 'echo use >>ran; cat "$1"; test -e fine', "sh", "${inputs.o.path}"],
    consumes: { o: "make" },
  },
};

beforeAll(async () => {
  writeCommands(cwd, RUNS);
  await runEvents("workflow.json", { cwd });
  await runCli(["taint", "o@make", "--reason", "wrong units"], { cwd });
});

describe("what was planned elsewhere is executed only after a yes", () => {
  test.each([
    ["replay", "latest", "--fresh", "make"],
    ["replay", "latest", "--dry-run"],
    ["rollback", "latest"],
    ["rollback", "latest", "--dry-run"],
    ["heal"],
    ["heal", "--dry-run"],
  ])("%s %s %s", async (...words) => {
    const before = ran();
    const refused = await runCli(
      words.filter((word) => word !== undefined),
      elsewhere,
    );
    expect([refused.exitCode, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain("error[not-confirmed]  nothing shows that you made the record of session ");
    expect(refused.stderr).toContain("--yes");
    expect(refused.stderr).toContain(`in ${cwd}`);
    expect(ran()).toBe(before);
  });

  test("--yes is an answer, and the user who made the plan is not asked", async () => {
    expect((await runCli(["taint", "o@make", "--clear"], { cwd })).exitCode).toBe(0);
    const before = ran();
    const refused = await runCli(["resume"], elsewhere);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("error[not-confirmed]")]);
    expect(ran()).toBe(before);
    expect((await runCli(["resume", "--yes"], elsewhere)).exitCode).toBe(1);
    expect(ran()).toBe(before + 1);
    // Somebody else went on with the session: its log is not this user's alone any more.
    for (const words of [["resume"], ["resume", "--json"]])
      expect((await runCli(words, { cwd })).exitCode, words.join(" ")).toBe(2);
    expect(ran()).toBe(before + 1);
  });

  test("on a terminal the commands are shown, and only a yes executes them", async () => {
    const before = ran();
    const refused = new TerminalCli(["resume"], elsewhere);
    await refused.shows("Execute this? [y/N]");
    expect(refused.shown).toContain("use: sh -c 'echo use");
    refused.press("\r");
    expect(await refused.ended).toEqual({ exitCode: 2, restored: true });
    expect(ran()).toBe(before);
    const interrupted = new TerminalCli(["resume"], elsewhere);
    await interrupted.shows("Execute this? [y/N]");
    interrupted.press("\u0003");
    expect(await interrupted.ended).toEqual({ exitCode: 130, restored: true });
    const agreed = new TerminalCli(["resume"], elsewhere);
    await agreed.shows("Execute this? [y/N]");
    agreed.press("y\r");
    expect((await agreed.ended).exitCode).toBe(1);
    expect(ran()).toBe(before + 1);
  });
});

/** A copy of the project whose registry says that another command is to be run, with all hashes made anew. */
function forge(): string {
  const copy = makeTemporaryFolder();
  cpSync(cwd, copy, { recursive: true });
  const [id = ""] = readdirSync(join(copy, ".runweave/sessions"));
  const path = join(copy, ".runweave/sessions", id, "plan.json");
  const plan = readFileSync(path, "utf8");
  const forged = plan.replaceAll("echo use >>ran", `touch ${join(copy, "pwned")}`);
  expect(forged).not.toBe(plan);
  writeFileSync(path, forged);
  const registry = join(copy, ".runweave/registry.sqlite");
  const database = new DatabaseSync(registry);
  const [before, after] = [digestPlan(plan), digestPlan(forged)];
  forgeLog(
    database,
    `UPDATE events SET body = replace(body, '${before}', '${after}');
     UPDATE sessions SET origin = replace(origin, '${before}', '${after}'); DELETE FROM homes`,
  );
  database.close();
  return copy;
}

test("a registry that was made anew as a whole, with a command of somebody else, is not executed unasked", async () => {
  const copy = forge();
  expect((await runCli(["verify"], { cwd: copy })).exitCode).toBe(0);
  for (const words of [["resume"], ["replay", "latest"]]) {
    const refused = await runCli(words, { cwd: copy });
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("error[not-confirmed]")]);
    expect(refused.stderr).toContain(`touch ${join(copy, "pwned")}`);
  }
  expect(existsSync(join(copy, "pwned"))).toBe(false);
});

test("a row that tells of another plan than the log is refused, whoever says yes", async () => {
  const copy = makeTemporaryFolder();
  cpSync(cwd, copy, { recursive: true });
  const { session_id } = await showSession({ cwd: copy });
  const path = join(copy, ".runweave/sessions", session_id, "plan.json");
  const plan = readFileSync(path, "utf8");
  const forged = plan.replace("echo use", "echo pwned");
  writeFileSync(path, forged);
  const database = new DatabaseSync(join(copy, ".runweave/registry.sqlite"));
  changeRegistry(
    database,
    `UPDATE sessions SET origin = replace(origin, '${digestPlan(plan)}', '${digestPlan(forged)}'); DELETE FROM homes`,
  );
  database.close();
  for (const words of [["resume"], ["replay", "latest"], ["rollback", "latest"]]) {
    const refused = await runCli([...words, "--yes"], { cwd: copy });
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("its row and the log differ")]);
  }
});

describe.runIf(isRoot)("with two users", () => {
  test("root executes nothing that another user's registry says, unless it trusts that and says yes", async () => {
    const shared = makeOrdinaryFolder();
    const keys = join(shared, "keys");
    const nobody = { cwd: shared, ...ordinaryUser, env: { HOME: shared, RUNWEAVE_KEYS: keys } };
    writeFileSync(join(shared, "w.yaml"), "runs: { a: { command: [sh, -c, 'id -u >>who; false'] } }\n");
    expect((await runCli(["run", "w.yaml"], nobody)).exitCode).toBe(1);
    const below = join(shared, "victim");
    mkdirSync(below);
    const state = join(shared, ".runweave");
    for (const words of [
      ["resume"],
      ["replay", "latest"],
      ["rollback", "latest"],
      ["reproduce", "a"],
      ["heal"],
      ["show"],
      ["gc", "--keep-last", "1"],
      ["doctor", "--rebuild", "x"],
    ]) {
      const at = await runCli([...words, "--registry", state], { cwd: below });
      expect([words, at.exitCode, at.stderr]).toEqual([
        words,
        3,
        expect.stringContaining("error[registry-not-trusted]"),
      ]);
    }
    const trusted = { cwd: below, env: { RUNWEAVE_TRUST: state } };
    const asked = await runCli(["resume", "--registry", state], trusted);
    expect([asked.exitCode, asked.stderr]).toEqual([
      2,
      expect.stringContaining(`others may have written the state folder: ${state} belongs to user `),
    ]);
    expect(readFileSync(join(shared, "who"), "utf8")).toBe("65534\n");
    await runCli(["resume", "--yes", "--registry", state], trusted);
    expect(readFileSync(join(shared, "who"), "utf8")).toBe("65534\n0\n");
  });

  test("Python of root imports nothing from a folder of another user", async () => {
    const shared = makeOrdinaryFolder();
    for (const name of ["platform", "json", "site", "venv"])
      writeFileSync(join(shared, `${name}.py`), `open(${JSON.stringify(join(shared, "pwned"))}, "w").close()\n`);
    const own = makeTemporaryFolder();
    const file = writeCommands(own, { a: { command: ["python3", "-c", "print(1)"], cwd: own } });
    const run = await runCli(["run", file, "--registry", join(own, "state")], { cwd: shared });
    expect([run.exitCode, existsSync(join(shared, "pwned"))]).toEqual([0, false]);
    rmSync(join(shared, "platform.py"));
  });
});
