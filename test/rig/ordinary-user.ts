import { execFileSync } from "node:child_process";
import { chmodSync, chownSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { makeTemporaryFolder } from "./temporary-folder.ts";

const NOBODY = 65534;

/** To root nothing is closed: then another user takes its place. */
export const isRoot = process.getuid?.() === 0;

/** The user to run as, in the options of a child process. */
export const ordinaryUser: { uid?: number } = isRoot ? { uid: NOBODY } : {};

/** A folder for one test, which belongs to that user. */
export function makeOrdinaryFolder(): string {
  const folder = makeTemporaryFolder();
  chmodSync(folder, 0o755);
  giveToOrdinary(folder);
  return folder;
}

export function giveToOrdinary(path: string): void {
  if (isRoot) chownSync(path, NOBODY, NOBODY);
}

/** Imports a module of the source as an ordinary user and evaluates an expression with it as `own`. Returns what it gives, or the error's message. */
export function evaluateAsOrdinary(module: string, expression: string): unknown {
  const path = fileURLToPath(new URL(`../../src/${module}`, import.meta.url));
  const code = `import * as own from ${JSON.stringify(path)};
    const give = (value) => console.log(JSON.stringify(value ?? null));
    await (async () => ${expression})().then(give, (error) => give(error.message));`;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", code];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", cwd: "/", ...ordinaryUser }));
}

/** Runs a shell script as that user, in a folder. */
export function shellAsOrdinary(cwd: string, script: string): void {
  execFileSync("sh", ["-e", "-c", script], { cwd, ...ordinaryUser });
}
