import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkMachine, findProject } from "../../src/compose/check-machine.ts";
import type { ProbeProject } from "../../src/compose/prepare/probe-runs.ts";
import { EnvironmentError } from "../../src/core/error/environment-error.ts";
import { accept, problemAt } from "../../src/core/error/problem.ts";
import type { ProjectAddress } from "../../src/core/port/project-agent.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const address: ProjectAddress = { project_path: "/project", python: null, env: "prod", conf_source: null };

async function diagnose(probe: ProbeProject, { isAssumed = false } = {}) {
  const location = { registry: join(makeTemporaryFolder(), "state"), environment: {} };
  const findings = await checkMachine({ ...location, from: "/" }, { addresses: [address], probe, isAssumed });
  return { findings, project: findings.find(({ what }) => what.startsWith("project")) };
}

test("a project that answers is described", async () => {
  const answer = { python: "3.11.7", executable: "/p/bin/python", kedro: "1.7.0", pipelines: ["a", "b"], slices: {} };
  const { findings, project } = await diagnose(async () => accept(answer));
  expect(project).toEqual({
    what: "project /project (env prod)",
    level: "ok",
    ok: true,
    detail: "Python 3.11.7 (/p/bin/python), Kedro 1.7.0, 2 pipelines",
    hint: null,
  });
  expect(findings.map(({ what }) => what).slice(0, 4)).toEqual(["Node", "SQLite", "registry", "disk"]);
});

test("what is wrong with a project, or with the machine, is a finding and not an error", async () => {
  const wrong = await diagnose(async () => ({ ok: false, problems: [problemAt(null, "X", "no import", "mend it")] }));
  expect(wrong.project).toMatchObject({ ok: false, detail: "no import", hint: "mend it" });
  const missing = await diagnose(async () => {
    throw new EnvironmentError({ code: "kedro-missing", message: "no Kedro", hint: "install it", traceback: null });
  });
  expect(missing.project).toMatchObject({ ok: false, detail: "no Kedro", hint: "install it" });
});

test("a project that no workflow names may have a Python that is not known here: then nothing fails", async () => {
  const probe: ProbeProject = async () => ({ ok: false, problems: [problemAt(null, "X", "no Python", "make one")] });
  const { project } = await diagnose(probe, { isAssumed: true });
  const hint = expect.stringContaining("`runweave doctor FILE`");
  expect(project).toMatchObject({ level: "warn", ok: true, detail: "no Python", hint });
});

test("a fault of ours is no finding", async () => {
  const probe = async () => {
    throw new TypeError("a bug");
  };
  await expect(diagnose(probe)).rejects.toThrow("a bug");
});

test("the project around a folder is the nearest whose pyproject.toml is Kedro's", () => {
  const root = makeTemporaryFolder();
  mkdirSync(join(root, "project/package"), { recursive: true });
  writeFileSync(join(root, "project/pyproject.toml"), '[tool.kedro]\npackage_name = "toy"\n');
  writeFileSync(join(root, "project/package/pyproject.toml"), "[tool.other]\n");
  expect(findProject(join(root, "project/package"))).toMatchObject({ project_path: join(root, "project") });
  expect(findProject(root)).toBeNull();
});
