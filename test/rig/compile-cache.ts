import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * For the environment of Node: compiled code is kept from the first module on, also what becomes of TypeScript. The folder is the one that Node
 * uses by default.
 */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") };
