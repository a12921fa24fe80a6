import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findPython } from "../../../src/runners/interpreters/find-python.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const WITH_KEDRO = `echo '{"value": true, "reads": null}'`;
const WITHOUT_KEDRO = `echo '{"value": false, "reads": null}'`;
const BROKEN = "exit 127";

/** Programs by their paths, each a shell script that answers like a Python. */
function makePythons(pythons: Record<string, string>): string {
  const folder = makeTemporaryFolder();
  for (const [path, answer] of Object.entries(pythons)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `#!/bin/sh\n${answer}\n`);
    chmodSync(join(folder, path), 0o755);
  }
  return folder;
}

function find(folder: string, variables: Record<string, string> = {}, explicit: string | null = null) {
  const environment = Object.fromEntries(Object.entries(variables).map(([name, path]) => [name, join(folder, path)]));
  return findPython({ explicit, projectPath: join(folder, "repo", "project"), environment });
}

const PROJECT = "repo/project/.venv/bin/python";
const ABOVE = "repo/.venv/bin/python";
const ACTIVE = "active/bin/python";
const ON_PATH = "path/python3";

test.each([
  ["the active environment first", [ACTIVE, PROJECT, ABOVE, ON_PATH], ACTIVE],
  ["then the project's own", [PROJECT, ABOVE, ON_PATH], PROJECT],
  ["then one above it", [ABOVE, ON_PATH], ABOVE],
  ["then PATH", [ON_PATH], ON_PATH],
])("%s is taken", async (_, there, taken) => {
  const folder = makePythons(Object.fromEntries(there.map((path) => [path, WITH_KEDRO])));
  expect(await find(folder, { VIRTUAL_ENV: "active", PATH: "path" })).toBe(join(folder, taken));
});

test.each(["CONDA_PREFIX", "UV_PROJECT_ENVIRONMENT"])("%s names an active environment too", async (name) => {
  const folder = makePythons({ [ACTIVE]: WITH_KEDRO, [PROJECT]: WITH_KEDRO });
  expect(await find(folder, { [name]: "active" })).toBe(join(folder, ACTIVE));
});

test("a Python without Kedro, or that does not run, is passed over", async () => {
  const folder = makePythons({ [ACTIVE]: WITHOUT_KEDRO, [PROJECT]: BROKEN, [ABOVE]: WITH_KEDRO });
  expect(await find(folder, { VIRTUAL_ENV: "active" })).toBe(join(folder, ABOVE));
});

test("if none has Kedro, the error lists what was tried", async () => {
  const folder = makePythons({ [ACTIVE]: WITHOUT_KEDRO, [ON_PATH]: BROKEN });
  const error = await find(folder, { VIRTUAL_ENV: "active", PATH: "path" }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "EnvironmentError", code: "kedro-missing" });
  const { message } = error as Error;
  expect(message).toContain(`${join(folder, ACTIVE)} (VIRTUAL_ENV): has no kedro`);
  expect(message).toContain(`${join(folder, PROJECT)} (.venv): not there`);
  expect(message).toContain(`${join(folder, ON_PATH)} (PATH): does not run (127)`);
});

test("without any Python the error says so", async () => {
  await expect(find(makePythons({}))).rejects.toMatchObject({
    code: "python-missing",
    message: /^no Python was found/,
  });
});

test("the one that the workflow names is taken as it is, or is an error", async () => {
  const folder = makePythons({ [ACTIVE]: BROKEN, [PROJECT]: WITH_KEDRO });
  expect(await find(folder, {}, join(folder, ACTIVE))).toBe(join(folder, ACTIVE));
  await expect(find(folder, {}, join(folder, "nope"))).rejects.toMatchObject({ code: "python-missing" });
});

test("a bare name is looked up on PATH, wherever the worker starts", async () => {
  const folder = makePythons({ [ON_PATH]: WITH_KEDRO, [PROJECT]: WITH_KEDRO });
  expect(await find(folder, { PATH: "path" }, "python3")).toBe(join(folder, ON_PATH));
  await expect(find(folder, { PATH: "path" }, "python9")).rejects.toThrow("there is no python9 on PATH");
});
