import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { EnvironmentError } from "../../core/environment-error.ts";
import type { EnvironmentFacts } from "../../core/run.ts";

const TIMEOUT_MS = 1_800_000;
const MAX_OUTPUT_BYTES = 64 << 20;
/** Of one installation: each says of one package that it can't be had. */
const MAX_TRIES = 25;
const run = promisify(execFile);

interface RebuildOptions {
  /** An interpreter of the recorded series, from which the environment is made. */
  base: string;
  folder: string;
  environment: NodeJS.ProcessEnv;
}

/**
 * Makes a virtual environment with the recorded packages, as far as they can be had: what is missing, a comparison of
 * environments tells. Returns its interpreter. Throws EnvironmentError if none can be made at all.
 */
export async function rebuildEnvironment(
  { packages }: EnvironmentFacts,
  { base, folder, environment }: RebuildOptions,
): Promise<string> {
  const python = join(folder, "bin", "python");
  await call(base, ["-m", "venv", folder], environment);
  let wanted = Object.entries(packages);
  for (let tried = 0; tried < MAX_TRIES && wanted.length > 0; tried++) {
    const pins = wanted.map(([name, version]) => `${name}==${version}`);
    const missing = await install(python, pins, environment);
    if (missing === null) break;
    wanted = wanted.filter(([name]) => name !== missing);
  }
  return python;
}

/** The package that can't be had; null if all were installed. */
async function install(
  python: string,
  pins: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string | null> {
  try {
    const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", ...pins];
    await run(python, args, { env: environment, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES });
    return null;
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    const [, name] = /No matching distribution found for ([A-Za-z0-9._-]+)==/.exec(stderr) ?? [];
    if (name !== undefined) return name.replaceAll(/[-_.]+/g, "-").toLowerCase();
    throw fault(`pip can't install what was recorded: ${stderr.trim().split("\n").at(-1) || (error as Error).message}`);
  }
}

async function call(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await run(program, args, { env, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES });
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    throw fault(`${program} can't make a virtual environment: ${stderr.trim().split("\n").at(-1)}`);
  }
}

function fault(message: string): EnvironmentError {
  const hint = "check that pip reaches its index, or do without --rebuild-env";
  return new EnvironmentError({ code: "environment-not-rebuilt", message, hint, traceback: null });
}
