import { expect, test } from "vitest";
import { CliError, explainError, interruptedError } from "../../src/cli/errors.ts";
import { EnvironmentError } from "../../src/core/environment-error.ts";
import { AmbiguousIdError, RegistryError } from "../../src/core/registry-error.ts";

const complaint = { code: "KEDRO_MISSING", message: "no Kedro", hint: "pip install kedro", traceback: null };

test.each([
  ["the environment is wrong", new EnvironmentError(complaint), 3, "KEDRO_MISSING"],
  ["the registry can't be used", new RegistryError("registry-locked", "locked", "wait"), 3, "registry-locked"],
  ["an id is ambiguous", new AmbiguousIdError("20", ["2026-a", "2026-b"]), 2, "ambiguous-id"],
  ["the usage is wrong", new CliError("unknown-run", "no such run"), 2, "unknown-run"],
  ["it was interrupted", interruptedError(), 130, "interrupted"],
])("%s: the exit code and a code for scripts", (_, error, exitCode, code) => {
  expect(explainError(error)).toMatchObject({ exitCode, code });
});

test("what Python said is part of the message", () => {
  const error = new EnvironmentError({ ...complaint, traceback: "Traceback ...\n" });
  expect(explainError(error)?.message).toBe("no Kedro\n\nTraceback ...\n");
});

test("a fault of ours is not explained away", () => {
  expect(explainError(new TypeError("x is undefined"))).toBeNull();
});
