import { rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { JsonObject, VersionRecord } from "../../../../src/core/run.ts";
import { writeManifest } from "../../../../src/runners/attempt-files.ts";
import { readSealedManifest } from "../../../../src/runners/attempt-manifest.ts";
import { judgeOutputs } from "../../../../src/runners/kedro/claims/judge-outputs.ts";
import { makeClaim, OTHER, put } from "../../../rig/claimed-output.ts";

test("what is so is recorded", async () => {
  const { judge, told } = await makeClaim();
  expect(await judge()).toEqual({ table: told });
});

/** What a run may say that is not so: in what kind of error it ends. */
const FORGED: Readonly<Record<string, (claim: Awaited<ReturnType<typeof makeClaim>>) => Partial<VersionRecord>>> = {
  "a file of the system": () => ({ location: "/etc/hostname" }),
  "the root": () => ({ location: "/" }),
  "another file of the user": ({ folder }) => ({ location: put(join(folder, "private")) }),
  "its plain place, though it has one of its own": ({ plain }) => ({ location: put(plain) }),
  "a way out of the store": ({ folders, run, folder }) => {
    put(join(folder, "private"));
    return { location: `${folders.store}/x/${run.run_id}/../../../../private` };
  },
  "another attempt's place": ({ folders }) => ({ location: put(join(folders.store, "x", OTHER, "x")) }),
  "a folder of its own that holds no data of the store": ({ folder, run }) => ({
    location: put(join(folder, "elsewhere", run.run_id, "table.csv")),
  }),
  "a link in its place": ({ location, folder }) => {
    rmSync(location);
    symlinkSync(put(join(folder, "private")), location);
    return {};
  },
  "a link in the place of its folder": ({ location, folder }) => {
    rmSync(dirname(location), { recursive: true });
    put(join(folder, "outside/table.csv"));
    symlinkSync(join(folder, "outside"), dirname(location));
    return {};
  },
  "a relative path": () => ({ location: "table.csv" }),
  "a remote place that is not its own": () => ({ location: "s3://bucket/of/others/table.csv" }),
  "a climbing version": () => ({ version: "../../v" }),
  "another attempt's version": () => ({ version: OTHER }),
  "another hash": () => ({ hash: `sha256:${"0".repeat(64)}` }),
  "no hash": () => ({ hash: null }),
  "what is not there": ({ location }) => ({ location: `${location}-not` }),
};

test.each(Object.entries(FORGED))("a run that tells of %s has not succeeded", async (_, forge) => {
  const claim = await makeClaim();
  await expect(claim.judge(forge(claim))).rejects.toThrow(/table/);
});

test.each(["champion/../x", "other", "__proto__", "\u001b[31m"])(
  "a run that tells of %j, which it does not write, has not succeeded",
  async (name) => {
    const { judge } = await makeClaim();
    await expect(judge({}, name)).rejects.toThrow(/is nothing that the run writes/);
  },
);

test("a run without the output that it declares has not succeeded", async () => {
  const { run, folders } = await makeClaim();
  await expect(judgeOutputs({}, { run, folders })).rejects.toThrow(/without saving 'table'/);
});

/** What is taken from the plan, whatever the run says. */
const IGNORED: Readonly<Record<string, (config: JsonObject) => Partial<VersionRecord>>> = {
  "a plain path": () => ({ plain_location: "/etc/passwd" }),
  "a size": () => ({ bytes: 5 }),
  "arguments of its class": (config) => ({
    entry: {
      config: { ...config, load_args: { sep: ",", labels: "/etc/passwd" }, fs_args: { x: 1 } },
      versioned: true,
    },
  }),
};

test.each(Object.entries(IGNORED))("%s that the plan does not have is not recorded", async (_, forge) => {
  const { judge, told, config } = await makeClaim();
  const { table } = await judge(forge({ ...config, filepath: told.location }));
  expect(table).toEqual(told);
});

test.each([
  { type: "pickle.PickleDataset" },
  { type: "pandas.CSVDataset", dataset: "pickle.PickleDataset" },
  { type: "pandas.CSVDataset", wrapped: { type: "pickle.PickleDataset" } },
])("of a run that has saved by other classes than the project names, no entry is recorded: %j", async (other) => {
  const { judge, location } = await makeClaim();
  const { table } = await judge({ entry: { config: { ...other, filepath: location }, versioned: false } });
  expect(table?.entry).toBeNull();
});

describe("a place that is not in the store", () => {
  test("is that of the project's own versions", async () => {
    const { judge, plain, run } = await makeClaim({ planned: { versioned: true } });
    const location = put(join(plain, run.run_id, "table.csv"));
    expect((await judge({ location })).table).toMatchObject({ location, version: run.run_id });
    await expect(judge({ location: put(join(plain, OTHER, "table.csv")) })).rejects.toThrow(/table/);
  });

  test("is the plain one of what floats, and of nothing else", async () => {
    const { judge, plain, folder } = await makeClaim({ planned: { stays: true } });
    expect((await judge({ location: put(plain) })).table).toMatchObject({ location: plain });
    await expect(judge({ location: put(join(folder, "project/data/other.csv")) })).rejects.toThrow(/table/);
  });

  test("is not recorded of data that nobody declared", async () => {
    const { judge, folder } = await makeClaim({ planned: { declared: false }, task: { outputs: [] } });
    expect(await judge({ location: put(join(folder, "hooked.csv")) })).toEqual({});
  });
});

test("a declared output in no catalog is a pickle of its own place; no other class is believed of it", async () => {
  const { judge, location } = await makeClaim({ planned: { plain_location: null, entry: null } });
  const told = (type: string) => ({ entry: { config: { type, filepath: "/etc/passwd", more: 1 }, versioned: false } });
  const own = "runweave_worker.datasets.PickleDataset";
  const config = { type: own, filepath: location, output: "table" };
  expect((await judge(told(own))).table).toMatchObject({ entry: { config }, plain_location: null });
  expect((await judge(told("joblib.Any"))).table?.entry).toBeNull();
});

/** Fields of a manifest that have not their form. */
const MALFORMED: readonly Partial<Record<keyof VersionRecord, unknown>>[] = [
  ...[{ bytes: -5 }, { bytes: 0.5 }, { bytes: 1e300 }, { bytes: "1" }],
  ...[{ hash: "zz" }, { hash: "sha256:0" }, { hash: "sha256:../x" }, { hash: 1 }, { hash: "s3:\u001b[31m" }],
  ...[{ version: null }, { location: null }, { entry: [] }, { entry: { config: [] } }, { plain_location: {} }],
];

test.each(MALFORMED)("a manifest with %j is none", async (change) => {
  const { folder, run, told } = await makeClaim();
  const outputs = { table: { ...told, ...change } as VersionRecord };
  const manifest = {
    run_id: run.run_id,
    status: "success" as const,
    outputs,
    exception: null,
    peak_memory_bytes: null,
  };
  await writeManifest(folder, manifest, "s");
  expect(() => readSealedManifest(folder, { runId: run.run_id, seal: "s" })).toThrow(/shape of a manifest/);
});
