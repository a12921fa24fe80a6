import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setUpPython } from "./setup-python.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const bin = (name: string) => join(root, "node_modules/.bin", name);

/** Runs the one gate: types, format and lint, directions, dead code, comments and folders, tests. Stops at the first that fails. */
async function check(): Promise<number> {
  const { python } = await setUpPython();
  const steps: [string, string, ...string[]][] = [
    ["types", bin("tsc"), "-p", "tsconfig.json"],
    ["format and lint", bin("biome"), "check", "--error-on-warnings", "."],
    ["directions", bin("depcruise"), "src", "--config", ".dependency-cruiser.cjs"],
    ["dead code", bin("knip")],
    ["comments and folders", process.execPath, "scripts/check-style.ts"],
    ["Python lint", python, "-m", "ruff", "check", "."],
    ["Python format", python, "-m", "ruff", "format", "--check", "."],
    ["tests", process.execPath, "scripts/test.ts"],
  ];
  for (const [name, command, ...args] of steps) {
    console.log(`\n== ${name}`);
    const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
    if (status !== 0) {
      console.error(`\n${name}: failed`);
      return 1;
    }
  }
  return 0;
}

process.exitCode = await check();
