import { chmodSync, cpSync, globSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runCli, runEvents } from "../rig/cli.ts";
import { readPage } from "../rig/page-blocks.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { writeFiles } from "../rig/toy-project.ts";

const ROOT = join(import.meta.dirname, "../..");
const folder = makeSuiteFolder();
const SECTIONS = readSections();

/** The codes below each heading of the page: the first column of its table. */
function readSections(): Map<string, string[]> {
  const sections = readPage("docs/troubleshooting.md").split(/^## /m).slice(1);
  return new Map(
    sections.map((text) => {
      const codes = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, code = ""]) => code);
      return [text.slice(0, text.indexOf("\n")), codes];
    }),
  );
}

function listCodes(heading: string): string[] {
  const codes = SECTIONS.get(heading);
  if (codes === undefined) throw new Error(`the page has no heading "${heading}"`);
  return codes;
}

const WORKFLOW_WRONG = "The workflow file is wrong: exit code 2";
const USAGE_WRONG = "A command cannot do what was asked: exit code 2";
const RUN_FAILED = "A run failed: exit code 1";
const ENVIRONMENT_WRONG = "The environment is wrong: exit code 3";
const WARNINGS = "Warnings: nothing stops, but look at them once";

const OK = `runs: { ok: { command: [sh, -c, 'echo 1 > "$0"', "\${outputs.n.path}"], outputs: [n] } }\n`;
const FILES = {
  "ok.yaml": OK,
  "wrong.yaml": `runs:
  unset: { command: [echo, "\${env:RUNWEAVE_IS_NOT_SET}"] }
`,
  "big.yaml": "runs: { big: { command: [echo], resources: { cpu: 100000 } } }\n",
  "python.yaml": "project: p\npython: /nowhere/python\nruns: { a: { pipeline: x } }\n",
  "p/pyproject.toml": "[tool.kedro]\n",
  "damaged/registry.sqlite": "this is no database, and never was one",
  "in.txt": "1\n",
  "fails.yaml": `on_failure: continue
runs:
  fails: { command: ["false"] }
  slow: { command: [sleep, "60"], timeout: 1s }
  lost: { command: ["true"], outputs: [n] }
  absent: { command: [there-is-no-such-program] }
  new: { command: ["true"], cache: only }
  refused: { command: [sh, -c, 'mkfifo "$0"', "\${outputs.n.path}"], outputs: [n] }
  changed: { command: [sh, -c, "echo 2 >> in.txt"], consumes: { t: { file: in.txt } } }
`,
};

