import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { REPOSITORY } from "../setup-python.ts";
import type { TimedCommand } from "./time-commands.ts";

const CLI = path.join(REPOSITORY, "bin", "runweave.js");

/** A workflow as its JSON file holds it. */
export interface WorkflowJson {
  readonly name: string;
  readonly runs: Readonly<Record<string, object>>;
  readonly [field: string]: unknown;
}

/** Writes a workflow into a folder of its own below `parent`, and gives the file. */
export function writeWorkflow(parent: string, workflow: WorkflowJson): string {
  const folder = path.join(parent, workflow.name);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "workflow.json");
  writeFileSync(file, JSON.stringify(workflow));
  return file;
}

/** `runweave ARGS`, with this Node. */
export function runweave(name: string, cwd: string, args: readonly string[]): TimedCommand {
  return { name, argv: [process.execPath, CLI, ...args], cwd };
}

/** `runweave run FILE --json` that begins each time with no registry, so that nothing is reused. */
export function runFresh(name: string, file: string): TimedCommand {
  const registry = registryOf(file);
  return {
    ...runweave(name, path.dirname(file), ["run", file, "--json", "--registry", registry]),
    reset: () => rmSync(registry, { recursive: true, force: true }),
  };
}

/** The registry beside a workflow file, said expressly: one above the temporary folder must not be taken. */
export function registryOf(file: string): string {
  return path.join(path.dirname(file), ".runweave");
}
