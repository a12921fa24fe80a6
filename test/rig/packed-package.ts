import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { bundlePackage } from "../../scripts/build.ts";
import { compileWorker } from "../../scripts/testing/compile-worker.ts";
import { testPythonPath } from "./test-python.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder laid out as the installed package, without its declarations. */
    packageFolder: string;
  }
}

/** Builds the package once for all end-to-end tests, apart from `dist/`, which others may be using. */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "runweave-package-"));
  // Some tests run it as another user.
  chmodSync(folder, 0o755);
  const repository = join(import.meta.dirname, "../..");
  for (const part of listParts(repository)) cpSync(join(repository, part), join(folder, part), { recursive: true });
  await bundlePackage(join(folder, "dist"));
  compileWorker(testPythonPath(), join(folder, "dist/worker"));
  project.provide("packageFolder", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

/** What npm packs: the files that the package names, but for what is built, and those that npm always takes. */
function listParts(repository: string): string[] {
  const { files } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { files: string[] };
  const named = files.filter((name) => name !== "dist" && !name.startsWith("!"));
  return [...named, "package.json", "README.md", "LICENSE"];
}
