import { accessSync, constants, statSync } from "node:fs";

/** True for a file that this user may execute; folders are none. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
