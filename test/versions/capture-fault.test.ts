import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "../../src/compose/locate-state.ts";
import { describeCaptureFault } from "../../src/versions/capture-fault.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

function setUp(name: string) {
  const project = makeTemporaryFolder();
  const state = inFolder(join(project, name));
  for (const folder of [state.attempts, state.store, join(project, "out")]) mkdirSync(folder, { recursive: true });
  symlinkSync(".", join(project, "out", "self"));
  symlinkSync(name, join(project, "link"));
  return (path: string, more: object = {}) => describeCaptureFault(join(project, path), { ...state, ...more });
}

test.each([".", "..", ".runweave", "link", "link/..", "./out/.."])("%s holds the state folder", (path) => {
  expect(setUp(".runweave")(path)).toContain("which is runweave's own and where its copy would go");
});

test.each([".runweave/registry.sqlite", ".runweave/attempts/x", ".runweave/new", "link/data/x"])(
  "%s lies in it",
  (path) => {
    expect(setUp(".runweave")(path)).toContain("which holds runweave's own files");
  },
);

test.each(["out", "out/x", "out/self", "new", ".runweave-2/x"])("%s is the user's own", (path) => {
  expect(setUp(".runweave")(path)).toBe(null);
});

test("a store elsewhere counts, and its folders for unfinished copies", () => {
  const tell = setUp(".runweave");
  const store = join(makeTemporaryFolder(), "store");
  expect(describeCaptureFault(store, { ...inFolder("/state"), store })).toContain("it holds");
  expect(describeCaptureFault(join(store, ".capturing/x"), { ...inFolder("/state"), store })).toContain("it lies in");
  expect(tell("out", { store })).toBe(null);
});

test("beside a registry file of another name, what is not runweave's can be captured", () => {
  const tell = setUp("analysis");
  expect([tell("analysis/out"), tell("analysis/data/x")]).toEqual([null, null]);
  expect(tell("analysis/attempts")).toContain("it holds");
  expect(tell("analysis/registry.sqlite")).toContain("it lies in");
});
