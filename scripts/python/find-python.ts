import { spawnSync } from "node:child_process";
import { SetUpError } from "./set-up-error.ts";

/** An interpreter that can carry an environment. */
export interface Python {
  readonly command: string;
  readonly version: string;
  /** False on Debian without python3-venv: then only uv can make the environment. */
  readonly hasVenv: boolean;
}

const OLDEST_MINOR = 10;
// 3.11 first: it is what the pinned packages are tried on.
const CANDIDATES = ["python3.11", "python3.12", "python3.13", "python3.14", "python3", "python3.10", "python"];
const QUESTION =
  "import sys, importlib.util as u; print('.'.join(map(str, sys.version_info[:3])), bool(u.find_spec('ensurepip')))";

/**
 * Finds a Python of at least 3.10: the one that `RUNWEAVE_SETUP_PYTHON` names, else the first on PATH that answers.
 *
 * @throws {SetUpError} if there is none
 */
export function findPython(environment: NodeJS.ProcessEnv = process.env): Python {
  const named = environment.RUNWEAVE_SETUP_PYTHON;
  const found = (named ? [named] : CANDIDATES).map(askPython).filter((python) => python !== undefined);
  const usable = found.filter(isNewEnough);
  const best = usable.find((python) => python.hasVenv) ?? usable[0];
  if (best) return best;
  const seen = found.map((python) => `${python.command} is ${python.version}`).join(", ");
  throw new SetUpError(
    `Python 3.${OLDEST_MINOR} or newer is needed, and ${named ? `'${named}' is none` : "none is on the PATH"}${seen && ` (${seen})`}.`,
    "Install it (for example `apt install python3 python3-venv`, or uv), or name one in RUNWEAVE_SETUP_PYTHON.",
  );
}

/** Asks a command for its Python version; undefined if it does not answer like a Python (a pyenv shim may not). */
export function askPython(command: string): Python | undefined {
  const answer = spawnSync(command, ["-I", "-c", QUESTION], { encoding: "utf8", timeout: 20_000 });
  const match = answer.status === 0 ? /^(\d+\.\d+\.\d+) (True|False)$/m.exec(answer.stdout) : null;
  return match?.[1] ? { command, version: match[1], hasVenv: match[2] === "True" } : undefined;
}

function isNewEnough(python: Python): boolean {
  const [major = 0, minor = 0] = python.version.split(".").map(Number);
  return major > 3 || (major === 3 && minor >= OLDEST_MINOR);
}
