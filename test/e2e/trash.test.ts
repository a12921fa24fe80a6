import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { shortId } from "../rig/short-id.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

interface Listed {
  entries: { id: string; run: string; run_id: string; cause: string; bytes: number; items: { original: string }[] }[];
  faults: { message: string }[];
}

const HALF = ["sh", "-c", 'printf half > "$1"; exit 3', "sh", "${outputs.half.path}"];

/** A run that writes half of its output and fails, and one beside it that succeeds. */
async function fail(header: object, more: object = {}) {
  const cwd = makeTemporaryFolder();
  mkdirSync(join(cwd, ".runweave"));
  const whole = ["sh", "-c", 'printf whole > "$1"', "sh", "${outputs.whole.path}"];
  const runs = {
    good: { command: whole, outputs: ["whole"] },
    bad: { command: HALF, outputs: ["half"], needs: ["good"], ...more },
  };
  const file = writeCommands(cwd, runs, header);
  const { exitCode, events } = await runEvents(file, { cwd });
  expect(exitCode).toBe(1);
  const session = await showSession({ cwd });
  return { cwd, file, events, session, bad: record(session, "bad"), good: record(session, "good") };
}

function record({ runs }: SessionRecord, name: string): RunRecord {
  const found = runs.find(({ run }) => run === name);
  if (found === undefined) throw new Error(`no run ${name}`);
  return found;
}

function findPlaces(cwd: string, runId: string | null): string[] {
  const store = join(cwd, ".runweave/data");
  return readdirSync(store)
    .map((name) => join(store, name, runId ?? ""))
    .filter((path) => existsSync(path));
}

async function listTrash(cwd: string): Promise<Listed> {
  return (await runJson<Listed>(["trash", "list"], { cwd })).value;
}

describe("what failed attempts saved", () => {
  test("is kept by default, and nothing of it can be consumed", async () => {
    const { cwd, bad, events } = await fail({});
    expect(findPlaces(cwd, bad.run_id)).toHaveLength(1);
    expect(bad).toMatchObject({ outputs: {}, discarded: null });
    expect(events.some(({ type }) => type === "run.discarded")).toBe(false);
    expect(await listTrash(cwd)).toMatchObject({ entries: [], faults: [] });
  });

  test("goes to the trash, is listed, goes back exactly where it was, and is left there afterwards", async () => {
    const { cwd, bad, good } = await fail({ cleanup_on_error: "trash" });
    expect(findPlaces(cwd, bad.run_id)).toEqual([]);
    expect(findPlaces(cwd, good.run_id)).toHaveLength(1);
    expect(bad.discarded).toMatchObject({ cause: "cleanup", state: "trashed", bytes: 4 });
    const { stdout: shown } = await runCli(["show"], { cwd });
    expect(shown).toContain(`restore it with \`runweave trash restore ${shortId(bad.run_id)}\``);
    const { entries } = await listTrash(cwd);
    expect(entries).toMatchObject([{ run: "bad", run_id: bad.run_id, cause: "cleanup", bytes: 4 }]);

    const original = entries[0]?.items[0]?.original ?? "";
    mkdirSync(original);
    const taken = await runCli(["trash", "restore", "bad"], { cwd });
    expect([taken.exitCode, taken.stderr]).toEqual([
      2,
      expect.stringContaining(`there is something at ${original} now`),
    ]);
    expect((await runCli(["trash", "restore", "bda"], { cwd })).stderr).toContain('did you mean "bad"?');
    await runCli(["trash", "list"], { cwd });
    expect((await listTrash(cwd)).entries).toHaveLength(1);

    rmdirSync(original);
    const { exitCode, stdout } = await runCli(["trash", "restore", "bad"], { cwd });
    expect([exitCode, stdout]).toEqual([0, `restored ${original}\n`]);
    expect(readFileSync(join(original, "half"), "utf8")).toBe("half");
    expect((await listTrash(cwd)).entries).toEqual([]);
    expect(record(await showSession({ cwd }), "bad").discarded).toBeNull();
    expect((await runCli(["resume"], { cwd })).exitCode).toBe(1);
    expect(existsSync(original)).toBe(true);
  });

  test("is deleted, by the run's own word over the workflow's, and the record says so", async () => {
    const more = { cleanup_on_error: "delete", retries: 1 };
    const { cwd, session, bad, events } = await fail({ cleanup_on_error: "keep" }, more);
    expect(findPlaces(cwd, bad.run_id)).toEqual([]);
    expect(bad.discarded).toMatchObject({ state: "deleted", reason: "attempt 2 failed: CommandFailed" });
    expect(readdirSync(join(cwd, ".runweave/trash"))).toEqual([]);
    expect(events.filter(({ type }) => type === "run.discarded")).toHaveLength(2);
    const types = events.map(({ type }) => type);
    expect(types.indexOf("run.discarded")).toBeGreaterThan(types.lastIndexOf("run.failed"));
    expect(types.at(-1)).toBe("session.finished");
    const again = await runCli(["trash", "restore", bad.run_id ?? ""], { cwd });
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining("there is nothing of")]);
    expect(session.status).toBe("failed");
  });

  test.each(["trash", "delete"])(
    "makes no entry where nothing was saved (%s): its empty folder goes",
    async (policy) => {
      const { cwd, bad } = await fail(
        { cleanup_on_error: policy },
        { command: ["sh", "-c", "exit 3", "${outputs.half.path}"] },
      );
      expect(findPlaces(cwd, bad.run_id)).toEqual([]);
      expect(await listTrash(cwd)).toEqual(expect.objectContaining({ entries: [], faults: [] }));
      expect(bad.discarded).toBeNull();
    },
  );

  test("is told apart from what stood where a run has published, which a roll-back or its entry's id puts back", async () => {
    const cwd = makeTemporaryFolder();
    mkdirSync(join(cwd, ".runweave"));
    writeFileSync(join(cwd, "table"), "former");
    const write = ["sh", "-c", "printf new > other; mv other table"];
    const runs = { make: { command: write, outputs: { table: "table" } } };
    expect((await runEvents(writeCommands(cwd, runs, { publish: ["table"] }), { cwd })).exitCode).toBe(0);
    const { session_id, ...session } = await showSession({ cwd });
    const { run_id } = record({ session_id, ...session }, "make");
    const { exitCode, stderr } = await runCli(["trash", "restore", run_id ?? ""], { cwd });
    const [entry] = (await listTrash(cwd)).entries;
    expect([exitCode, entry?.cause]).toEqual([2, "published-over"]);
    expect(stderr).toContain(`there is no data of "${run_id}" in the trash`);
    expect(stderr).toContain(
      `\`runweave rollback ${shortId(session_id)}\` puts back what it replaced; if that leaves it, \`runweave trash restore ${entry?.id.replace(session_id, shortId(session_id))}\` does`,
    );
  });

  test("of another user's record, what a roll-back replaced goes back only after a yes that knows the place", async () => {
    const cwd = makeTemporaryFolder();
    mkdirSync(join(cwd, ".runweave"));
    const table = join(cwd, "table");
    writeFileSync(table, "former");
    const write = ["sh", "-c", "printf new > other; mv other table"];
    const runs = { make: { command: write, outputs: { table: "table" } } };
    expect((await runEvents(writeCommands(cwd, runs, { publish: ["table"] }), { cwd })).exitCode).toBe(0);
    writeFileSync(table, "mine");
    expect((await runCli(["rollback", "latest", "--force"], { cwd })).exitCode).toBe(0);
    const { id = "" } = (await listTrash(cwd)).entries.find(({ cause }) => cause === "rollback") ?? {};
    rmSync(table);
    const stranger = { cwd, env: { RUNWEAVE_KEYS: join(cwd, "other-keys") } };
    const refused = await runCli(["trash", "restore", id], stranger);
    expect([refused.exitCode, refused.stdout, existsSync(table)]).toEqual([2, "", false]);
    expect(refused.stderr).toContain("error[not-confirmed]");
    expect(refused.stderr).toContain(`  puts back ${table}`);
    expect((await runCli(["trash", "restore", id, "--yes"], stranger)).exitCode).toBe(0);
    expect(readFileSync(table, "utf8")).toBe("mine");
  });

  test("plan shows the policy", async () => {
    const { cwd, file } = await fail({ cleanup_on_error: "trash" }, { cleanup_on_error: "delete" });
    const { stdout } = await runCli(["plan", file], { cwd });
    expect(stdout).toContain("what a failed attempt saved goes to the trash");
    expect(stdout).toContain("what a failed attempt saved is deleted");
  });
});

