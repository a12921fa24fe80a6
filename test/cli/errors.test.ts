import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CliError, explainError } from "../../src/cli/errors.ts";
import { EnvironmentError } from "../../src/core/error/environment-error.ts";
import { InterruptedError } from "../../src/core/error/interrupted-error.ts";
import { AmbiguousIdError, RegistryError } from "../../src/core/error/registry-error.ts";

const complaint = { code: "kedro-missing", message: "no Kedro", hint: "pip install kedro", traceback: null };

function catchError(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test.each([
  ["the environment is wrong", new EnvironmentError(complaint), 3, "kedro-missing"],
  ["the registry can't be used", new RegistryError("registry-locked", "locked", "wait"), 3, "registry-locked"],
  ["an id is ambiguous", new AmbiguousIdError("20", ["2026-a", "2026-b"]), 2, "ambiguous-id"],
  ["the usage is wrong", new CliError("unknown-run", "no such run"), 2, "unknown-run"],
  ["it was interrupted", new InterruptedError(), 130, "interrupted"],
])("%s: the exit code and a code for scripts", (_, error, exitCode, code) => {
  expect(explainError(error)).toMatchObject({ exitCode, code });
});

test("what Python said is part of the message", () => {
  const error = new EnvironmentError({ ...complaint, traceback: "Traceback ...\n" });
  expect(explainError(error)?.message).toBe("no Kedro\n\nTraceback ...\n");
});

test("what the machine refuses is told with what to do, and is no fault of ours", () => {
  const error = catchError(() => writeFileSync("/dev/full", "x"));
  const hint = expect.stringContaining("free some space");
  expect(explainError(error)).toMatchObject({
    exitCode: 3,
    code: "disk-full",
    hint,
    message: expect.stringContaining("ENOSPC"),
  });
});

test("a fault of ours is not explained away", () => {
  expect(explainError(new TypeError("x is undefined"))).toBeNull();
  expect(explainError(catchError(() => readFileSync("/nowhere/at/all")))).toBeNull();
});
