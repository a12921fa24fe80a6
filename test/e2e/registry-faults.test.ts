import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson, startCli } from "../rig/cli.ts";
import { MarkedProcesses } from "../rig/marked-processes.ts";
import { Rig } from "../rig/rig.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { hashTree } from "../rig/tree-hashes.ts";

const NOBODY = 65534;
const folder = makeSuiteFolder();
const file = join(folder, "workflow.yaml");
/** A registry with one finished session. */
const good = join(folder, "good");

beforeAll(async () => {
  chmodSync(folder, 0o755);
  writeFileSync(file, "runs: { a: { command: [touch, made] } }\n");
  expect((await runEvents(file, { args: ["--registry", good] })).exitCode).toBe(0);
});

/** A copy of the good registry, spoiled. */
function spoil(name: string, how: (file: string) => void): string {
  const state = join(folder, name);
  cpSync(good, state, { recursive: true });
  how(join(state, "registry.sqlite"));
  return state;
}

/** What is in the state folder; SQLite leaves two files without content there whenever it looks. */
function hashRegistry(state: string): Record<string, string> {
  return Object.fromEntries(Object.entries(hashTree(state)).filter(([path]) => !/-(shm|wal)$/.test(path)));
}

describe("a registry that can't be used", () => {
  test.each([
    [
      "is from a newer version",
      "registry-newer",
      (path: string) => {
        const database = new DatabaseSync(path);
        database.exec("PRAGMA user_version = 9999");
        database.close();
      },
    ],
    ["is no database", "registry-corrupt", (path: string) => writeFileSync(path, "something else".repeat(1000))],
  ])("one that %s: exit code 3, nothing runs, nothing in it changes", async (name, code, how) => {
    const state = spoil(name.replaceAll(" ", "-"), how);
    const workflow = join(state, "workflow.yaml");
    writeFileSync(workflow, "runs: { a: { command: [touch, made] } }\n");
    const before = hashRegistry(state);
    for (const args of [["run", workflow], ["show"], ["runs"]]) {
      const { exitCode, stdout, stderr } = await runCli([...args, "--registry", state]);
      expect({ args, exitCode, stdout }).toEqual({ args, exitCode: 3, stdout: "" });
      expect(stderr).toContain(`error[${code}]`);
      expect(stderr).toContain("hint:");
    }
    expect(hashRegistry(state)).toEqual(before);
    expect(existsSync(join(state, "made"))).toBe(false);
  });

  test("one that another program keeps locked: exit code 3 after a while, and nothing has run", async () => {
    const state = spoil("locked", () => {});
    const database = new DatabaseSync(join(state, "registry.sqlite"));
    database.exec("BEGIN IMMEDIATE");
    const workflow = join(state, "workflow.yaml");
    writeFileSync(workflow, "runs: { a: { command: [touch, made] } }\n");
    try {
      const { exitCode, stderr } = await runCli(["run", workflow, "--registry", state]);
      expect(exitCode).toBe(3);
      expect(stderr).toContain("error[registry-locked]");
      expect(stderr).toContain("hint:");
      expect(existsSync(join(state, "made"))).toBe(false);
      const { value } = await runJson<SessionRecord>(["show", "--registry", state]);
      expect(value.status).toBe("success");
    } finally {
      database.exec("ROLLBACK");
      database.close();
    }
    expect((await runCli(["run", workflow, "--registry", state])).exitCode).toBe(0);
  });

  test("a folder that can't be made: exit code 3", async () => {
    const { exitCode, stderr } = await runCli(["run", file, "--registry", join(file, "below-a-file")]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("error[registry-");
    expect(stderr).toContain("--registry");
  });

  test.runIf(process.getuid?.() === 0)(
    "one that this user may only read: questions are answered, runs are not",
    async () => {
      const state = spoil("read-only", () => {});
      for (const path of [state, ...["attempts", "logs", "data"].map((name) => join(state, name))])
        chmodSync(path, 0o755);
      chmodSync(join(state, "registry.sqlite"), 0o644);
      const home = join(folder, "home");
      mkdirSync(home);
      chownSync(home, NOBODY, NOBODY);
      // Another user's folder is used by those who trust that user alone.
      const asked = await runCli(["show", "--registry", state], { uid: NOBODY, env: { HOME: home } });
      expect(asked).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("error[registry-not-trusted]") });
      const options = { uid: NOBODY, env: { HOME: home, RUNWEAVE_TRUST: state } };
      const { exitCode, stdout, stderr } = await runCli(["run", file, "--registry", state], options);
      expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
      expect(stderr).toContain("error[registry-read-only]");
      expect(stderr).toContain("--registry");
      const { value } = await runJson<SessionRecord>(["show", "--registry", state], options);
      expect(value.status).toBe("success");
    },
  );
});

test("a registry that gets locked under a session: exit code 3, the run is ended, nothing claims success", async () => {
  const state = spoil("locked-later", () => {});
  const rig = new Rig();
  const marked = new MarkedProcesses();
  const workflow = join(state, "workflow.json");
  const runs = { a: { command: rig.command("a") }, b: { command: rig.command("b") } };
  writeFileSync(workflow, JSON.stringify({ max_parallel: 2, runs }));
  const cli = startCli(["run", workflow, "--json", "--registry", state], { env: marked.environment });
  const [a, b] = await Promise.all([rig.child("a"), rig.child("b")]);
  const { session_id } = await cli.event("run.started");
  const database = new DatabaseSync(join(state, "registry.sqlite"));
  database.exec("BEGIN IMMEDIATE");
  await a.tell({ do: "exit", code: 0 });
  const { exitCode, stderr } = await cli.result;
  database.exec("ROLLBACK");
  database.close();
  expect(exitCode).toBe(3);
  expect(stderr).toContain("error[registry-locked]");
  await b.gone;
  expect(await marked.remaining()).toEqual([]);
  const { value } = await runJson<SessionRecord>(["show", session_id, "--registry", state]);
  expect(value.status).not.toBe("success");
  await rig.close();
});

describe("where the registry is", () => {
  test("RUNWEAVE_REGISTRY names it, --registry overrules that, a file is as good as its folder", async () => {
    const env = { RUNWEAVE_REGISTRY: good };
    const { value } = await runJson<SessionRecord>(["show"], { env });
    expect(value.status).toBe("success");
    expect((await runCli(["show", "--registry", join(folder, "nowhere")], { env })).exitCode).toBe(2);
    const byFile = await runJson<SessionRecord>(["show", "--registry", join(good, "registry.sqlite")]);
    expect(byFile.value).toEqual(value);
  });

  test("by itself it is made at the git root, for its owner alone, and ignored by git", async () => {
    const root = join(folder, "checkout");
    mkdirSync(join(root, ".git"), { recursive: true });
    mkdirSync(join(root, "deep/er"), { recursive: true });
    writeFileSync(join(root, "deep/er/workflow.yaml"), "runs: { a: { command: [touch, made] } }\n");
    expect((await runCli(["run", "workflow.yaml"], { cwd: join(root, "deep/er") })).exitCode).toBe(0);
    expect(existsSync(join(root, ".runweave/registry.sqlite"))).toBe(true);
    expect(existsSync(join(root, ".runweave/.gitignore"))).toBe(true);
    expect((await runCli(["show"], { cwd: join(root, "deep") })).stdout).toContain("of workflow");
    expect(existsSync(join(root, "deep/er/made"))).toBe(true);
  });
});
