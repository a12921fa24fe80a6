import { execFileSync } from "node:child_process";
import {
  cpSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasChangedSince } from "../../../src/runners/process/has-changed-since.ts";
import { endAfter, makeCaptured } from "./captured-attempt.ts";

describe("a captured path counts as changed after its command's end", () => {
  async function endAttempt(content: string | Record<string, string> = { a: "1", "deep/b": "2" }) {
    const captured = await makeCaptured(content);
    const { cwd, output, outputs } = captured;
    // Older than the end by its own time, somewhere else.
    writeFileSync(join(cwd, "older"), "wrong");
    cpSync(dirname(output.written), join(cwd, "other"), { recursive: true, preserveTimestamps: true });
    const exit = join(cwd, "exit");
    endAfter(join(cwd, "other"), exit);
    return { ...captured, exit, hasChanged: () => hasChangedSince(outputs, exit) };
  }

  test("not if it was only read", async () => {
    const { output, hasChanged } = await endAttempt();
    readFileSync(join(output.written, "a"));
    expect(await hasChanged()).toBe(false);
  });

  test.each<[string, (path: string, cwd: string) => void]>([
    ["by a move of an older file", (path, cwd) => renameSync(join(cwd, "older"), join(path, "a"))],
    ["by a copy with the older one's times", (path, cwd) => copyWithTimes(join(cwd, "older"), join(path, "a"))],
    ["by an archive that is unpacked over it", (path, cwd) => unpackOver(join(cwd, "other"), dirname(path))],
    ["by a link to an older file", (path, cwd) => replaceByLink(join(cwd, "older"), join(path, "a"))],
    ["by a file that went and came back with its times", (path) => deleteAndRestore(join(path, "deep", "b"))],
    ["by a file that is gone", (path) => rmSync(join(path, "deep", "b"))],
    ["by an older folder that is moved there", (path, cwd) => replaceFolder(path, join(cwd, "other", "x"))],
    ["by a move of the folder that it is in", (path, cwd) => replaceFolder(dirname(path), join(cwd, "other"))],
    ["if it is gone", (path) => rmSync(path, { recursive: true })],
    ["by a symbolic link in its place", (path, cwd) => replaceFolderByLink(path, join(cwd, "other", "x"))],
  ])("%s", async (_, change) => {
    const { cwd, output, hasChanged } = await endAttempt();
    change(output.written, cwd);
    expect(await hasChanged()).toBe(true);
  });

  test("at the very time of that end", async () => {
    const { output, exit, hasChanged } = await endAttempt();
    // The time of the last write of both: which was first, nobody can tell.
    const { ctimeMs } = statSync(join(output.written, "a"));
    utimesSync(exit, ctimeMs / 1000, Math.floor(ctimeMs) / 1000);
    expect(await hasChanged()).toBe(true);
  });

  test("if the clock was set back since", async () => {
    const { outputs, exit } = await endAttempt();
    expect(await hasChangedSince(outputs, exit, Date.now() - 3_600_000)).toBe(true);
  });

  function copyWithTimes(from: string, to: string): void {
    cpSync(from, to, { preserveTimestamps: true });
  }

  function unpackOver(from: string, to: string): void {
    execFileSync("sh", ["-c", `tar cf - -C "$1" . | tar xf - -C "$2"`, "sh", from, to]);
  }

  function replaceByLink(from: string, to: string): void {
    rmSync(to);
    linkSync(from, to);
  }

  function deleteAndRestore(path: string): void {
    cpSync(path, `${path}.kept`, { preserveTimestamps: true });
    rmSync(path);
    renameSync(`${path}.kept`, path);
  }

  function replaceFolder(path: string, by: string): void {
    renameSync(path, `${path}.old`);
    renameSync(by, path);
  }

  function replaceFolderByLink(path: string, to: string): void {
    rmSync(path, { recursive: true });
    symlinkSync(to, path);
  }
});