describe("emptying the trash", () => {
  test("says what would go, then deletes it for good", async () => {
    const { cwd, bad } = await fail({ cleanup_on_error: "trash" });
    expect((await runCli(["trash", "empty"], { cwd })).stdout).toContain("would delete 1 entry, 4 B; `--yes` does");
    expect((await runCli(["trash", "empty", "--older-than", "7d", "--yes"], { cwd })).stdout).toBe(
      "deleted 0 entries, 0 B\n",
    );
    expect((await listTrash(cwd)).entries).toHaveLength(1);
    const { value } = await runJson(["trash", "empty", "--yes"], { cwd });
    expect(value).toMatchObject({ deleted: true, bytes: 4, entries: [{ run: "bad" }] });
    expect(record(await showSession({ cwd }), "bad").discarded).toMatchObject({ state: "deleted" });
    expect(readdirSync(join(cwd, ".runweave/trash"))).toEqual([]);
    expect((await runCli(["trash", "list"], { cwd })).stdout).toBe("the trash is empty\n");
    expect((await runCli(["trash", "restore", bad.run_id ?? ""], { cwd })).exitCode).toBe(2);
  });
});

test("a manifest that was changed restores nothing, wherever it points", async () => {
  const { cwd, bad } = await fail({ cleanup_on_error: "trash" });
  const { entries } = await listTrash(cwd);
  const path = join(cwd, ".runweave/trash", entries[0]?.id ?? "", "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  const victim = join(cwd, "home");
  const point = (original: string) =>
    writeFileSync(path, JSON.stringify({ ...manifest, items: [{ ...manifest.items[0], original }] }));
  point(`${victim}/../../${bad.run_id}`);
  const climbing = await runCli(["trash", "restore", "bad"], { cwd });
  expect([climbing.exitCode, climbing.stderr]).toEqual([2, expect.stringContaining('nothing of "bad"')]);
  expect((await listTrash(cwd)).faults).toMatchObject([{ message: expect.stringContaining("is not a path to put") }]);
  point(join(victim, bad.run_id ?? ""));
  const elsewhere = await runCli(["trash", "restore", "bad"], { cwd });
  expect([elsewhere.exitCode, elsewhere.stderr]).toEqual([
    2,
    expect.stringContaining("is not the one that was recorded"),
  ]);
  expect(existsSync(victim)).toBe(false);
});
