import { expect, test } from "vitest";
import { findExecuting, listClasses } from "../../src/core/catalog-classes.ts";
import type { JsonObject } from "../../src/core/run.ts";

test.each<[JsonObject, string | null]>([
  [{ type: "pandas.CSVDataset", filepath: "pickle.csv" }, null],
  [{ type: "pickle.PickleDataset", filepath: "x" }, "pickle.PickleDataset"],
  [{ type: "kedro_datasets.pickle.PickleDataset" }, "kedro_datasets.pickle.PickleDataset"],
  [{ type: "partitions.PartitionedDataset", dataset: "pickle.PickleDataset" }, "pickle.PickleDataset"],
  [{ type: "CachedDataset", dataset: { type: "pytorch.PyTorchDataset" } }, "pytorch.PyTorchDataset"],
  [{ type: "pandas.GenericDataset", file_format: "pickle" }, "pickle"],
  [{ type: "my.ModelDataset", backend: "joblib" }, "joblib"],
])("%j executes what it loads: %s", (config, expected) => {
  expect(findExecuting({ config, versioned: false })).toBe(expected);
});

test("classes are told by the keys that lead to them", () => {
  const config = { type: "a.B", load_args: { x: "y" }, inner: { dataset: "c.D", deep: { type: "e.F" } } };
  expect(listClasses(config)).toEqual(["type: a.B", "inner.dataset: c.D", "inner.deep.type: e.F"]);
  expect(findExecuting(null)).toBeNull();
});
