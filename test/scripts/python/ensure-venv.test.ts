import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ensureVenv } from "../../../scripts/python/ensure-venv.ts";
import { findPython } from "../../../scripts/python/find-python.ts";
import { SetUpError } from "../../../scripts/python/set-up-error.ts";

let root: string;
let options: { folder: string; requirements: string };
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "venv-"));
  options = { folder: path.join(root, "venv"), requirements: path.join(root, "requirements.txt") };
  writeFileSync(options.requirements, "# nothing, so that no network is needed\n");
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

describe("ensureVenv", () => {
  it("makes an environment once for two callers, and would redo it for other requirements or if unfinished", async () => {
    const both = await Promise.all([ensureVenv(options), ensureVenv(options)]);
    expect(both.map(({ reused }) => reused).sort()).toEqual([false, true]);

    // With no Python to be found, asking for one is the sign that it would be made anew.
    vi.stubEnv("RUNWEAVE_SETUP_PYTHON", "/nowhere/python");
    expect((await ensureVenv(options)).reused).toBe(true);
    await expect(ensureVenv({ ...options, requirements: import.meta.filename })).rejects.toThrow(/is none/);
    rmSync(path.join(options.folder, "runweave-setup.json"));
    await expect(ensureVenv(options)).rejects.toThrow(/is none/);
  });

  it("refuses a folder that it did not make, and leaves it alone", async () => {
    mkdirSync(path.join(options.folder, "bin"), { recursive: true });
    await expect(ensureVenv(options)).rejects.toThrow(/did not make it/);
    expect(existsSync(path.join(options.folder, "bin"))).toBe(true);
  });
});

describe("findPython", () => {
  it("says which Python it was given if that is none", () => {
    const find = () => findPython({ RUNWEAVE_SETUP_PYTHON: "/nowhere/python" });
    expect(find).toThrow(SetUpError);
    expect(find).toThrow("'/nowhere/python' is none");
  });
});
