import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { WHOLE_COMMANDS, WHOLE_PROGRAM } from "../src/cli/choose-program.ts";
import { formatLicences, listBundled } from "./bundled-licences.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Bundles the command line, the library and the host of modules into `dist`, with what they read at run time beside them. */
export async function bundlePackage(dist: string): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  const bundles = [await build(describePieces(dist)), await build(describeWhole(dist))];
  const library = Object.keys(await import("../src/index.ts"));
  writeFileSync(join(dist, "index.js"), `export { ${library.join(", ")} } from "./whole.js";\n`);
  writeFileSync(join(dist, WHOLE_PROGRAM), 'import { runProgram } from "./whole.js";\n\nawait runProgram();\n');
  const bundled = listBundled(bundles.map(({ metafile }) => metafile));
  writeFileSync(join(dist, "LICENSES.txt"), formatLicences(root, bundled));
  const isSource = (path: string) => !/__pycache__|\.pyc$/.test(path);
  cpSync(join(root, "src/runners/kedro/worker"), join(dist, "worker"), { recursive: true, filter: isSource });
  cpSync(join(root, "src/record/sqlite/migrations"), join(dist, "migrations"), { recursive: true });
}

/** Leaves the commands of the whole program out of the small files, so that no class exists twice in a process. */
const leaveWholeCommands: Plugin = {
  name: "leave whole commands",
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/commands\/\w+\/\w+\.ts$/ }, ({ path }) =>
      WHOLE_COMMANDS.has(basename(path, ".ts")) ? { path: WHOLE_PROGRAM, external: true } : null,
    );
  },
};

/** Options of esbuild for the start, the commands that need little, and the host of modules: small files that are read as they are needed. */
export function describePieces(dist: string) {
  return {
    ...describeBundle(dist),
    entryPoints: {
      start: "src/cli/start.ts",
      cli: "src/cli/main.ts",
      "module-host": "src/runners/module/module-host.ts",
    },
    splitting: true,
    plugins: [leaveWholeCommands],
  } satisfies BuildOptions;
}

/** Options of esbuild for the library and the commands that need nearly all of it: one file. */
export function describeWhole(dist: string) {
  return { ...describeBundle(dist), entryPoints: { whole: "src/cli/whole.ts" } } satisfies BuildOptions;
}

function describeBundle(dist: string) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return {
    absWorkingDir: root,
    outdir: dist,
    bundle: true,
    minifySyntax: true,
    platform: "node",
    target: "node24",
    format: "esm",
    sourcemap: true,
    sourcesContent: false,
    legalComments: "linked",
    metafile: true,
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
