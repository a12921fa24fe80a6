import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { Reproduction } from "../../src/core/answer/reproduction.ts";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { formatRuns, readOutputs, showSession } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { writeFiles } from "../rig/toy-project.ts";

const SCORE = `import { readFile } from "node:fs/promises";
import { defineModule } from "runweave";
import { twice } from "times";
import { keep, type Row } from "./lib/keep.ts";

interface Params { least: number; tone: { word: string }; key: string }

export default defineModule<Params, "numbers", "scores">(async ({ inputs, params, reportMetrics }) => {
  const rows: Row[] = (await readFile(inputs.numbers, "utf8")).trim().split("\\n").map(Number);
  reportMetrics({ rows: rows.length, hasKey: params.key === "s3cret-key" });
  return { scores: keep(rows, params.least).map((row) => params.tone.word + twice(row)) };
});
`;

const TOTAL = `import { readFileSync, writeFileSync } from "node:fs";
export default ({ inputs, outputs }) => {
  const scores = Object.keys(inputs).sort().map((name) => JSON.parse(readFileSync(inputs[name], "utf8")));
  writeFileSync(outputs.total, JSON.stringify(scores));
};
`;

const WORKFLOW = `
name: scoring
defaults: { cache: on }
runs:
  numbers:
    command: [sh, -c, 'seq 1 4 > "$1"', seq, "\${outputs.numbers.path}"]
    outputs: [numbers]
  score:
    module: ./score.ts
    matrix: { least: [1, 3] }
    params: { least: "\${matrix.least}", tone: { word: n }, key: "\${env:SCORE_KEY}" }
    consumes: { numbers: numbers }
    outputs: [scores]
  total:
    module: total.mjs
    consumes:
      a: { run: score, where: { least: 1 }, dataset: scores }
      b: { run: score, where: { least: 3 }, dataset: scores }
    outputs: { total: dist/total.json }
`;

const home = makeSuiteFolder();
const file = join(home, "flow.yaml");
const inHome = { cwd: home, env: { SCORE_KEY: "s3cret-key" } };
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@x", ...args], { cwd: home, encoding: "utf8" });

/** `numbers reused`, `score[least=1] the code in lib/keep.ts has changed`. */
async function run(...args: string[]): Promise<string[]> {
  const { events, exitCode } = await runEvents(file, { ...inHome, args });
  expect([exitCode, events.filter(({ type }) => type === "run.failed")]).toEqual([0, []]);
  return events.flatMap((event: RunEvent) => {
    if (event.type === "run.reused") return [`${event.run} reused`];
    if (event.type !== "run.resolved") return [];
    return [`${event.run} ${event.cache?.reason.replace(/ since .*/, "") ?? "executed"}`];
  });
}

/** What `work` finds while a file is another one. */
async function during<T>(path: string, change: (text: string) => string, work: () => Promise<T>): Promise<T> {
  const before = readFileSync(join(home, path), "utf8");
  expect(change(before)).not.toBe(before);
  writeFileSync(join(home, path), change(before));
  try {
    return await work();
  } finally {
    writeFileSync(join(home, path), before);
  }
}

beforeAll(async () => {
  writeFiles(home, {
    "flow.yaml": WORKFLOW,
    "score.ts": SCORE,
    "total.mjs": TOTAL,
    "lib/keep.ts": `import { least } from "./made.ts";
export type Row = number;
export const keep = (rows: Row[], from: number): Row[] => rows.filter((row) => row >= from + least);
`,
    "lib/made.ts": "export const least = 0;\n",
    "node_modules/times/package.json": '{"name":"times","version":"1.0.0","type":"module","exports":"./index.js"}',
    "node_modules/times/index.js": "export const twice = (n) => 2 * n;\n",
    ".gitignore": "node_modules\n.runweave\ndist\nlib/made.ts\n",
  });
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "first");
  const executed = ["numbers", "score[least=1]", "score[least=3]", "total"];
  expect(await run()).toEqual(executed.map((name) => `${name} new: nothing to reuse`));
});

describe("a workflow of modules", () => {
  test("saves what they return and write, and records parameters and metrics, no secret among them", async () => {
    const session = await showSession(inHome);
    expect(readOutputs(session)).toMatchObject({
      "score[least=1].scores": '["n2","n4","n6","n8"]\n',
      "score[least=3].scores": '["n6","n8"]\n',
      "total.total": '[["n2","n4","n6","n8"],["n6","n8"]]',
    });
    expect(session.runs[1]).toMatchObject({
      kind: "module",
      runtime_params: { least: 1, tone: { word: "n" }, key: "${env:SCORE_KEY}" },
      metrics: { rows: 4, hasKey: true },
      warnings: [],
    });
    expect(JSON.stringify(session)).not.toContain("s3cret-key");
    expect(readFileSync(join(home, "dist/total.json"), "utf8")).toBe('[["n2","n4","n6","n8"],["n6","n8"]]');
    expect((await runCli(["verify"], inHome)).exitCode).toBe(0);
    expect((await runCli(["doctor", file], inHome)).exitCode).toBe(0);
  });

  test("is planned and simulated as what it is", async () => {
    const { stdout } = await runCli(["plan", file], inHome);
    expect(stdout).toMatch(/score\[least=3\] +module +score\.ts\n/);
    const { value } = await runJson<{ runs: object[] }>(["plan", file], inHome);
    expect(value.runs[1]).toMatchObject({ run: "score[least=1]", kind: "module", module: join(home, "score.ts") });
    expect((await runCli(["simulate", file], inHome)).exitCode).toBe(0);
  });

  test("has its problems told where they are, before anything runs", async () => {
    await during(
      "flow.yaml",
      (text) => text.replace("total.mjs", "totals.py"),
      async () => {
        writeFileSync(join(home, "totals.py"), "");
        const { exitCode, stdout } = await runCli(["validate", file], inHome);
        expect(exitCode).toBe(2);
        expect(stdout).toMatch(/flow\.yaml:15:13 +error\[invalid-module\] +total: .*totals\.py is not a TypeScript/);
        expect(stdout).toContain("command: [python, totals.py]");
        rmSync(join(home, "totals.py"));
      },
    );
  });
});

