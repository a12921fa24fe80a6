import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runCli, runJson } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

interface Validation {
  ok: boolean;
  problems: { code: string; message: string; file: string; line: number; column: number; hint: string | null }[];
}

const folder = makeSuiteFolder();

const FILES: Record<string, string | Buffer> = {
  "tabs.yaml": "runs:\n\ta: { command: [true] }\n",
  "unclosed.yaml": 'runs:\n  a: { command: ["true"\n',
  "binary.yaml": Buffer.from([0x00, 0x9f, 0x92, 0x96, 0xff]),
  "empty.yaml": "",
  "list.yaml": "- a\n- b\n",
  "broken.json": '{"runs": {"a": {"command": ["true"],}}}',
  "duplicate.yaml": "runs:\n  a: { command: [one] }\n  a: { command: [two] }\n",
  "unknown-key.yaml": "runs:\n  a: { comand: [one] }\n",
  "unknown-run.yaml":
    "runs:\n  prepare: { command: [one], outputs: [t] }\n  b:\n    command: [two]\n    consumes: { t: prepaer }\n",
  "cycle.yaml": "runs:\n  a: { command: [one], needs: [b] }\n  b: { command: [two], needs: [a] }\n",
  "throws.ts": "throw new Error('no such luck');\n",
  "nothing.ts": "export const runs = {};\n",
};

beforeAll(() => {
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
  mkdirSync(join(folder, "folder.yaml"));
});

const NOBODY = 65534;

test("a file that this user may not read is a problem of permissions", async () => {
  const file = join(folder, "secret.yaml");
  writeFileSync(file, "runs: { a: { command: [one] } }\n");
  chmodSync(file, 0);
  chmodSync(folder, 0o755);
  // To root nothing is unreadable.
  const user = process.getuid?.() === 0 ? { uid: NOBODY } : {};
  const { exitCode, value } = await runJson<Validation>(["validate", file], {
    cwd: folder,
    env: { HOME: folder },
    ...user,
  });
  expect(value.problems).toMatchObject([{ code: "file-unreadable", line: 1, hint: "check its permissions" }]);
  expect(exitCode).toBe(2);
});

