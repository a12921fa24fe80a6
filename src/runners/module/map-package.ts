import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** Makes `runweave` mean this package from now on, in all modules that import it. */
export function mapPackage(): void {
  const entry = findPackageEntry();
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "runweave" ? { url: entry, shortCircuit: true } : next(specifier, context),
  });
}

/** The bundle's `index.js` beside this file, or `src/index.ts`. */
function findPackageEntry(): string {
  const bundled = new URL("./index.js", import.meta.url);
  return (existsSync(fileURLToPath(bundled)) ? bundled : new URL("../../index.ts", import.meta.url)).href;
}
