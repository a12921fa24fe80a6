import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { EnvironmentError } from "../../core/error/environment-error.ts";
import type { EnvironmentFacts } from "../../core/run.ts";

const TIMEOUT_MS = 1_800_000;
const MAX_OUTPUT_BYTES = 64 << 20;
const UNREACHABLE = "check that pip reaches its index, or do without --rebuild-env";
/** Most tries of one installation: each failure names one package that can't be had. */
const MAX_TRIES = 25;
const run = promisify(execFile);

interface RebuildOptions {
  /** An interpreter of the recorded series, from which the environment is made. */
  base: string;
  folder: string;
  environment: NodeJS.ProcessEnv;
}

/** Python's option to import no module from the working folder, which may be another user's. */
const ISOLATED = "-I";
/** Name of a distribution: https://packaging.python.org/en/latest/specifications/name-normalization/ */
const NAME = /^[A-Z0-9]([A-Z0-9._-]*[A-Z0-9])?$/i;
/** Exact version: https://packaging.python.org/en/latest/specifications/version-specifiers/ (PEP 440), with a local part. */
const VERSION =
  /^v?(\d+!)?\d+(\.\d+)*([._-]?(a|b|c|rc|alpha|beta|pre|preview|post|rev|r|dev)[._-]?\d*)*(-\d+)?(\+[a-z0-9]+([._-][a-z0-9]+)*)?$/i;

/**
 * Makes a virtual environment with the recorded packages that can be had as wheels, whose installation runs no code. A comparison
 * of environments tells which packages are missing. Returns its interpreter. Throws EnvironmentError if the environment can't be
 * made, and for an invalid name of a package: pip would take it for an address, a marker or an option.
 */
export async function rebuildEnvironment(
  { packages }: EnvironmentFacts,
  { base, folder, environment }: RebuildOptions,
): Promise<string> {
  const python = join(folder, "bin", "python");
  let wanted = listPins(packages);
  await call(base, [ISOLATED, "-m", "venv", folder], environment);
  for (let tried = 0; tried < MAX_TRIES && wanted.length > 0; tried++) {
    const pins = wanted.map(([name, version]) => `${name}==${version}`);
    const missing = await install(python, pins, environment);
    if (missing === null) break;
    wanted = wanted.filter(([name]) => name !== missing);
  }
  return python;
}

/** Lists the packages that pip is asked for: only exact versions can be had. Throws EnvironmentError for an invalid name. */
function listPins(packages: EnvironmentFacts["packages"]): [string, string][] {
  const wrong = Object.keys(packages).find((name) => !NAME.test(name));
  if (wrong === undefined) return Object.entries(packages).filter(([, version]) => VERSION.test(version));
  const hint = "the registry was changed: `runweave verify` shows more";
  throw fault(`the record names a package that can't be one: ${JSON.stringify(wrong)}`, hint);
}

/** The package that can't be had; null if all were installed. */
async function install(
  python: string,
  pins: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string | null> {
  try {
    const options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
    const args = [ISOLATED, "-m", "pip", "install", ...options, "--", ...pins];
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

function fault(message: string, hint: string = UNREACHABLE): EnvironmentError {
  return new EnvironmentError({ code: "environment-not-rebuilt", message, hint, traceback: null });
}
