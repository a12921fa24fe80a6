import { expect, test } from "vitest";
import { areFilesBeside, MAX_FILES_BESIDE, MAX_NAME_LENGTH } from "../../src/core/files-beside.ts";

test.each(["model.json.meta", "parts/meta", "..meta", "a b", "ü", "-", "C:x", "\n"])(
  "%j is a name below a folder",
  (name) => {
    expect(areFilesBeside([name])).toBe(true);
  },
);

test.each([
  "",
  ".",
  "..",
  "../x",
  "a/../b",
  "a/..",
  "./a",
  "a//b",
  "a/",
  "/etc/passwd",
  "a\0b",
  "\uD800",
  "x".repeat(MAX_NAME_LENGTH + 1),
  1,
  null,
  ["a"],
])("%j is none", (name) => {
  expect(areFilesBeside(["a", name])).toBe(false);
});

test("a list is no longer than a record may be", () => {
  expect(areFilesBeside(Array(MAX_FILES_BESIDE).fill("a"))).toBe(true);
  expect(areFilesBeside(Array(MAX_FILES_BESIDE + 1).fill("a"))).toBe(false);
  for (const value of [undefined, null, {}, "a"]) expect(areFilesBeside(value)).toBe(false);
});
