import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fingerprintSources } from "../../../src/runners/kedro/source-fingerprint.ts";
import { makeKedroProject } from "../../rig/kedro-project.ts";

const write = (project: string, path: string) => writeFileSync(join(project, path), "changed");

test.each<[string, (project: string) => void]>([
  ["a module", (project) => write(project, "src/demo/nodes.py")],
  ["a new module", (project) => write(project, "src/demo/new.py")],
  ["a module that is gone", (project) => rmSync(join(project, "src/demo/nodes.py"))],
  [
    "a module with another name",
    (project) => renameSync(join(project, "src/demo/nodes.py"), join(project, "src/demo/n.py")),
  ],
  ["a module of the same size", (project) => utimesSync(join(project, "src/demo/nodes.py"), 1, 1)],
  [
    "a module that is another one of the same size and time",
    (project) => {
      const path = join(project, "src/demo/nodes.py");
      const { size, atime, mtime } = statSync(path);
      writeFileSync(path, "#".repeat(size));
      utimesSync(path, atime, mtime);
    },
  ],
  ["the catalog", (project) => write(project, "conf/base/catalog.yml")],
  ["pyproject.toml", (project) => write(project, "pyproject.toml")],
])("%s changes it", (_, change) => {
  const project = makeKedroProject();
  const before = fingerprintSources(project, null);
  change(project);
  expect(fingerprintSources(project, null)).not.toBe(before);
});

test.each<[string, (project: string) => void]>([
  ["data", (project) => write(project, "data.csv")],
  [
    "compiled modules",
    (project) => {
      mkdirSync(join(project, "src/demo/__pycache__"));
      write(project, "src/demo/__pycache__/nodes.py");
    },
  ],
  [
    "the id that Kedro's telemetry gives a project when it is first run",
    (project) => appendFileSync(join(project, "pyproject.toml"), '\n[tool.kedro_telemetry]\nproject_id = "0f"\n'),
  ],
  ["a notebook", (project) => write(project, "src/demo/x.ipynb")],
  ["nothing", () => {}],
])("%s does not", (_, change) => {
  const project = makeKedroProject();
  const before = fingerprintSources(project, null);
  change(project);
  expect(fingerprintSources(project, null)).toBe(before);
});

test("configuration is watched where `conf_source` says, be it a folder or an archive", () => {
  const project = makeKedroProject({ "other/base/catalog.yml": "", "conf.tar.gz": "" });
  for (const [source, file] of [
    ["other", "other/base/catalog.yml"],
    ["conf.tar.gz", "conf.tar.gz"],
  ] as const) {
    const before = fingerprintSources(project, join(project, source));
    write(project, "conf/base/catalog.yml");
    expect(fingerprintSources(project, join(project, source))).toBe(before);
    write(project, file);
    expect(fingerprintSources(project, join(project, source))).not.toBe(before);
  }
});

test("sources in another folder than src are found, data beside them left out", () => {
  const project = makeKedroProject({ "pyproject.toml": 'source_dir = "."', "demo/a.py": "", "data/x.json": "" });
  const before = fingerprintSources(project, null);
  write(project, "data/x.json");
  expect(fingerprintSources(project, null)).toBe(before);
  write(project, "demo/a.py");
  expect(fingerprintSources(project, null)).not.toBe(before);
});

test("a project that is not there has a fingerprint too", () => {
  expect(fingerprintSources("/no/such/project", null)).toBe(fingerprintSources("/no/such/project", "/nope"));
});
