import { beforeAll, describe, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { runCli } from "../rig/cli.ts";
import { writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const cwd = makeSuiteFolder();

/** `make` saves two datasets; `use` reads one of them, and `other` the other one. */
beforeAll(async () => {
  const shell = "echo 1 > $0; echo 2 > $1";
  const make = { command: ["sh", "-c", shell, "${outputs.o.path}", "${outputs.q.path}"], outputs: ["o", "q"] };
  const copy = (from: string, to: string) => ({
    command: ["cp", `\${inputs.${from}.path}`, `\${outputs.${to}.path}`],
    consumes: { [from]: "make" },
    outputs: [to],
  });
  writeCommands(cwd, { make, use: copy("o", "p"), other: copy("q", "r") });
  expect((await runCli(["run", "workflow.json"], { cwd })).exitCode).toBe(0);
  for (const alias of ["champion", "second"]) await runCli(["alias", "set", alias, "o@make"], { cwd });
});

/** Each command that takes a session, a run or a version, with a version in its place: exit code, and what is printed. */
const COMMANDS: readonly [words: string[], exitCode: number, said: RegExp][] = [
  [["path", "VERSION"], 0, /\/o\n$/],
  [["cat", "VERSION"], 0, /^1\n$/],
  [["export", "VERSION", "copy", "--force"], 0, /-> copy/],
  [["alias", "set", "ALIAS", "VERSION"], 0, /-> o@/],
  [["alias", "move", "second", "VERSION"], 0, /-> o@/],
  [["why", "VERSION"], 0, /^make /],
  [["why", "o@use", "--not", "VERSION"], 0, /is the version of o that was chosen/],
  [["lineage", "VERSION", "--direction", "down"], 0, /o -> use(?![\s\S]*other)/],
  [["lineage", "VERSION", "--format", "openlineage"], 0, /"name":"make"/],
  [["show", "VERSION"], 0, /^Run make /],
  [["errors", "VERSION"], 0, /no run failed/],
  [["logs", "VERSION"], 0, /make printed nothing/],
  [["diff", "VERSION", "p@use"], 0, /1 of 1 run differs/],
  [["verify", "VERSION"], 0, /1 run/],
  [["reproduce", "VERSION"], 2, /not-a-git-repository/],
  [["tag", "VERSION", "team=red"], 0, /team=red/],
  [["note", "VERSION", "a word"], 0, /a word/],
  [["taint", "VERSION", "--dry-run"], 0, /o@\w+ is tainted/],
  [["taint", "--clear", "VERSION"], 2, /not-tainted/],
  [["heal", "VERSION"], 2, /not-tainted/],
  [["heal", "--with", "VERSION=r@other"], 2, /not-tainted/],
  [["replay", "VERSION", "--dry-run"], 0, /make +run/],
  [["replay", "latest", "--pin", "o@use=VERSION", "--dry-run"], 2, /use read that version/],
  [["cancel", "VERSION"], 2, /session-over/],
  [["pause", "VERSION"], 2, /make|is a run/],
  [["unpause", "VERSION"], 2, /make|is a run/],
  [["resume", "VERSION"], 0, /has succeeded/],
  [["rollback", "VERSION"], 2, /not-a-session/],
];

/** Commands that take nothing that ran. */
const OTHERS = "validate plan run simulate lock schema sessions runs gc trash adopt anchor doctor completion".split(
  " ",
);

test("the table has every command that takes a session, a run or a version", async () => {
  const hidden = ["why-not", "continue"];
  const all = (await createProgram(() => {})).commands.map((command) => command.name());
  const known = [...COMMANDS.map(([[name]]) => name), ...OTHERS, ...hidden];
  expect(all.filter((name) => !known.includes(name))).toEqual([]);
});

describe.each([["champion"], ["o@make"]])("%s", (version) => {
  test.each(COMMANDS)("%j takes it", async (words, exitCode, said) => {
    const args = words.map((word) => word.replace("VERSION", version).replace("ALIAS", `by-${version.length}`));
    const result = await runCli(args, { cwd });
    expect([args.join(" "), result.exitCode, result.stdout + result.stderr]).toEqual([
      args.join(" "),
      exitCode,
      expect.stringMatching(said),
    ]);
  });
});

/** Names in examples of the help. */
const EXAMPLES = /\b(?:train|prep|report|metrics|table|model\w*|regressor|churn|raw|d783fb92)\b/;

test.each([
  ["path", "nowhere"],
  ["cat", "nowhere@make"],
  ["export", "nowhere", "here"],
  ["alias", "set", "best", "nowhere"],
  ["alias", "set", "best"],
  ["taint", "nowhere", "--reason", "x"],
  ["taint", "--only-this"],
  ["taint", "o@make"],
  ["heal", "nowhere@make"],
  ["heal", "--with", "o@make"],
  ["why", "nowhere"],
  ["why", "o@use", "--not", "nowhere@make"],
  ["lineage"],
  ["lineage", "nowhere"],
  ["show", "nowhere"],
  ["diff", "nowhere", "make"],
  ["replay", "latest", "--set", "nowhere"],
  ["replay", "latest", "--set", "make.nowhere=1"],
  ["replay", "latest", "--pin", "nowhere"],
  ["replay", "latest", "--pin", "o@use=nowhere"],
  ["run", "workflow.json", "--set", "nowhere"],
  ["run", "workflow.json", "nowhere"],
  ["simulate", "workflow.json", "--faults", "nowhere"],
  ["simulate", "workflow.json", "--faults", "nowhere fails twice"],
  ["reproduce", "nowhere"],
  ["rollback", "nowhere"],
  ["tag", "make", "=x"],
  ["gc"],
])("%s %s %s %s: what is wrong is told without names that are not here", async (...args) => {
  const { exitCode, stderr } = await runCli(args, { cwd });
  expect([args.join(" "), exitCode, stderr]).toEqual([args.join(" "), 2, expect.not.stringMatching(EXAMPLES)]);
});
