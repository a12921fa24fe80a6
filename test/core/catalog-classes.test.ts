import { expect, test } from "vitest";
import { executesOnlyByType, listClasses, listExecuting } from "../../src/core/catalog-classes.ts";
import type { JsonObject } from "../../src/core/run.ts";

test.each<[JsonObject, string[], boolean]>([
  [{ type: "pandas.CSVDataset", filepath: "pickle.csv" }, [], false],
  [{ type: "pickle.PickleDataset", filepath: "x" }, ["pickle.PickleDataset"], true],
  [{ type: "kedro_datasets.pickle.PickleDataset" }, ["kedro_datasets.pickle.PickleDataset"], true],
  [{ type: "partitions.PartitionedDataset", dataset: "pickle.PickleDataset" }, ["pickle.PickleDataset"], false],
  [{ type: "CachedDataset", dataset: { type: "pytorch.PyTorchDataset" } }, ["pytorch.PyTorchDataset"], false],
  [{ type: "pandas.GenericDataset", file_format: "pickle" }, ["pickle"], false],
  [{ type: "my.ModelDataset", backend: "joblib" }, ["joblib"], false],
  [{ type: "pickle.PickleDataset", backend: "joblib" }, ["pickle.PickleDataset", "joblib"], true],
  [{ type: "a.PickleDataset", inner: { type: "b.JoblibDataset" } }, ["a.PickleDataset", "b.JoblibDataset"], false],
  [{ type: "my.All", parts: [{ type: "csv.A" }, { type: "dill.B" }] }, ["dill.B"], false],
])("%j executes what it loads by %j, by its own class alone: %s", (config, expected, isByType) => {
  const executing = listExecuting({ config, versioned: false });
  expect(executing.map(({ text }) => text)).toEqual(expected);
  expect(executesOnlyByType(executing)).toBe(isByType);
});

test("classes are told by the keys that lead to them", () => {
  const config = { type: "a.B", load_args: { x: "y" }, inner: { dataset: "c.D", deep: { type: "e.F" } } };
  expect(listClasses(config)).toEqual(["type: a.B", "inner.dataset: c.D", "inner.deep.type: e.F"]);
  expect(listExecuting(null)).toEqual([]);
});
