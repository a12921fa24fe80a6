import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Comparison } from "../../src/compose/compare-runs.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import type { LogReport } from "../../src/explain/check-log.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const WORKFLOW = `
name: chain
runs:
  prep:
    command: [cp, "\${inputs.raw.path}", "\${outputs.table.path}"]
    consumes: { raw: { file: raw.csv } }
    outputs: { table: table.csv }
  other: { command: [sh, -c, "echo same > $0", "\${outputs.x.path}"], outputs: [x] }
  report:
    command: [sh, -c, 'cp "$0" "$1"; echo "{\\"rows\\": $(wc -l < "$0")}" > "$RUNWEAVE_METRICS"', "\${inputs.table.path}", "\${outputs.copy.path}"]
    consumes: { table: prep }
    outputs: [copy]
`.replace('"${outputs.table.path}"]', "table.csv]");

test("from a changed metric diff leads to the raw file that changed, and verify finds the log and the data whole", async () => {
  const cwd = makeTemporaryFolder();
  writeFileSync(join(cwd, "w.yaml"), WORKFLOW);
  const sessions: string[] = [];
  for (const rows of ["1,2\n", "1,2\n", "1,2\n3,4\n"]) {
    writeFileSync(join(cwd, "raw.csv"), `a,b\n${rows}`);
    expect((await runCli(["run", "w.yaml"], { cwd })).exitCode).toBe(0);
    sessions.push((await runJson<SessionRecord>(["show"], { cwd })).value.session_id);
  }
  const [first = "", same = "", changed = ""] = sessions;
  const diff = async (a: string, b: string) => (await runJson<Comparison>(["diff", a, b], { cwd })).value;
  const equal = await diff(first, same);
  expect(equal).toMatchObject({ compared: 3, first_cause: null });
  // How long a run took is never the same.
  const parts = equal.runs.flatMap(({ differences }) => differences.map(({ part }) => part));
  expect(parts.filter((part) => part !== "durations")).toEqual([]);

  const found = await diff(same, changed);
  const changedRuns = ({ runs }: Comparison) =>
    runs.filter(({ differences }) => differences.some(({ part }) => part !== "durations")).map(({ run }) => run);
  expect(changedRuns(found)).toEqual(["prep", "report"]);
  expect(found.first_cause).toMatchObject({ run: "prep", part: "pins", key: "raw" });
  const [prep, report] = ["prep", "report"].map((name) => found.runs.find(({ run }) => run === name));
  expect(prep?.differences).toContainEqual(expect.objectContaining({ part: "outputs", key: "table.rows", a: 1, b: 2 }));
  expect(report?.differences).toContainEqual({ part: "metrics", key: "rows", a: 2, b: 3 });
  const runOf = async (session: string) =>
    (await runJson<SessionRecord>(["show", session], { cwd })).value.runs.find(({ run }) => run === "report")?.run_id ??
    "";
  const runs = await diff(await runOf(same), await runOf(changed));
  expect(changedRuns(runs)).toEqual(["prep", "report"]);
  expect((await runCli(["diff", same, changed], { cwd })).stdout).toContain("first cause: pins of prep: raw: sha256:");

  // Names are looked for in the session that is named, and ids stand for themselves.
  const within = await runJson<Comparison>(["diff", "prep", await runOf(changed), "--session", same], { cwd });
  const [prepOfSame] = (await runJson<SessionRecord>(["show", same], { cwd })).value.runs;
  expect([within.exitCode, within.value.a]).toEqual([0, prepOfSame?.run_id]);

  const unlike = await runJson<{ code: string }>(["diff", same, "report"], { cwd });
  expect([unlike.exitCode, unlike.value.code]).toEqual([2, "unlike"]);
  const { exitCode, value } = await runJson<{ ok: boolean; log: LogReport }>(["verify", "--all"], { cwd });
  expect([exitCode, value.ok]).toEqual([0, true]);
  const again = await runJson<{ log: LogReport }>(["verify", "--expect", value.log.head ?? ""], { cwd });
  expect([again.exitCode, again.value.log.found]).toEqual([0, value.log.events]);
});

