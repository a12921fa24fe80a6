import { expect, it } from "vitest";
import { assertSqliteVersion } from "../../../src/record/sqlite/version.ts";

it.each(["3.51.3", "3.51.10", "3.52.0", "3.100.0", "4.0.0"])("SQLite %s is taken", (version) => {
  expect(() => assertSqliteVersion(version)).not.toThrow();
});

it.each(["3.51.2", "3.9.10", "3.50.4", "2.8.17"])("SQLite %s is refused", (version) => {
  const error = {
    code: "sqlite-too-old",
    message: expect.stringContaining(version),
    hint: expect.stringContaining("3.51.3"),
  };
  expect(() => assertSqliteVersion(version)).toThrow(expect.objectContaining(error));
});
