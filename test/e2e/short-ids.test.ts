import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli } from "../rig/cli.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { shortId } from "../rig/short-id.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

/** An id that stands by itself, whole. */
const WHOLE = /(?:^|[\s(@])\d{4}-\d\d-\d\dT[\d.]+Z-[0-9a-f]{12}/m;

const cwd = makeSuiteFolder();
let first: SessionRecord;
let session: SessionRecord;
beforeAll(async () => {
  const make = { command: ["sh", "-c", 'echo 1 > "$0"', "${outputs.o.path}"], outputs: ["o"] };
  const use = { command: ["cp", "${inputs.o.path}", "${outputs.p.path}"], consumes: { o: "make" }, outputs: ["p"] };
  writeCommands(cwd, { make, use });
  await runCli(["run", "workflow.json"], { cwd });
  first = await showSession({ cwd });
  await runCli(["run", "workflow.json"], { cwd });
  session = await showSession({ cwd });
});

const idOf = (name: string) => session.runs.find(({ run }) => run === name)?.run_id ?? "";

test.each([
  ["show"],
  ["show", "use"],
  ["runs"],
  ["sessions"],
  ["lineage", "use"],
  ["why", "o@use"],
  ["diff", "make", "use"],
  ["taint", "o@make", "--dry-run"],
  ["gc", "--keep-last", "1"],
  ["replay", "latest", "--fresh", "make", "--dry-run"],
  ["run", "workflow.json"],
])("%s %s: ids are short; whole with --full-ids", async (...words) => {
  const short = await runCli(words, { cwd });
  expect([short.exitCode, short.stdout]).toEqual([0, expect.not.stringMatching(WHOLE)]);
  const whole = await runCli([...words, "--full-ids"], { cwd });
  expect([whole.exitCode, whole.stdout]).toEqual([0, expect.stringMatching(WHOLE)]);
});

test("every command that takes an id takes it as it is shown", async () => {
  const [make, use, whole] = [idOf("make"), idOf("use"), session.session_id].map(shortId) as [string, string, string];
  const commands = [
    ...["show", "errors", "verify", "lineage"].map((name) => [name, whole]),
    ...["show", "logs", "verify", "lineage", "tag"].map((name) => [name, make]),
    ...[
      ["why", "o", use],
      ["why", `o@${use}`],
      ["why", "--not", make, `o@${use}`],
      ["diff", make, use],
    ],
    ...[
      ["path", `o@${make}`],
      ["cat", `o@${make}`],
      ["runs", "--session", whole],
      ["show", "make", "--session", whole],
    ],
    ...[
      ["note", make, "a text"],
      ["alias", "set", "best", `o@${make}`],
      ["taint", `o@${make}`, "--reason", "x"],
    ],
    ...[
      ["heal", whole, "--dry-run"],
      ["heal", `o@${make}`, "--dry-run"],
      ["taint", "--clear", `o@${make}`],
    ],
    ...[
      ["run", "workflow.json", "--only", "use", "--from", whole],
      ["replay", whole, "--fresh", "make", "--dry-run"],
    ],
    ...[
      ["replay", whole, "--pin", `use.o=${shortId(first.runs[0]?.run_id)}`, "--dry-run"],
      ["resume", whole],
      ["rollback", whole],
    ],
  ];
  for (const words of commands) {
    const { exitCode, stderr } = await runCli(words, { cwd });
    expect([words.join(" "), exitCode, stderr.includes("error[")]).toEqual([words.join(" "), 0, false]);
  }
});

test("an entry of the trash is taken as it is listed", async () => {
  writeFileSync(join(cwd, "later"), "");
  await runCli(["gc", "--keep-last", "1", "--yes"], { cwd });
  const { stdout } = await runCli(["trash", "list"], { cwd });
  const [first = "", second = ""] = stdout.match(/gc-[0-9a-f]{8}(?= )/g) ?? [];
  expect((await runCli(["trash", "restore", first], { cwd })).exitCode).toBe(0);
  expect((await runCli(["trash", "empty", second, "--yes"], { cwd })).stdout).toContain("deleted 1 entry");
  expect((await runCli(["trash", "list"], { cwd })).stdout).not.toMatch(new RegExp(`${first}|${second}`));
});