test("a commit that changes one parameter is named by that parameter, where it had an effect", async () => {
  const cwd = makeTemporaryFolder();
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@x", ...args], { cwd });
  git("init", "-q");
  const out = "${outputs.o.path}";
  const write = (text: string) => {
    const runs = {
      prep: { command: ["sh", "-c", 'echo same > "$1"', "sh", out], outputs: ["o"] },
      train: {
        command: ["sh", "-c", 'echo "$2" > "$1"', "sh", out, text],
        consumes: { i: { run: "prep", dataset: "o" } },
        outputs: ["o"],
      },
    };
    writeFileSync(join(cwd, "w.json"), JSON.stringify({ name: "w", runs }));
    git("add", ".");
    git("commit", "-qm", text);
  };
  const sessions: string[] = [];
  for (const text of ["one", "two"]) {
    write(text);
    await runCli(["run", "w.json"], { cwd });
    sessions.push((await runJson<SessionRecord>(["show"], { cwd })).value.session_id);
  }
  const { value } = await runJson<Comparison>(["diff", ...sessions], { cwd });
  expect(value.first_cause).toMatchObject({ run: "train", part: "command", key: "argv" });
  expect(value.runs[0]?.differences).toContainEqual(expect.objectContaining({ part: "code", key: "commit" }));
});

test("a variable of a command that has changed is the first cause; a hidden value is told apart, and not told", async () => {
  const cwd = makeTemporaryFolder();
  const script = 'echo "$LEVEL $TOKEN" > "$0"';
  const train = {
    command: ["sh", "-c", script, "${outputs.o.path}"],
    environment: { LEVEL: "low", TOKEN: "${env:TOKEN}" },
    outputs: ["o"],
  };
  writeFileSync(join(cwd, "w.json"), JSON.stringify({ name: "w", runs: { train } }));
  const env = { TOKEN: "secret-1" };
  expect((await runCli(["run", "w.json"], { cwd, env })).exitCode).toBe(0);
  const replay = ["replay", "latest", "--set", "train.environment.LEVEL=high"];
  const replayed = await runCli(replay, { cwd, env });
  expect(replayed.stdout).toContain("first cause: command of train: environment.LEVEL: low -> high\n");
  const other = await runCli(["replay", "train"], { cwd, env: { TOKEN: "secret-2" } });
  expect(other.stdout).toMatch(
    /first cause: command of train: \$\{env:TOKEN\}: hidden value \w{8} -> hidden value \w{8}\n/,
  );
  expect(other.stdout + replayed.stdout).not.toContain("secret-");
  expect(other.stderr).toContain("get the present values");
});

test("changed code is told of each variant that reaches it", async () => {
  const cwd = makeTemporaryFolder();
  const workflow = `
runs:
  train:
    matrix: { k: [1, 2] }
    command: [sh, train.sh, "\${outputs.model.path}", "\${matrix.k}"]
    outputs: [model]
`;
  writeFileSync(join(cwd, "w.yaml"), workflow);
  const sessions: string[] = [];
  for (const code of ['echo "$2" > "$1"', 'echo "new $2" > "$1"']) {
    writeFileSync(join(cwd, "train.sh"), code);
    expect((await runCli(["run", "w.yaml", "--cache", "on"], { cwd })).exitCode).toBe(0);
    sessions.push((await runJson<SessionRecord>(["show"], { cwd })).value.session_id);
  }
  const { value } = await runJson<Comparison>(["diff", ...sessions], { cwd });
  const code = value.runs.map(({ run, differences }) => [run, differences.some(({ part }) => part === "code")]);
  expect(code).toEqual([
    ["train[k=1]", true],
    ["train[k=2]", true],
  ]);
});
