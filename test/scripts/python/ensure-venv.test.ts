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

  it("uses an environment of a larger set, and adds packages to one of a smaller set", async () => {
    const small = path.join(root, "small.txt");
    writeFileSync(small, "# less than nothing\n");
    const { folder } = options;
    const part = { folder, requirements: small, versions: options.requirements, partOf: [options] };
    expect((await ensureVenv(part)).reused).toBe(false);
    const kept = path.join(folder, "kept");
    writeFileSync(kept, "");
    // With no Python to be found, none can have been made anew.
    vi.stubEnv("RUNWEAVE_SETUP_PYTHON", "/nowhere/python");
    expect((await ensureVenv(part)).reused).toBe(true);
    expect((await ensureVenv({ ...options, parts: [part] })).reused).toBe(false);
    expect(existsSync(kept)).toBe(true);
    expect((await ensureVenv(part)).reused).toBe(true);
    expect((await ensureVenv(options)).reused).toBe(true);
  });

  it("makes an environment anew that a kill left with half of the packages that were to be added", async () => {
    const small = path.join(root, "small.txt");
    writeFileSync(small, "");
    const part = { folder: options.folder, requirements: small };
    await ensureVenv(part);
    writeFileSync(options.requirements, "./nothing-is-here\n");
    await expect(ensureVenv({ ...options, parts: [part] })).rejects.toThrow(/failed/);
    vi.stubEnv("RUNWEAVE_SETUP_PYTHON", "/nowhere/python");
    await expect(ensureVenv(part)).rejects.toThrow(/is none/);
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
