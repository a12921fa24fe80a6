import { existsSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The default export of a module, or what its import threw. */
export type Imported = { ok: true; value: unknown } | { ok: false; error: unknown };

/**
 * Imports the module at `path` and gives its default export; of a promise what it resolves to, of a function what it
 * returns. A file that changed since its last import is read again. While it is imported, `runweave` means this package.
 */
export async function importDefault(path: string, packageEntry: string = findPackageEntry()): Promise<Imported> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "runweave" ? { url: packageEntry, shortCircuit: true } : next(specifier, context),
  });
  try {
    const url = pathToFileURL(path);
    url.searchParams.set("changed", String(statSync(path).mtimeMs));
    const module: { default?: unknown } = await import(url.href);
    const value = await module.default;
    return { ok: true, value: typeof value === "function" ? await value() : value };
  } catch (error) {
    return { ok: false, error };
  } finally {
    hooks.deregister();
  }
}

/** `src/index.ts` beside this folder, or the bundle's `index.js` beside this file. */
function findPackageEntry(): string {
  const places = ["../../index.ts", "./index.js", "../index.js"].map((place) => new URL(place, import.meta.url));
  return (places.find((place) => existsSync(fileURLToPath(place))) ?? new URL("../../index.ts", import.meta.url)).href;
}
