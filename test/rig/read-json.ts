import { readFileSync } from "node:fs";
import { join } from "node:path";
/** What a file of JSON holds, as whatever the test takes it for. */
export const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));
