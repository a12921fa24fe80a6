import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, extname, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MODULE_EXTENSIONS } from "../../core/module-function.ts";
import { readOwnVersion } from "../capture/own-version.ts";
import type { ContentCache, KnownFile } from "./content-cache.ts";
import { listImports, type ModuleImports } from "./module-imports.ts";
import { findPackageVersion, packageName } from "./package-version.ts";

/** A module with all that it imports. */
export interface ModuleGraph {
  files: KnownFile[];
  /** Packages by name, with their version; with all of them where its files import several. */
  packages: Record<string, string>;
  /** Imports that can't be compared, each a clause for people. */
  obstacles: string[];
}

const NOTHING: ModuleImports = { specifiers: [], unknown: [] };

/** Known imports by the file's content: a thousand arms share their modules. */
const known = new Map<string, Promise<ModuleImports>>();

/** Follows the imports of a module through the project's own files. `dir` is what files are named relative to. */
export async function walkModule(
  entry: string,
  { dir, content }: { dir: string; content: Pick<ContentCache, "look"> },
): Promise<ModuleGraph> {
  const graph: ModuleGraph = { files: [], packages: {}, obstacles: [] };
  const queue = new Set([entry]);
  for (const path of queue) {
    const shown = relative(dir, path);
    try {
      const file = await content.look(path);
      graph.files.push(file);
      const { specifiers, unknown } = await readImports(file);
      graph.obstacles.push(...unknown.map((what) => `${shown} ${what}`));
      const from = realpathSync(path);
      for (const specifier of specifiers) {
        const found = resolveImport(specifier, from);
        if (found.file !== null) queue.add(found.file);
        if (found.package !== null) addPackage(graph.packages, found.package);
        if (found.fault !== null) graph.obstacles.push(`${shown} imports "${specifier}", which ${found.fault}`);
      }
    } catch (error) {
      graph.obstacles.push(`the source ${shown} can't be read: ${(error as Error).message.trim()}`);
    }
  }
  return graph;
}

function addPackage(packages: Record<string, string>, { name, version }: { name: string; version: string }): void {
  const versions = new Set([...(packages[name]?.split(", ") ?? []), version]);
  packages[name] = [...versions].sort().join(", ");
}

function readImports({ path, hash }: KnownFile): Promise<ModuleImports> {
  const extension = extname(path);
  if (!MODULE_EXTENSIONS.has(extension)) return Promise.resolve(NOTHING);
  const key = `${extension} ${hash}`;
  const found = known.get(key) ?? readFile(path, "utf8").then((text) => listImports(text, path));
  known.set(key, found);
  return found;
}

interface Import {
  file: string | null;
  package: { name: string; version: string } | null;
  fault: string | null;
}

/** Resolves an import as Node does, but for maps in package.json. All null for Node's own modules. */
function resolveImport(specifier: string, from: string): Import {
  const nothing: Import = { file: null, package: null, fault: null };
  if (isBuiltin(specifier)) return nothing;
  if (specifier === "runweave") return { ...nothing, package: { name: specifier, version: readOwnVersion() } };
  if (/^(?:\.{0,2}\/|\.{1,2}$|file:)/.test(specifier)) {
    return { ...nothing, file: fileURLToPath(new URL(specifier, pathToFileURL(from))) };
  }
  if (/^[a-z][a-z0-9+.-]*:|^#/i.test(specifier)) return { ...nothing, fault: "is not followed" };
  const name = packageName(specifier);
  const { version, fault } = findPackageVersion(name, dirname(from));
  return version === null ? { ...nothing, fault } : { ...nothing, package: { name, version } };
}
