import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runJson } from "../rig/cli.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const shell = (script: string, outputs: string[]) => ({
  command: ["sh", "-c", script, "sh", ...outputs.map((name) => `\${outputs.${name}.path}`)],
  outputs,
});

describe("what a run saved", () => {
  const cwd = makeSuiteFolder();
  let session: SessionRecord;
  let place = "";
  beforeAll(async () => {
    const runs = {
      make: shell('echo "1 2" > "$1"; mkdir "$2"; echo a > "$2/a"', ["table", "parts"]),
      fit: {
        ...shell('echo "${matrix.k}" > "$1"; echo \'{"score": {"rmse": 0.5}}\' > "$RUNWEAVE_METRICS"', ["model"]),
        matrix: { k: [1, 2] },
      },
    };
    expect((await runCli(["run", writeCommands(cwd, runs, { name: "data" })], { cwd })).exitCode).toBe(0);
    session = await showSession({ cwd });
  });
  beforeEach((context) => {
    place = join(cwd, `out-${context.task.id}`);
    mkdirSync(place);
  });
  const say = async (...args: string[]) => await runCli(args, { cwd });
  const locationOf = (run: string, dataset: string) =>
    String(session.runs.find((each) => each.run === run)?.outputs[dataset]?.location);

  test("has a path, by the run's name, an arm, a short id and its session", async () => {
    const table = `${locationOf("make", "table")}\n`;
    const runId = String(session.runs[0]?.run_id);
    for (const word of ["make", runId.slice(-8), runId, "latest", session.session_id.slice(-8)])
      expect([word, (await say("path", `table@${word}`)).stdout]).toEqual([word, table]);
    expect((await say("path", "model@fit[k=2]")).stdout).toBe(`${locationOf("fit[k=2]", "model")}\n`);
    const { value } = await runJson(["path", "table@make"], { cwd });
    expect(value).toMatchObject({ dataset: "table", run: "make", run_id: runId, bytes: 4, fallbacks: [] });
    expect((await say("path", "model@fit")).stderr).toContain("say which: 'fit[k=1]', 'fit[k=2]'");
  });

  test("is printed if it is a file, byte by byte", async () => {
    expect((await say("cat", "table@make")).stdout).toBe("1 2\n");
    const { exitCode, stderr } = await say("cat", "parts@make");
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("error[data-folder]")]);
  });

  test("is copied to a free place, and into a folder under its own name", async () => {
    expect((await say("export", "table@make", join(place, "mine.txt"))).exitCode).toBe(0);
    expect(readFileSync(join(place, "mine.txt"), "utf8")).toBe("1 2\n");
    expect((await say("export", "parts@make", place)).exitCode).toBe(0);
    expect(readFileSync(join(place, "parts/a"), "utf8")).toBe("a\n");
    expect(readdirSync(place).sort()).toEqual(["mine.txt", "parts"]);
  });

  test.each(["path", "cat", "export"])(
    "is not looked for by %s where no run of its session writes",
    async (command) => {
      const state = join(place, "state");
      cpSync(join(cwd, ".runweave"), state, { recursive: true });
      const registry = new DatabaseSync(join(state, "registry.sqlite"));
      const elsewhere = makeTemporaryFolder();
      writeFileSync(join(elsewhere, "secret"), "1 2\n");
      symlinkSync(join(elsewhere, "secret"), join(state, "data/link"));
      for (const location of [join(elsewhere, "secret"), join(state, "data/link"), "/etc/passwd"]) {
        registry.prepare("UPDATE versions SET location = ?, version = 'etc' WHERE dataset = 'table'").run(location);
        const args = [command, "table@make", ...(command === "export" ? [place] : []), "--registry", state];
        const { exitCode, stdout, stderr } = await say(...args);
        expect([exitCode, stdout, stderr]).toEqual([3, "", expect.stringContaining("error[unsafe-path]")]);
      }
      registry.close();
    },
  );

  test("replaces a file only if --force says so, and never a folder or a link", async () => {
    const file = join(place, "mine.txt");
    writeFileSync(file, "dear to me");
    const refused = await say("export", "table@make", file);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("error[place-taken]")]);
    expect(readFileSync(file, "utf8")).toBe("dear to me");
    expect((await say("export", "table@make", file, "--force")).exitCode).toBe(0);
    expect(readFileSync(file, "utf8")).toBe("1 2\n");
    mkdirSync(join(place, "parts"));
    writeFileSync(join(place, "parts/mine"), "");
    symlinkSync(join(cwd, "elsewhere"), join(place, "link"));
    for (const [version, to] of [
      ["parts@make", place],
      ["table@make", join(place, "link")],
    ] as const)
      expect((await say("export", version, to, "--force")).stderr).toContain("error[place-taken]");
    expect([readdirSync(join(place, "parts")), existsSync(join(cwd, "elsewhere"))]).toEqual([["mine"], false]);
  });

  test("is shown with the run alone: its paths, parameters and metrics", async () => {
    const { stdout } = await say("show", "fit[k=2]");
    expect(stdout).toMatch(/^Run fit\[k=2\] {2}success/);
    expect(stdout).toMatch(/METRIC +VALUE\nscore\.rmse +0\.5\n/);
    expect(stdout).toContain(`${locationOf("fit[k=2]", "model").slice(cwd.length + 1)}\n`);
    expect(stdout).not.toMatch(/make|k=1/);
    const { value } = await runJson<SessionRecord>(["show", "fit[k=2]"], { cwd });
    expect([value.session_id, value.runs.map(({ run }) => run)]).toEqual([session.session_id, ["fit[k=2]"]]);
  });

  test("is not given to anybody if it has changed since", async () => {
    writeFileSync(locationOf("make", "table"), "2 3\n");
    for (const args of [
      ["cat", "table@make"],
      ["export", "table@make", place],
    ]) {
      const { exitCode, stdout, stderr } = await say(...args);
      expect([exitCode, stdout, stderr]).toEqual([2, "", expect.stringContaining("error[data-changed]")]);
    }
    expect(readdirSync(place)).toEqual([]);
  });
});
