import { expect, test } from "vitest";
import { lookOf } from "../../src/cli/terminal.ts";

const stream = (isTTY: boolean) => ({ isTTY, columns: 100 }) as NodeJS.WriteStream;

test.each([
  ["a terminal", true, {}, true],
  ["a terminal with NO_COLOR", true, { NO_COLOR: "1" }, false],
  ["a terminal with an empty NO_COLOR", true, { NO_COLOR: "" }, true],
  ["a dumb terminal", true, { TERM: "dumb" }, false],
  ["a pipe", false, {}, false],
  ["a pipe with FORCE_COLOR", false, { FORCE_COLOR: "1" }, true],
  ["a pipe with FORCE_COLOR=0", false, { FORCE_COLOR: "0" }, false],
])("%s: colour or not", (_, isTTY, environment, color) => {
  expect(lookOf(stream(isTTY), environment).color).toBe(color);
});

test("only a terminal limits a line", () => {
  expect(lookOf(stream(true), {}).columns).toBe(100);
  expect(lookOf(stream(false), {}).columns).toBeNull();
});
