import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The files below a folder in which one of these stands. */
export function findLeaks(folder: string, secrets: readonly string[]): string[] {
  return listFiles(folder).filter((path) => secrets.some((secret) => readFileSync(path).includes(secret)));
}

export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