describe("reuse", () => {
  const reused = ["numbers reused", "score[least=1] reused", "score[least=3] reused", "total reused"];
  const scores = (why: string) => ["numbers reused", `score[least=1] ${why}`, `score[least=3] ${why}`];

  test("nothing has changed: no module is executed", async () => expect(await run()).toEqual(reused));

  test("names the file, the package or the parameter that has changed", async () => {
    /** What the runs say with a file changed; then they are executed as they were, to be compared with. */
    const changed = async (path: string, change: (text: string) => string) => {
      const said = await during(path, change, run);
      await run("--fresh");
      return said;
    };
    expect(await changed("lib/keep.ts", (text) => `${text}// more\n`)).toEqual([
      ...scores("the code in lib/keep.ts has changed"),
      "total reused",
    ]);
    expect((await changed("lib/made.ts", (text) => `${text}// more\n`))[1]).toBe(
      "score[least=1] the code in lib/made.ts has changed",
    );
    expect((await changed("node_modules/times/package.json", (text) => text.replace("1.0.0", "1.0.1")))[1]).toBe(
      "score[least=1] the code in package times has changed",
    );
    expect(await changed("flow.yaml", (text) => text.replace("word: n", "word: m"))).toEqual([
      ...scores("the parameter tone.word has changed"),
      "total the content of 'a' has changed (and 1 more)",
    ]);
  });

  test("a secret counts by its value, which nobody can tell from what is kept", async () => {
    const { events } = await runEvents(file, { cwd: home, env: { SCORE_KEY: "another" } });
    const reasons = events.flatMap((event) => (event.type === "run.resolved" ? [event.cache?.reason] : []));
    expect(reasons[0]).toMatch(/^the parameter key has changed since /);
    expect(JSON.stringify(events)).not.toContain("another");
  });

  test("what a module imports by a computed name can't be compared: it is executed, and its plan says why", async () => {
    const again = () =>
      during("score.ts", (text) => `${text}export const load = (name: string) => import(name);\n`, run);
    expect((await again()).slice(1, 3)).toEqual(
      ["1", "3"].map((least) => `score[least=${least}] score.ts imports by a name that is computed`),
    );
  });
});

describe("done again", () => {
  test("replay sets a parameter: what that touches is executed, the rest linked", async () => {
    const { session_id } = await sessionOf(await runEvents(file, inHome));
    const set = "score[least=3].params.tone.word=x";
    const { exitCode } = await runCli(["replay", session_id, "--set", set], inHome);
    expect(exitCode).toBe(0);
    const replayed = await showSession(inHome);
    expect(formatRuns(replayed)).toMatchObject({
      numbers: "reused 1",
      "score[least=1]": "reused 1",
      "score[least=3]": "success 1",
    });
    expect(readOutputs(replayed)["total.total"]).toBe('[["n2","n4","n6","n8"],["x6","x8"]]');
    const refused = await runCli(["replay", session_id, "--set", "score.command.0=x"], inHome);
    expect(refused.stderr).toContain("what can be set: params.NAME, environment.NAME");
  });

  test("reproduce takes the module of the commit, what git does not have of it, and its packages", async () => {
    await during(
      "score.ts",
      (text) => text.replace("params.tone.word +", "'changed' +"),
      async () => {
        const { runs } = await firstSession();
        const score = runs.find((each) => each.run === "score[least=3]")?.run_id ?? "";
        const { exitCode, value } = await runJson<Reproduction>(["reproduce", score], inHome);
        expect({ exitCode, verdict: value.verdict }).toEqual({ exitCode: 0, verdict: "identical" });
      },
    );
  });

  test("a lock holds its files, packages and parameters, and no path of this installation or of the folder", async () => {
    expect((await runCli(["lock", file], inHome)).exitCode).toBe(0);
    const text = readFileSync(join(home, "flow.lock.json"), "utf8");
    const { score } = JSON.parse(text).runs;
    expect(score).toMatchObject({
      task: { module: "score.ts", params: { tone: { word: "n" }, key: "${env:SCORE_KEY}" } },
      code: {
        "score.ts": expect.stringMatching(/^sha256:/),
        "lib/made.ts": expect.any(String),
        "package times": "1.0.0",
      },
      arms: { "least=1": { task: { params: { least: 1 } } } },
    });
    expect(score.unlocked ?? []).toEqual([]);
    for (const hidden of [home, inject("packageFolder"), "module-host", "s3cret-key"])
      expect(text).not.toContain(hidden);
    expect((await runCli(["run", file, "--locked"], inHome)).exitCode).toBe(0);
    const drifted = () =>
      during(
        "lib/keep.ts",
        (code) => `${code}// more\n`,
        () => runCli(["lock", file, "--check"], inHome),
      );
    expect((await drifted()).stdout).toContain("lib/keep.ts");
  });
});

async function sessionOf({ events }: { events: RunEvent[] }): Promise<{ session_id: string }> {
  const [first] = events;
  if (first === undefined) throw new Error("nothing was told");
  return first;
}

async function firstSession(): Promise<SessionRecord> {
  const { value } = await runJson<{ sessions: { session_id: string }[] } | { session_id: string }[]>(
    ["sessions"],
    inHome,
  );
  const all = Array.isArray(value) ? value : value.sessions;
  return await showSession(inHome, all.at(-1)?.session_id);
}
