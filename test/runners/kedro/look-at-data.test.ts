import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { lookAtData, type ToldDataset } from "../../../src/runners/kedro/look-at-data.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const TOLD: ToldDataset = {
  type: "text.TextDataset",
  in_catalog: true,
  location: null,
  places: [],
  others: [],
  versioned: false,
  by_params: false,
  appends: false,
};

function look(told: Partial<ToldDataset>, attempts = "/no/such/folder") {
  const datasets = { data: { ...TOLD, ...told } };
  const slice = { problems: [], nodes: [], inputs: [], outputs: [], datasets };
  const answer = lookAtData({ kedro: "1.7.0", python: "3.11.7", pipelines: [], slices: { run: slice } }, attempts);
  const { latest_version, is_missing } = answer.slices.run?.datasets.data ?? {};
  return { latest_version, is_missing };
}

function write(path: string, text = ""): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

test("nothing is at the path of an unversioned entry, or something is", () => {
  const location = join(makeTemporaryFolder(), "raw.txt");
  expect(look({ location })).toEqual({ latest_version: null, is_missing: true });
  write(location);
  expect(look({ location })).toEqual({ latest_version: null, is_missing: false });
});

test.each(["/data/part-*.txt", "s3://bucket/raw.txt", null])(
  "of %s nobody can say that nothing is there",
  (location) => {
    expect(look({ location })).toEqual({ latest_version: null, is_missing: false });
  },
);

test("the newest version is the last in order that holds the file, as Kedro compares paths", () => {
  const location = join(makeTemporaryFolder(), "kept.txt");
  expect(look({ location, versioned: true })).toEqual({ latest_version: null, is_missing: false });
  for (const version of ["2024-01-01", "2024-01-01T00", "2023-01-01"]) write(join(location, version, "kept.txt"));
  write(join(location, "2025-01-01", "other.txt"));
  expect(look({ location, versioned: true }).latest_version).toBe("2024-01-01T00");
  // `/` comes after `-` and before `0`.
  write(join(location, "2024-01-01-a", "kept.txt"));
  write(join(location, "2024-01-010", "kept.txt"));
  expect(look({ location, versioned: true }).latest_version).toBe("2024-01-01T00");
});

test("what an attempt saved that failed, was cut off or goes on is not the newest version, though Kedro would load it", () => {
  const [location, attempts] = [join(makeTemporaryFolder(), "seen.txt"), makeTemporaryFolder()];
  for (const version of ["1", "2", "3", "4"]) write(join(location, version, "seen.txt"));
  write(join(attempts, "4/manifest"), '{"status": "failed"}');
  mkdirSync(join(attempts, "3"));
  write(join(attempts, "2/manifest"), '{"status": "success"}');
  expect(look({ location, versioned: true }, attempts).latest_version).toBe("2");
  write(join(attempts, "2/manifest"), "{");
  expect(look({ location, versioned: true }, attempts).latest_version).toBe("1");
  expect(look({ location, versioned: true }).latest_version).toBe("4");
});

test("what a worker says of data that it alone can reach stands", () => {
  const remote = { location: "s3://bucket/raw.txt", versioned: true, latest_version: "2024" };
  expect(look(remote)).toEqual({ latest_version: "2024", is_missing: false });
});
