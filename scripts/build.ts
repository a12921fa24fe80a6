import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Bundles the command line, the library and the host of modules into `dist`, with what they read at run time beside them. */
export async function bundlePackage(dist: string): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  await build(describeBundle(dist));
  const isSource = (path: string) => !/__pycache__|\.pyc$/.test(path);
  cpSync(join(root, "src/runners/kedro/worker"), join(dist, "worker"), { recursive: true, filter: isSource });
  cpSync(join(root, "src/record/migrations"), join(dist, "migrations"), { recursive: true });
}

/** What esbuild is to make of the sources, in `dist`. */
export function describeBundle(dist: string) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return {
    absWorkingDir: root,
    entryPoints: { cli: "src/cli/main.ts", index: "src/index.ts", "module-host": "src/runners/module/module-host.ts" },
    outdir: dist,
    bundle: true,
    splitting: true,
    minifySyntax: true,
    platform: "node",
    target: "node24",
    format: "esm",
    sourcemap: true,
    sourcesContent: false,
    legalComments: "linked",
    define: { RUNWEAVE_VERSION: JSON.stringify(version) },
    // Bundled CommonJS packages call require, which a module does not have.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    logLevel: "warning",
  } as const satisfies BuildOptions;
}

/** Writes the library's declarations into `dist/types`. */
export function emitTypes(dist: string): void {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const args = [tsc, "-p", "tsconfig.build.json", "--outDir", join(dist, "types")];
  execFileSync(process.execPath, args, { cwd: root, stdio: "inherit" });
}

if (import.meta.main) {
  const dist = join(root, "dist");
  await bundlePackage(dist);
  emitTypes(dist);
}
