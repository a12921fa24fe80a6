import type { Registry } from "../../core/port/registry.ts";
import { createRegistry } from "../create-registry.ts";
import { createMemoryTables } from "./tables.ts";

/** A registry that ends with its process: for scripts that want none on disk, and for tests. */
export function createMemoryRegistry(): Registry {
  return createRegistry(createMemoryTables());
}
