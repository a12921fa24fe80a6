import { globSync, readFileSync } from "node:fs";
import path from "node:path";

/** Files by their paths in the repository, each with those of the files that it imports when it runs. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

const IMPORTS = [
  // Imports of types alone are gone when a file runs: what they say is for the type checker.
  /^(?:import|export)\s+(?!type\b)[^;]*?\sfrom\s+"(\.[^"]+)"/gm,
  /^import\s+"(\.[^"]+)"/gm,
  /\bimport\(\s*"(\.[^"]+)"/g,
];

/** Reads what the files of these folders import from each other. */
export function readImportGraph(root: string, folders: readonly string[]): ImportGraph {
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*.{ts,mjs}`, { cwd: root }));
  return new Map(files.map((file) => [file, listImports(file, readFileSync(path.join(root, file), "utf8"))]));
}

/** Paths in the repository that a file imports. */
export function listImports(file: string, text: string): string[] {
  const named = IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = ""]) => name));
  return [...new Set(named.map((name) => path.posix.join(path.posix.dirname(file), name)))];
}

/** Everything that imports one of the files, by way of others too, and the files themselves: by the number of steps. */
export function measureDistances(graph: ImportGraph, from: readonly string[]): Map<string, number> {
  const importers = new Map<string, string[]>();
  for (const [file, imports] of graph) {
    for (const each of imports) importers.set(each, [...(importers.get(each) ?? []), file]);
  }
  const distances = new Map(from.map((file) => [file, 0]));
  for (const [file, distance] of distances) {
    for (const each of importers.get(file) ?? []) if (!distances.has(each)) distances.set(each, distance + 1);
  }
  return distances;
}
