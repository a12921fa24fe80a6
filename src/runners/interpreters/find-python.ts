import { execFile } from "node:child_process";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { environmentError } from "../../core/error/environment-error.ts";
import { isExecutable } from "../../processes/is-executable.ts";
import { PythonAnswers, watchProgram } from "../answers/python-answers.ts";
import { findWorkerFolder } from "./worker-folder.ts";

export interface PythonSearch {
  /** Named by the workflow: taken as it is. Null to look for one. */
  explicit: string | null;
  projectPath: string;
  environment: NodeJS.ProcessEnv;
  /** Folder of Pythons' answers; without it they are not kept. */
  answers?: string | undefined;
}

interface Candidate {
  path: string;
  from: string;
}

const LOOK_TIMEOUT_MS = 20_000;
const LOOK_FOR_KEDRO = `
import importlib.util
value = importlib.util.find_spec("kedro") is not None
`;
const runFile = promisify(execFile);

/**
 * The interpreter for a project: the one that the workflow names, else the first that has Kedro of the active environment,
 * a `.venv` beside or above the project, and PATH. Throws EnvironmentError with everything that was tried.
 */
export async function findPython(search: PythonSearch): Promise<string> {
  if (search.explicit !== null) return findNamed(search.explicit, search.environment);
  const tried: string[] = [];
  let found = false;
  for (const { path, from } of listCandidates(search)) {
    const verdict = await judge(path, search);
    if (verdict === "ok") return path;
    found ||= verdict === NO_KEDRO;
    tried.push(`${path} (${from}): ${verdict}`);
  }
  const [code, what] = found ? (["kedro-missing", "no Python with Kedro"] as const) : NO_PYTHON;
  const hint = "activate the project's environment, make a .venv beside it, or set `python` in the workflow";
  throw environmentError(code, `${what} was found. Tried: ${tried.join("; ")}`, hint);
}

/** A path as it is; a bare name as PATH has it, since the worker starts in another folder. */
function findNamed(python: string, environment: NodeJS.ProcessEnv): string {
  const isName = !python.includes("/");
  const places = isName ? foldersOfPath(environment).map((folder) => join(folder, python)) : [python];
  const found = places.find(isExecutable);
  if (found !== undefined) return found;
  const what = isName ? `there is no ${python} on PATH` : `there is no Python at ${python}`;
  throw environmentError("python-missing", what, "fix `python` in the workflow");
}

const NO_KEDRO = "has no kedro";
const NO_PYTHON = ["python-missing", "no Python"] as const;

/** Interpreters in the order in which they are tried, each path once. */
function listCandidates({ projectPath, environment }: PythonSearch): Candidate[] {
  const fromVariables = ["VIRTUAL_ENV", "CONDA_PREFIX", "UV_PROJECT_ENVIRONMENT"].flatMap((name) => {
    const folder = environment[name];
    return folder ? [{ path: pythonIn(resolve(projectPath, folder)), from: name }] : [];
  });
  const fromFolders = foldersUp(projectPath).map((folder) => ({
    path: pythonIn(join(folder, ".venv")),
    from: ".venv",
  }));
  const fromPath = foldersOfPath(environment)
    .flatMap((folder) => [join(folder, "python3"), join(folder, "python")])
    .filter(isExecutable)
    .map((path) => ({ path, from: "PATH" }));
  const seen = new Set<string>();
  return [...fromVariables, ...fromFolders, ...fromPath].filter(({ path }) => !seen.has(path) && seen.add(path));
}

function foldersOfPath(environment: NodeJS.ProcessEnv): string[] {
  return (environment.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
}

function pythonIn(environmentFolder: string): string {
  return join(environmentFolder, "bin", "python");
}

function foldersUp(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersUp(parent)];
}

async function judge(path: string, { environment, answers }: PythonSearch): Promise<string> {
  if (!isExecutable(path)) return "not there";
  const ask = async () => {
    // `python -c` imports from its working folder first, which may be another user's.
    const options = { cwd: findWorkerFolder(), env: environment, timeout: LOOK_TIMEOUT_MS };
    return (await runFile(path, ["-c", watchProgram(LOOK_FOR_KEDRO)], options)).stdout;
  };
  try {
    const question = { python: path, program: LOOK_FOR_KEDRO, environment };
    return (await new PythonAnswers(answers).find(question, ask)) === true ? "ok" : NO_KEDRO;
  } catch (error) {
    const { code } = error as { code?: number | string };
    return `does not run (${code ?? (error instanceof SyntaxError ? "no Python" : "killed")})`;
  }
}
