import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunRecord } from "../../src/core/run.ts";
import { formatLocalDay } from "../../src/core/text/local-time.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { showSession, writeCommands } from "../rig/resumable.ts";
import { shortId } from "../rig/short-id.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

interface Collected {
  collected: boolean;
  bytes: number;
  goes: { run: string; run_id: string; reason: string; bytes: number; places: string[] }[];
  kept_by_rule: Record<string, number>;
}

/** Sessions of `make -> use`, each with its own content. */
async function play(contents: readonly string[], header: object = {}) {
  const cwd = makeTemporaryFolder();
  const sessions: Record<string, RunRecord>[] = [];
  for (const content of contents) {
    const make = { command: ["sh", "-c", `printf ${content} > "$1"`, "sh", "${outputs.it.path}"], outputs: ["it"] };
    const use = {
      command: ["cp", "${inputs.it.path}", "${outputs.copy.path}"],
      consumes: { it: "make" },
      outputs: ["copy"],
    };
    const { exitCode } = await runEvents(writeCommands(cwd, { make, use }, header), { cwd });
    expect(exitCode).toBe(0);
    const { runs } = await showSession({ cwd });
    sessions.push(Object.fromEntries(runs.map((run) => [run.run, run])));
  }
  const gc = async (...args: string[]) => (await runJson<Collected>(["gc", ...args], { cwd })).value;
  return { cwd, sessions, gc };
}

function placeOf(run: RunRecord | undefined): string {
  return Object.values(run?.outputs ?? {})[0]?.location ?? "";
}

describe("gc", () => {
  test("says what would go and why, moves it to the trash when told to, and tells everywhere that it is there", async () => {
    const { cwd, sessions, gc } = await play(["one", "two"]);
    const [old, kept] = sessions;
    const planned = await gc("--keep-last", "1");
    expect(planned).toMatchObject({ collected: false, bytes: 6, kept_by_rule: { "among-last": 2 } });
    expect(planned.goes.map(({ run, reason }) => [run, reason])).toEqual([
      ["make", "not among the last 1 of its run"],
      ["use", "not among the last 1 of its run"],
    ]);
    expect(existsSync(placeOf(old?.make))).toBe(true);

    const { stdout } = await runCli(["gc", "--keep-last", "1", "--yes"], { cwd });
    expect(stdout).toContain("collected 2 runs, 6 B; `runweave trash empty` frees the space\nkept 2: 2 among-last\n");
    expect([placeOf(old?.make), placeOf(old?.use), placeOf(kept?.make)].map(existsSync)).toEqual([false, false, true]);
    expect(await gc("--keep-last", "1")).toMatchObject({ goes: [], bytes: 0 });

    const id = old?.make?.run_id ?? "";
    const restore = `was collected on ${formatLocalDay(new Date().toISOString())}; restore it with \`runweave trash restore ${shortId(id)}\``;
    const say = async (...args: string[]) => {
      const { stdout, stderr } = await runCli(args, { cwd });
      return stdout + stderr;
    };
    expect(await say("show", id)).toContain(restore);
    expect(await say("why", "it", old?.use?.run_id ?? "")).toContain(`it ${restore}`);
    expect(await say("lineage", old?.use?.run_id ?? "")).toContain(restore.replace("was", "its data were"));
    expect((await runCli(["verify", id], { cwd })).exitCode).toBe(0);
    expect(await say("verify", id)).toContain(`unknown  collected: "it" of make ${restore}`);
    expect(await say("verify", "--all")).toContain("verified:");

    const reader = { command: ["cat", "${inputs.it.path}"], consumes: { it: { run_id: id } } };
    const file = writeCommands(cwd, { reader });
    const refused = await runCli(["run", file], { cwd });
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringContaining(`make (${shortId(id)}) ${restore}`),
    ]);
    expect((await runCli(["trash", "restore", id.slice(-8)], { cwd })).exitCode).toBe(0);
    expect(readFileSync(placeOf(old?.make), "utf8")).toBe("one");
    expect((await runCli(["run", file], { cwd })).exitCode).toBe(0);
    expect(await gc("--keep-last", "1")).toMatchObject({ goes: [], kept_by_rule: { reachable: 1 } });
  });

  test("keeps what has an alias or the tag keep, and all that it was made of", async () => {
    const { cwd, sessions, gc } = await play(["one", "two", "three"]);
    const [first, second] = sessions;
    await runCli(["alias", "set", "champion", `copy@${first?.use?.run_id}`], { cwd });
    await runCli(["tag", second?.make?.run_id ?? "", "keep=yes"], { cwd });
    const { goes, kept_by_rule } = await gc("--keep-last", "1");
    expect(kept_by_rule).toEqual({ aliased: 1, reachable: 1, tagged: 1, "among-last": 2 });
    expect(goes.map(({ run_id }) => run_id)).toEqual([second?.use?.run_id]);
  });

  test("a result that was collected is not reused, and the reason says how to have it back", async () => {
    const { cwd, sessions, gc } = await play(["one"], { defaults: { cache: "on" } });
    writeFileSync(join(cwd, "later"), "");
    expect((await gc("--older-than", "2099-01-01", "--yes")).goes).toHaveLength(2);
    const { events } = await runEvents(join(cwd, "workflow.json"), { cwd });
    const resolved = events.find((event) => event.type === "run.resolved" && event.run === "make");
    const id = sessions[0]?.make?.run_id;
    expect(resolved).toMatchObject({
      cache: { reason: expect.stringContaining(`${id} could be reused, but it was collected`) },
    });
    await runCli(["trash", "empty", "--yes"], { cwd });
    const { stdout } = await runCli(["show", id ?? ""], { cwd });
    expect(stdout).toContain("was collected, and deleted on");
  });

  test("deletes old copies of what publications replaced, but the newest of a path, which a roll-back puts back", async () => {
    const cwd = makeTemporaryFolder();
    mkdirSync(join(cwd, ".runweave"));
    writeFileSync(join(cwd, "res"), "mine");
    const make = (text: string) => ({
      command: ["sh", "-c", `printf ${text} >new; mv new res`],
      outputs: { res: "res" },
    });
    for (const text of ["one", "two", "three"])
      await runEvents(writeCommands(cwd, { make: make(text) }, { publish: ["res"] }), { cwd });
    const gc = ["gc", "--keep-last", "9"];
    const say = async (...more: string[]) => (await runCli([...gc, ...more], { cwd })).stdout;
    expect(await say("--yes")).toContain(
      "copies of what publications replaced: kept 3, 11 B\nthe trash holds 3 entries, 11 B\n",
    );
    const now = ["--published-older-than", "0s", "--keep-published", "1"];
    expect(await say(...now)).toContain("copies of what publications replaced: would delete 2, 6 B; kept 1, 5 B\n");
    const { value } = await runJson<{ published_copies: object; trash: object }>([...gc, ...now, "--yes"], { cwd });
    expect(value).toMatchObject({
      published_copies: {
        expired: [{ cause: "published-over" }, { cause: "published-over" }],
        bytes: 6,
        kept: 1,
        kept_bytes: 5,
      },
      trash: { entries: 1, bytes: 5 },
    });
    expect((await runCli(["rollback", "latest"], { cwd })).exitCode).toBe(0);
  });

  test("without a word about what is to be kept it collects nothing", async () => {
    const { cwd } = await play(["one"]);
    const { exitCode, stderr } = await runCli(["gc", "--yes"], { cwd });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("gc needs to know what to keep")]);
  });
});