describe("a file that is no workflow", () => {
  test.each([
    ["absent.yaml", null],
    ["folder.yaml", null],
    ["tabs.yaml", 2],
    ["unclosed.yaml", 3],
    ["binary.yaml", null],
    ["empty.yaml", null],
    ["list.yaml", 1],
    ["broken.json", 1],
    ["duplicate.yaml", 3],
    ["unknown-key.yaml", 2],
    ["unknown-run.yaml", 5],
    ["cycle.yaml", 3],
    ["throws.ts", null],
    ["nothing.ts", null],
  ])("%s: every command exits with 2 and says what is wrong and where", async (name, line) => {
    const [{ exitCode, value }, ...others] = await Promise.all([
      runJson<Validation>(["validate", name], { cwd: folder }),
      runCli(["run", name], { cwd: folder }),
      runCli(["plan", name], { cwd: folder }),
    ]);
    expect(exitCode).toBe(2);
    expect(value.ok).toBe(false);
    expect(value.problems.length).toBeGreaterThan(0);
    for (const problem of value.problems) {
      expect(Object.keys(problem)).toEqual(
        expect.arrayContaining(["code", "message", "file", "line", "column", "hint"]),
      );
      expect(problem.message).not.toBe("");
    }
    if (line !== null) expect(value.problems[0]).toMatchObject({ file: expect.stringContaining(name), line });
    for (const { exitCode: code, stdout, stderr } of others) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(`[${value.problems[0]?.code}]`);
      expect(stderr).not.toMatch(/\n\s+at .*\.(js|ts):\d+/);
    }
  });

  test("a name that is nearly right is suggested", async () => {
    const key = await runJson<Validation>(["validate", "unknown-key.yaml"], { cwd: folder });
    expect(key.value.problems[0]?.hint).toContain('"command"');
    const run = await runJson<Validation>(["validate", "unknown-run.yaml"], { cwd: folder });
    expect(run.value.problems[0]?.hint).toContain('"prepare"');
  });

  test("every problem of a file is reported at once, for people with the line that it is about", async () => {
    writeFileSync(
      join(folder, "many.yaml"),
      "max_paralel: 2\nruns:\n  a: { command: [one], needs: [c], timeout: soon }\n  9b: { command: [two] }\n",
    );
    const { value } = await runJson<Validation>(["validate", "many.yaml"], { cwd: folder });
    expect(value.problems.map(({ line }) => line).toSorted()).toEqual([1, 3, 3, 4]);
    const { stdout } = await runCli(["validate", "many.yaml"], { cwd: folder });
    expect(stdout).toContain("1 | max_paralel: 2");
    expect(stdout).toContain("4 errors");
    expect(stdout).toMatch(/more may follow once these are mended.*\n$/);
  });

  test("runs that are right in the file are looked at further, and what is wrong with them is told as well", async () => {
    const runs = [
      "a: { command: [one], timeout: soon }",
      "b: { command: [two], needs: [a] }",
      "c: { command: [three], consumes: { x: { file: nowhere.csv } } }",
    ];
    writeFileSync(join(folder, "two-stages.yaml"), `runs:\n${runs.map((run) => `  ${run}\n`).join("")}`);
    const { exitCode, value } = await runJson<Validation>(["validate", "two-stages.yaml"], { cwd: folder });
    expect([exitCode, value.problems.map(({ line, code }) => [line, code])]).toEqual([
      2,
      [
        [2, "invalid-duration"],
        [4, "input-missing"],
      ],
    ]);
    const { stdout } = await runCli(["validate", "two-stages.yaml"], { cwd: folder });
    expect(stdout).toMatch(/more may follow once these are mended: runs that are wrong in the file.*\n$/);
  });

  test("a project that can't be asked is one problem among those of the file", async () => {
    const runs = "a: { command: [one], timeout: soon }, k: { pipeline: p, python: ./no-python }";
    writeFileSync(join(folder, "no-python.yaml"), `project: .\nruns: { ${runs} }\n`);
    const { exitCode, value } = await runJson<Validation>(["validate", "no-python.yaml"], { cwd: folder });
    expect(exitCode).toBe(2);
    expect(value.problems.map(({ code }) => code)).toEqual(["invalid-duration", "python-missing"]);
  });

  test("run --json of a wrong file still prints JSON alone on stdout", async () => {
    const { exitCode, stdout } = await runCli(["run", "unknown-key.yaml", "--json"], { cwd: folder });
    expect(exitCode).toBe(2);
    const lines = stdout.trim().split("\n");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
      type: "error",
      problems: [{ line: 2, hint: expect.stringContaining("command") }],
    });
  });
});

describe("wrong usage", () => {
  test.each([
    ["no file", ["run"]],
    ["an unknown command", ["rum", "x.yaml"]],
    ["an unknown option", ["run", "x.yaml", "--paralel", "2"]],
    ["no number", ["run", "x.yaml", "--max-parallel", "many"]],
    ["zero", ["run", "x.yaml", "--max-parallel", "0"]],
    ["an unknown policy", ["run", "x.yaml", "--on-failure", "shrug"]],
    ["an unknown status", ["runs", "--status", "fine"]],
    ["no time", ["runs", "--since", "yesterday"]],
    ["two formats", ["plan", "x.yaml", "--mermaid", "--dot"]],
    ["no registry there", ["show", "--registry", "nowhere"]],
    ["an unknown shell", ["completion", "tcsh"]],
  ])("%s: exit code 2, a message and no trace", async (_, args) => {
    const { exitCode, stdout, stderr } = await runCli(args, { cwd: folder });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/error/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test("--help and --version exit with 0", async () => {
    expect(await runCli(["--version"])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    const { exitCode, stdout } = await runCli(["--help"]);
    expect(exitCode).toBe(0);
    for (const command of ["run", "plan", "validate", "show", "runs", "sessions", "lineage", "logs"])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
  });

  test("no command at all shows the help, as an error", async () => {
    const { exitCode, stderr } = await runCli([]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Usage: runweave");
  });

  test("every command that reads or writes a registry takes --registry and --json", async () => {
    for (const command of ["run", "plan", "validate", "show", "runs", "sessions", "lineage", "logs", "doctor"]) {
      const { stdout } = await runCli([command, "--help"]);
      expect(stdout).toContain("--registry <path>");
      expect(stdout).toContain("--json");
    }
  });
});
