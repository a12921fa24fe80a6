import { expect, test } from "vitest";
import { listOption } from "../../../src/core/text/option-values.ts";

test.each([
  { line: ["run", "--set", "a=1", "--set=b=2"], words: ["--set", "a=1", "--set=b=2"], values: ["a=1", "b=2"] },
  { line: ["run", "--set", "a=1", "--set-more", "x"], words: ["--set", "a=1"], values: ["a=1"] },
  { line: ["run", "--set="], words: ["--set="], values: [""] },
  { line: ["run", "--set"], words: [], values: [] },
  { line: ["run", "a=1"], words: [], values: [] },
])("$line has the values $values", ({ line, words, values }) => {
  const given = listOption(line, "--set");
  expect(given.flatMap((option) => option.words)).toEqual(words);
  expect(given.map(({ value }) => value)).toEqual(values);
});
