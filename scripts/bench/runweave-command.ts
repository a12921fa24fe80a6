import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { REPOSITORY } from "../setup-python.ts";
import { freshFolders } from "./fresh-folder.ts";
import { type Launch, repeat, type TimedCommand } from "./time-commands.ts";

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
  return repeat(name, launchRunweave(cwd, args));
}

/** `runweave run FILE --json` that begins each time with a registry of its own, so that nothing is reused. */
export function runFresh(name: string, file: string): TimedCommand {
  const nextFolder = freshFolders(registriesOf(file));
  const launch = () => {
    // Said expressly: one above the temporary folder must not be taken.
    const registry = path.join(nextFolder(), ".runweave");
    return launchRunweave(path.dirname(file), ["run", file, "--json", "--registry", registry]);
  };
  return { name, launch };
}

/** Where `runFresh` puts the registries of a workflow file. */
export function registriesOf(file: string): string {
  return path.join(path.dirname(file), "registries");
}

function launchRunweave(cwd: string, args: readonly string[]): Launch {
  return { argv: [process.execPath, CLI, ...args], cwd };
}
