import { expect, test } from "vitest";
import { remember } from "../../src/core/remember.ts";

test("each key is asked once as long as nothing is written, and again after", () => {
  let mark = "1";
  const asked: string[] = [];
  const answer = remember({ changeMark: () => mark }, (key) => {
    asked.push(key);
    return key === "none" ? null : `${key} at ${mark}`;
  });
  expect(["a", "none", "a", "none"].map(answer)).toEqual(["a at 1", null, "a at 1", null]);
  expect(asked).toEqual(["a", "none"]);
  mark = "2";
  expect(["a", "a"].map(answer)).toEqual(["a at 2", "a at 2"]);
  expect(asked).toEqual(["a", "none", "a"]);
});
