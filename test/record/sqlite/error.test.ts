import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { RegistryError } from "../../../src/core/error/registry-error.ts";
import { explainError, explainingErrors } from "../../../src/record/sqlite/error.ts";
import { makeScratchFolder } from "../scratch.ts";

/** The error that SQLite really throws when it can't get any more pages. */
function failFull(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA max_page_count = 2; CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(100000))");
}

/** The error that SQLite really throws when another connection keeps the lock. */
function failLocked(path: string): void {
  new DatabaseSync(path).exec("BEGIN IMMEDIATE");
  new DatabaseSync(path).exec("BEGIN IMMEDIATE");
}

it.each([
  ["registry-full", failFull],
  ["registry-locked", failLocked],
] as const)("%s is told with the path, what SQLite said, and what to do", (code, fail) => {
  const path = join(makeScratchFolder(), "x.db");
  const error = expect.objectContaining({
    code,
    message: expect.stringMatching(new RegExp(`the registry ${path} .*\\(.+\\)`)),
    hint: expect.stringMatching(/./),
    cause: expect.objectContaining({ code: "ERR_SQLITE_ERROR" }),
  });
  expect(() => explainingErrors(path, () => fail(path))).toThrow(error);
});

it("an error of ours stays what it is", () => {
  const refusal = new Error("run.failed refused");
  const known = new RegistryError("registry-newer", "m", "h");
  expect(explainError(refusal, "x")).toBe(refusal);
  expect(explainError(known, "x")).toBe(known);
});

it("a broken constraint is a bug and stays what it is", () => {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE t (a UNIQUE)");
  expect(() => explainingErrors("x", () => database.exec("INSERT INTO t VALUES (1), (1)"))).toThrow(
    /^UNIQUE constraint/,
  );
});
