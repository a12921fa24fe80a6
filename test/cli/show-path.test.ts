import { expect, test } from "vitest";
import { showPath } from "../../src/cli/show-path.ts";

test.each([
  ["/work/a/b", "a/b"],
  ["/work", "."],
  ["/work/..a", "..a"],
  ["/", "/"],
  ["/elsewhere/a", "/elsewhere/a"],
])("from /work, %s is shown as %s", (path, shown) => {
  expect(showPath(path, "/work")).toBe(shown);
});
