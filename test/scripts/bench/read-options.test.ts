import { expect, test } from "vitest";
import { readOptions } from "../../../scripts/bench/read-options.ts";

const names = ["chain", "commands", "help"];

test("without arguments every benchmark is run, with the rivals that are quick to have", () => {
  expect(readOptions([], names)).toEqual({ chosen: names, iterations: 5, allRivals: false, json: undefined });
});

test("benchmarks are chosen by name, in their own order and once each", () => {
  const options = readOptions(
    ["--only", "help,chain,help", "--iterations", "2", "--all-rivals", "--json", "r.json"],
    names,
  );
  expect(options).toEqual({ chosen: ["chain", "help"], iterations: 2, allRivals: true, json: "r.json" });
});

test.each([
  [["--only", "chain,chian"]],
  [["--only", ""]],
  [["--iterations", "0"]],
  [["--iterations", "1.5"]],
  [["--iterations", "many"]],
  [["--quick"]],
  [["chain"]],
])("%j makes no sense", (args) => {
  expect(readOptions(args, names)).toBeUndefined();
});
