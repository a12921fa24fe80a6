import { expect, it } from "vitest";
import { isDataFile } from "../../src/core/data-file.ts";

it.each(["raw/in.csv", "in.CSV", "conf.txt", "settings.yaml", "../shared/model.pkl", "raw/in.unheard-of", "x.tar.gz"])(
  "%s holds data",
  (name) => {
    expect(isDataFile(name)).toBe(true);
  },
);

it.each([
  ...[
    "toy.nodes",
    "package times",
    "export.py",
    "lib/keep.ts",
    "lib/keep.test.ts",
    "scripts/make",
    "report.sh",
    "Makefile",
  ],
  ...["lib/.hidden", "../tools", "a.b/c", "R/plot.R", ""],
])("%j counts as code", (name) => {
  expect(isDataFile(name)).toBe(false);
});
