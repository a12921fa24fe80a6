import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { findTestPython } from "./test-python.ts";

const EXAMPLE = join(import.meta.dirname, "../../workflows/diabetes");

/** Copies the example, as nobody has run it, below a folder, with the Python that it names where it names it. Returns its folder. */
export function copyExample(folder: string): string {
  const project = join(folder, "workflows/diabetes");
  copyExampleTo(project);
  symlinkSync(dirname(dirname(findTestPython())), join(folder, ".venv"));
  return project;
}

export function copyExampleTo(project: string): void {
  mkdirSync(project, { recursive: true });
  const isData = (path: string) => /\/diabetes\/(data|\.runweave)(\/|$)|__pycache__/.test(path);
  cpSync(EXAMPLE, project, { recursive: true, filter: (path) => !isData(path) });
}