/** Calls whose first text is no code: names of answers, of rules, of what is checked, of kinds of events. */
const NO_MAKERS = new Set(["Set", "add", "exclude", "findingFail", "findingWarn", "import", "keep", "writeAnswer"]);
/** A text of small letters and hyphens that is the first, or the first after a place, in a call. */
const MADE = /(?<![\w$.])([A-Za-z_]+)\(\s*(?:(?:[^"'`(){};]|\([^()]*\))*?,\s*)?"([a-z]+(?:-[a-z]+)*)"/g;

/** Codes in the source: given to what makes errors, problems and findings, or as a field `code`. */
function listPrintedCodes(): string[] {
  const sources = globSync("src/**/*.{ts,py}", { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), "utf8"));
  const codes = sources.flatMap((source) => [
    ...[...source.matchAll(MADE)].flatMap(([, maker = "", code = ""]) => {
      // Names of errors' makers tell that a single word is a code; else it may be a field, a status or a kind.
      const isCode = code.includes("-") || /(?:Error|Problem|problemAt|warningAt)$/.test(maker);
      return isCode && !NO_MAKERS.has(maker) ? [code] : [];
    }),
    ...[...source.matchAll(/\bcode[:=] ?"([a-z]+(?:-[a-z]+)*)"/g)].map(([, code = ""]) => code),
  ]);
  return [...new Set(codes)].sort();
}

/** Codes of errors, and of problems, that a command prints with --json. */
async function readCodes(args: readonly string[], cwd = folder): Promise<{ exitCode: number | null; codes: string[] }> {
  const { exitCode, stdout } = await runCli([...args, "--json"], { cwd });
  const { code, problems = [] } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  return { exitCode, codes: [code, ...problems.map((problem: { code: string }) => problem.code)] };
}

/** Problems of the corpora of mistakes, whose own tests compare them with what is found. */
function readCorpora(kind: "" | "warning "): Set<string> {
  const files = globSync("test/{define,compose}/cases/**/*.txt", { cwd: ROOT });
  const line = new RegExp(`^> \\d+:\\d+ ${kind}([A-Za-z]+(?:[-_][A-Za-z]+)*)(?::| |$)`, "gm");
  return new Set(
    files.flatMap((file) => [...readFileSync(join(ROOT, file), "utf8").matchAll(line)].map(([, code = ""]) => code)),
  );
}

beforeAll(async () => {
  writeFiles(folder, FILES);
  for (const _ of [1, 2]) expect((await runCli(["run", "ok.yaml"], { cwd: folder })).exitCode).toBe(0);
  for (const name of ["copy", "open"]) mkdirSync(join(folder, name));
  chmodSync(join(folder, "open"), 0o777);
  cpSync(join(folder, ".runweave"), join(folder, "copy/.runweave"), { recursive: true });
});

describe("docs/troubleshooting.md", () => {
  it("has codes that the source has, each once in its table", () => {
    const sources = globSync("src/**/*.{ts,py}", { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), "utf8"));
    const source = sources.join("\n");
    const isThere = (code: string) => new RegExp(`["'\`| ]${code}["'\`]|class ${code}\\(`).test(source);
    for (const [heading, codes] of SECTIONS) {
      expect([heading, codes.filter((code) => !isThere(code))]).toEqual([heading, []]);
      expect([heading, new Set(codes).size]).toEqual([heading, codes.length]);
    }
  });

  it("has every code that the source can print", () => {
    const page = readPage("docs/troubleshooting.md");
    const cells = [...page.matchAll(/^\| (`[^|]+`) \|/gm)].map(([, cell = ""]) => cell);
    const known = new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code)));
    const codes = listPrintedCodes();
    expect(codes.length).toBeGreaterThan(200);
    expect(codes.filter((code) => !known.has(code))).toEqual([]);
  });

  it("has exit code 2 for problems of the workflow", async () => {
    const found = readCorpora("");
    for (const file of ["wrong.yaml", "big.yaml", "absent.yaml"]) {
      const { exitCode, codes } = await readCodes(["validate", file]);
      expect(exitCode).toBe(2);
      for (const code of codes) found.add(code);
    }
    // Versions of earlier sessions that are forged or executed when they are loaded: forged-claims.test.ts, forged-tables.test.ts.
    const elsewhere = ["executing-class", "version-unlogged", "alias-unlogged", "version-misplaced"];
    expect(listCodes(WORKFLOW_WRONG).filter((code) => !found.has(code) && !elsewhere.includes(code))).toEqual([]);
  });

  it("has what is a warning, and stops nothing, below warnings", () => {
    const found = readCorpora("warning ");
    // Each of these has a test of its own beside the plan, and state folders.
    const elsewhere = ["two-formats", "registry-older", "undeclared-parameter"];
    expect(listCodes(WARNINGS).filter((code) => !found.has(code) && !elsewhere.includes(code))).toEqual([]);
  });

  it.each<[code: string, exitCode: number, ...args: string[]]>([
    ["unknown-session", 2, "show", "1999"],
    ["unknown-run", 2, "show", "nope"],
    ["ambiguous-id", 2, "show", "2"],
    ["no-registry", 2, "show", "--registry", "p"],
    ["session-over", 2, "cancel", "latest"],
    ["unknown-pin", 2, "why", "nope", "ok"],
    ["unknown-alias", 2, "alias", "list", "nope"],
    ["missing-retention", 2, "gc"],
    ["no-reason", 2, "taint", "n@ok"],
    ["no-workflow", 2, "validate"],
    ["invalid-setting", 2, "run", "ok.yaml", "--set", "ok"],
    ["unknown-field", 2, "run", "ok.yaml", "--set", "ok.parms.x=1"],
    ["no-lock", 2, "run", "ok.yaml", "--locked"],
    ["python-missing", 3, "validate", "python.yaml"],
    ["registry-moved", 3, "gc", "--keep-last", "1", "--yes", "--registry", "copy/.runweave"],
    ["registry-corrupt", 3, "show", "--registry", "damaged"],
    ["registry-not-trusted", 3, "show", "--registry", "open"],
  ])("has the exit code of %s, which is %i", async (code, exitCode, ...args) => {
    expect(listCodes(exitCode === 2 ? USAGE_WRONG : ENVIRONMENT_WRONG)).toContain(code);
    const answer = await readCodes(args);
    expect(answer.codes).toContain(code);
    expect(answer.exitCode).toBe(exitCode);
  });

  it("has what a run fails with, and exit code 1", async () => {
    const { exitCode, events } = await runEvents("fails.yaml", { cwd: folder });
    const types = events.flatMap((event) => (event.type === "run.failed" ? [event.exception.type] : []));
    expect(exitCode).toBe(1);
    expect(types).toHaveLength(7);
    expect(listCodes(RUN_FAILED)).toEqual(expect.arrayContaining(types));
  });
});
