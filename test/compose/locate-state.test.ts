import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { locateState, makeStateFolders } from "../../src/compose/locate-state.ts";
import { RegistryError } from "../../src/core/error/registry-error.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

function makeTree(...folders: string[]): { root: string; from: string } {
  const root = makeTemporaryFolder();
  for (const folder of ["repo/project/flows", ...folders]) mkdirSync(join(root, folder), { recursive: true });
  return { root, from: join(root, "repo/project/flows") };
}

test.each([
  ["the nearest .runweave above", ["repo/.runweave", "repo/project/.runweave", "repo/project/.git"], "repo/project"],
  ["none above the git root: the search ends there", ["repo/.runweave", "repo/project/.git"], "repo/project"],
  ["else one at the git root", ["repo/.git"], "repo"],
])("it is %s", (_, folders, expected) => {
  const { root, from } = makeTree(...folders);
  expect(locateState({ environment: {}, from }).root).toBe(join(root, expected, ".runweave"));
});

test("what is said wins: the flag over the environment over the tree; an empty variable says nothing", () => {
  const { root, from } = makeTree("repo/.runweave");
  const environment = { RUNWEAVE_REGISTRY: join(root, "said") };
  expect(locateState({ environment, from }).root).toBe(join(root, "said"));
  expect(locateState({ registry: join(root, "flag"), environment, from }).root).toBe(join(root, "flag"));
  expect(locateState({ environment: { RUNWEAVE_REGISTRY: "" }, from }).root).toBe(join(root, "repo/.runweave"));
});

test("a file is taken for the registry in its folder, by its ending or because it is one", () => {
  const { root, from } = makeTree();
  writeFileSync(join(root, "plain"), "");
  for (const name of ["team.db", "plain"]) {
    const state = locateState({ registry: join(root, name), environment: {}, from });
    expect(state).toMatchObject({ root, registry: join(root, name), store: join(root, "data") });
  }
});

test("looking makes nothing", () => {
  const { from } = makeTree();
  expect(existsSync(locateState({ environment: {}, from }).root)).toBe(false);
});

test("the folders are made for their owner alone, and a .runweave keeps itself out of git", () => {
  const { root } = makeTree();
  for (const [folder, ignored] of [
    [".runweave", true],
    ["elsewhere", false],
  ] as const) {
    const state = locateState({ registry: join(root, folder), environment: {}, from: root });
    makeStateFolders(state);
    makeStateFolders(state);
    for (const made of [state.root, state.attempts, state.logs, state.store])
      expect(statSync(made).mode & 0o777).toBe(0o700);
    expect(existsSync(join(state.root, ".gitignore"))).toBe(ignored);
  }
  expect(readFileSync(join(root, ".runweave/.gitignore"), "utf8")).toBe("*\n");
});

test("a place where no folder can be made is an error that says what to do", () => {
  const { root } = makeTree();
  writeFileSync(join(root, "file"), "");
  const state = locateState({ registry: join(root, "file/below"), environment: {}, from: root });
  expect(() => makeStateFolders(state)).toThrow(RegistryError);
});
