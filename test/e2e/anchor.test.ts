import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import { forgeLog } from "../rig/change-registry.ts";
import { runCli, runEvents, runJson } from "../rig/cli.ts";
import { writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const cwd = makeSuiteFolder();
const keys = join(cwd, "keys");
const options = { cwd, env: { RUNWEAVE_KEYS: keys } };
const registry = join(cwd, ".runweave/registry.sqlite");
const anchors = join(cwd, "runweave-anchors.jsonl");
const whole = join(cwd, "whole.sqlite");

beforeAll(async () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@x", ...args], { cwd });
  git("init", "-q");
  git("config", "user.name", "n");
  git("config", "user.email", "e@x");
  writeCommands(cwd, { a: { command: ["sh", "-c", 'echo 1 >"$1"', "sh", "${outputs.o.path}"], outputs: ["o"] } });
  git("add", "workflow.json");
  git("commit", "-qm", "first");
  await runEvents("workflow.json", options);
});

const verify = (...args: string[]) => runCli(["verify", ...args], options);

test("without a key nothing is signed, and the message says how to make one", async () => {
  const refused = await runCli(["anchor"], options);
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("error[key-missing]")]);
  expect(refused.stderr).toContain("`runweave anchor --new-key` makes one");
});

test("a key is for its owner alone, outside of the state folder, and never replaced", async () => {
  const made = await runJson<{ key: string; public_key: string }>(["anchor", "--new-key"], options);
  expect(made).toMatchObject({ exitCode: 0, value: { key: join(keys, "signing-key.pem") } });
  expect([statSync(keys).mode & 0o777, statSync(made.value.key).mode & 0o777]).toEqual([0o700, 0o600]);
  expect(readFileSync(made.value.public_key, "utf8")).toContain("BEGIN PUBLIC KEY");
  const again = await runCli(["anchor", "--new-key"], options);
  expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining("error[key-exists]")]);
  for (const inside of [join(cwd, ".runweave/k.pem"), join(cwd, ".runweave/sessions/../k.pem")]) {
    const refused = await runCli(["anchor", "--new-key", "--key", inside], options);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("lies in the state folder")]);
    expect(existsSync(inside)).toBe(false);
  }
});

test("a key that others may read signs nothing, and what is no key neither", async () => {
  chmodSync(join(keys, "signing-key.pem"), 0o640);
  expect((await runCli(["anchor"], options)).stderr).toContain("error[key-not-private]");
  chmodSync(join(keys, "signing-key.pem"), 0o600);
  writeFileSync(join(cwd, "no.pem"), "x", { mode: 0o600 });
  expect((await runCli(["anchor", "--key", "no.pem"], options)).stderr).toContain("error[key-unusable]");
});

describe("a log that is signed", () => {
  beforeAll(async () => {
    await runCli(["tag", "a", "team=red"], options);
    expect(await runCli(["anchor"], options)).toMatchObject({ exitCode: 0, stderr: "" });
    copyFileSync(anchors, join(cwd, "anchors"));
    for (const ending of ["-wal", "-shm"]) rmSync(registry + ending, { force: true });
    copyFileSync(registry, whole);
  });

  /** Changes the registry, and makes all hashes of its log anew. */
  function forge(sql: string): void {
    for (const ending of ["-wal", "-shm"]) rmSync(registry + ending, { force: true });
    copyFileSync(whole, registry);
    using database = new DatabaseSync(registry, { enableForeignKeyConstraints: false });
    forgeLog(database, sql);
  }

  test("is an in-toto statement in an envelope, without names, paths or users", async () => {
    const envelope = JSON.parse(readFileSync(anchors, "utf8")) as { payload: string; payloadType: string };
    expect(envelope.payloadType).toBe("application/vnd.in-toto+json");
    const statement = JSON.parse(Buffer.from(envelope.payload, "base64").toString()) as object;
    expect(statement).toEqual({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "runweave log of events", digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } }],
      predicateType: "urn:runweave:log-head:v1",
      predicate: { log: expect.stringMatching(/^[0-9a-f]{64}$/), seq: expect.any(Number), time: expect.any(String) },
    });
  });

  test("holds, also if it has grown since: then what came later is not signed", async () => {
    const signed = await runJson<{ anchor: object }>(["verify", "--require-signed"], options);
    expect(signed).toMatchObject({
      exitCode: 0,
      value: { anchor: { anchors: 1 }, unchecked: expect.not.arrayContaining(["--anchor"]) },
    });
    await runCli(["tag", "a", "team=blue"], options);
    expect(await verify("--anchor")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^unknown {2}not-signed: events (\d+) to \1 /m),
    });
    expect(await verify("--require-signed")).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining("BROKEN   not-signed: "),
    });
    expect((await runCli(["anchor"], options)).exitCode).toBe(0);
    expect(await verify("--require-signed")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^signed up to event /m),
    });
    for (const ending of ["-wal", "-shm"]) rmSync(registry + ending, { force: true });
    copyFileSync(whole, registry);
    copyFileSync(join(cwd, "anchors"), anchors);
  });

  test.each([
    [
      "an event that was changed",
      "UPDATE events SET body = replace(body, 'red', 'blue'); UPDATE tags SET value = 'blue'",
      "anchor-differs",
    ],
    [
      "the newest event, which is gone",
      "DELETE FROM tags; DELETE FROM events WHERE type = 'run.tagged'",
      "anchor-differs",
    ],
    [
      "the first event, which was changed",
      "UPDATE events SET body = replace(body, '\"run\",', '\"ran\",') WHERE seq = 1; UPDATE sessions SET command_line = replace(command_line, '\"run\",', '\"ran\",')",
      "not-signed",
    ],
  ])("is not made anew without being found: %s", async (_, sql, code) => {
    forge(sql);
    expect(await verify("--all")).toMatchObject({ exitCode: 0 });
    expect(await verify("--anchor")).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining(`BROKEN   ${code}: `),
    });
    forge("SELECT 1");
  });

  test("is signed by its own key alone", async () => {
    const mallory = { cwd, env: { RUNWEAVE_KEYS: join(cwd, "mallory") } };
    await runCli(["anchor", "--new-key"], mallory);
    const place = join(cwd, "mallory.jsonl");
    expect((await runCli(["anchor", "--to", place], mallory)).exitCode).toBe(0);
    expect(await verify("--anchor", place)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining("BROKEN   anchor-unsigned: "),
    });
    const theirs = ["--public-key", join(cwd, "mallory/signing-key.pub.pem")];
    expect((await verify("--anchor", place, "--require-signed", ...theirs)).exitCode).toBe(0);
    expect((await verify("--anchor", "none.jsonl")).stderr).toContain("error[anchor-unusable]");
  });

  test("may be signed in a note of git", async () => {
    expect(await runCli(["anchor", "--to", "git-note"], options)).toMatchObject({ exitCode: 0, stderr: "" });
    expect(execFileSync("git", ["notes", "--ref=runweave", "show"], { cwd, encoding: "utf8" })).toContain(
      "application/vnd.in-toto+json",
    );
    expect((await verify("--anchor", "git-note", "--require-signed")).exitCode).toBe(0);
    forge("UPDATE events SET body = replace(body, 'red', 'blue'); UPDATE tags SET value = 'blue'");
    expect((await verify("--anchor", "git-note")).exitCode).toBe(1);
    forge("SELECT 1");
  });

  test("is not kept in the state folder", async () => {
    mkdirSync(join(cwd, ".runweave/sub"), { recursive: true });
    const refused = await runCli(["anchor", "--to", ".runweave/sub/a.jsonl"], options);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("error[anchor-unusable]")]);
  });
});
