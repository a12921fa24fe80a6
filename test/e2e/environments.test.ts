import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { RunRecord, SessionRecord } from "../../src/core/run.ts";
import { runEvents, runJson } from "../rig/cli.ts";
import { MarkedProcesses } from "../rig/marked-processes.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeFiles, writeToyProject } from "../rig/toy-project.ts";

const folder = makeSuiteFolder();

/** Says where it runs, and after whom. */
const PIPELINES = `
import importlib.metadata, os, sys
try:
    FLAVOUR = importlib.metadata.version("flavour")
except importlib.metadata.PackageNotFoundError:
    FLAVOUR = None

def look(stage, seen):
    return {"stage": stage, "seen": seen, "prefix": sys.prefix, "flavour": FLAVOUR, "zygote": os.getppid()}

def register_pipelines():
    found = Pipeline([node(look, ["params:stage", "params:seen"], "found", name="look")])
    joined = Pipeline([node(lambda one, two: [one, two], ["one", "two"], "both", name="join")])
    return {"look": found, "join": joined, "__default__": found}
`;
const entryOf = (name: string) => `${name}: { type: json.JSONDataset, filepath: data/${name}.json }\n`;

/** A Python environment with all that the tests' own has, and one package more. */
function makeSecondPython(target: string): string {
  const python = findTestPython();
  execFileSync(python, ["-m", "venv", "--without-pip", target]);
  const siteOf = (interpreter: string) =>
    execFileSync(interpreter, ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], {
      encoding: "utf8",
    }).trim();
  const own = siteOf(join(target, "bin/python"));
  writeFiles(own, {
    "others.pth": `import site; site.addsitedir(${JSON.stringify(siteOf(python))})\n`,
    "flavour-2.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: flavour\nVersion: 2.0\n",
  });
  return target;
}

const look = (fields: object = {}) => ({ pipeline: "look", outputs: ["found"], ...fields });

const WORKFLOW = {
  project: "project",
  python: findTestPython(),
  max_parallel: 3,
  runs: {
    plain: look(),
    again: look({ params: { seen: "only here" } }),
    prod: look({ env: "prod" }),
    elsewhere: look({ conf_source: "project/other-conf" }),
    second: look({ python: "second/bin/python" }),
    second_prod: look({ python: "second/bin/python", env: "prod" }),
    join: {
      pipeline: "join",
      consumes: { one: { run: "plain", dataset: "found" }, two: { run: "second_prod", dataset: "found" } },
      outputs: ["both"],
    },
  },
};

interface Found {
  stage: string;
  seen: string;
  prefix: string;
  flavour: string | null;
  zygote: number;
}

const marked = new MarkedProcesses();
let events: RunEvent[];
let runs: Map<string, RunRecord>;
const read = <T>(run: string, dataset: string): T =>
  JSON.parse(readFileSync(runs.get(run)?.outputs[dataset]?.location ?? "nowhere", "utf8"));
const found = (run: string) => read<Found>(run, "found");

beforeAll(async () => {
  writeToyProject({
    folder: join(folder, "project"),
    pipelines: PIPELINES,
    catalog: ["found", "one", "two", "both"].map(entryOf).join(""),
    parameters: "stage: base\nseen: nothing\n",
    files: {
      "conf/prod/parameters.yml": "stage: prod\n",
      "other-conf/base/parameters.yml": "stage: elsewhere\nseen: nothing\n",
      "other-conf/base/catalog.yml": entryOf("found"),
      "other-conf/local/.gitkeep": "",
    },
  });
  makeSecondPython(join(folder, "second"));
  writeFileSync(join(folder, "workflow.json"), JSON.stringify(WORKFLOW));
  const { exitCode, stderr, ...told } = await runEvents("workflow.json", { cwd: folder, env: marked.environment });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  events = told.events;
  const { value } = await runJson<SessionRecord>(["show"], { cwd: folder });
  runs = new Map(value.runs.map((run) => [run.run, run]));
});

test("each run has the configuration and the Python that it names, and parameters of its own", () => {
  const second = { prefix: join(folder, "second"), flavour: "2.0" };
  const first = { prefix: join(findTestPython(), "../.."), flavour: null };
  expect(found("plain")).toMatchObject({ stage: "base", seen: "nothing", ...first });
  expect(found("again")).toMatchObject({ stage: "base", seen: "only here", ...first });
  expect(found("prod")).toMatchObject({ stage: "prod", seen: "nothing", ...first });
  expect(found("elsewhere")).toMatchObject({ stage: "elsewhere", ...first });
  expect(found("second")).toMatchObject({ stage: "base", ...second });
  expect(found("second_prod")).toMatchObject({ stage: "prod", ...second });
});

test("each Python, environment and configuration has a zygote, and what they share, their runs share", () => {
  const zygotes = ["plain", "prod", "elsewhere", "second", "second_prod"].map((run) => found(run).zygote);
  expect(new Set(zygotes).size).toBe(zygotes.length);
  expect(found("again").zygote).toBe(found("plain").zygote);
});

test("what one Python saved, a run of another consumes", () => {
  expect(read("join", "both")).toMatchObject([{ flavour: null }, { flavour: "2.0", stage: "prod" }]);
});

test("the record says which environment each run had", () => {
  const digests = events.flatMap((event) =>
    event.type === "environment.captured" ? [[event.run, event.digest] as const] : [],
  );
  const digestOf = new Map(digests);
  expect(digestOf.get("second")).toBe(digestOf.get("second_prod"));
  expect(digestOf.get("plain")).toBe(digestOf.get("prod"));
  expect(digestOf.get("second")).not.toBe(digestOf.get("plain"));
});

test("no worker of any of them is left", async () => {
  expect(await marked.remaining()).toEqual([]);
});
