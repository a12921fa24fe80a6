import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A folder for all tests of a file, gone with the last of them. */
export function makeSuiteFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "runweave-suite-")));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
