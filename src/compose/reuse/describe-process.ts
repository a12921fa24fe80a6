import { glob, opendir, stat } from "node:fs/promises";
import { relative } from "node:path";
import { isProcess } from "../../core/kinds.ts";
import type { CommandTask, ModuleTask, ProcessTask } from "../../core/port/runner.ts";
import { fillVariables, fillVariablesOf, listVariables } from "../../core/variables.ts";
import { formatCanonical } from "../../plan/canonical-json.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { describeParameters } from "./describe-parameters.ts";
import type { DescribedWork, DescribeOptions } from "./described-work.ts";
import type { Identified, IdentifyProgram } from "./identify-program.ts";
import { walkModule } from "./walk-module.ts";
import { listWordFiles } from "./word-files.ts";

/** A text that is short enough to be shown as it is. */
const SHOWN_LENGTH = 40;

type PlannedProcess = PlannedRun & { task: ProcessTask };
type ProcessOptions = DescribeOptions & { identify: IdentifyProgram };

/** Says what the result of a process depends on. */
export type DescribeProcess = (planned: PlannedProcess) => Promise<DescribedWork>;

/** Creates a describer for one plan: of equal processes, as the arms of a fan may be, one is looked at. */
export function createProcessDescriber(options: ProcessOptions): DescribeProcess {
  const described = new Map<string, Promise<DescribedWork>>();
  return (planned) => {
    const key = JSON.stringify([planned.task, listDeclared(planned)]);
    const found = described.get(key) ?? describeProcess(planned, options);
    described.set(key, found);
    return found;
  };
}

function listDeclared({ definition }: Pick<PlannedRun, "definition">): readonly string[] {
  return isProcess(definition) ? definition.sources : [];
}

/**
 * Describes the dependencies of a process's result. For a command: its words, the program, the variables that it names, its
 * declared `sources`, and words that are files. For a module: its file with all imports, its parameters, and Node.
 */
async function describeProcess(planned: PlannedProcess, options: ProcessOptions): Promise<DescribedWork> {
  const { task } = planned;
  const { dir, environment, digest } = options;
  const started = task.kind === "module" ? describeHost(task, options) : await describeStart(task, options);
  const read = await describeProcessSources(planned, options);
  const variables = [
    ...Object.entries(task.environment),
    // The command's words name them: they count though the command is not given them as variables.
    ...(task.kind === "command" ? listVariables(task.argv) : []).map((name) => [`\${env:${name}}`, `\${env:${name}}`]),
  ].map(([name, text = ""]) => [name, digest(fillVariables(text, environment))]);
  return {
    parts: {
      task: {
        ...started.task,
        folder: isTold(planned) ? relative(dir, task.cwd) : task.cwd,
        outputs: JSON.stringify(Object.entries(task.outputs).map(([name, { path }]) => [name, path])),
      },
      environment: { ...started.environment, ...Object.fromEntries(variables) },
      code: read.code,
      parameters: started.parameters,
      catalog: {},
      inputs: {},
    },
    watched: [...started.watched, ...read.watched],
    sources: null,
    obstacles: [...started.obstacles, ...read.obstacles],
  };
}

/**
 * True if the run's reads are declared: by a module's imports, or by `sources`. Any other command may read all files of its
 * folder, so the same words in another project's folder are another command.
 */
function isTold(planned: PlannedProcess): boolean {
  return planned.task.kind === "module" || listDeclared(planned).length > 0;
}

interface DescribedStart extends Pick<DescribedWork, "watched" | "obstacles"> {
  task: Record<string, string>;
  environment: Record<string, string>;
  parameters: Record<string, string>;
}

function describeHost({ module }: ModuleTask, { dir, environment, digest }: ProcessOptions): DescribedStart {
  return {
    task: { module: relative(dir, module.path) },
    environment: { "Node.js": process.version },
    parameters: describeParameters(fillVariablesOf(module.params, environment), digest),
    watched: [],
    obstacles: [],
  };
}

async function describeStart(task: CommandTask, { identify, digest }: ProcessOptions): Promise<DescribedStart> {
  const command = shorten(JSON.stringify(task.argv), digest);
  const started = describeProgram(await identify(task), digest);
  return { ...started, task: { command, ...started.task }, parameters: {} };
}

type DescribedProgram = Omit<DescribedStart, "parameters">;

/** Describes a program by its content. Its place matters only for a Python, whose packages depend on it. */
function describeProgram(identified: Identified, digest: DescribeOptions["digest"]): DescribedProgram {
  if (!identified.ok) return { task: {}, environment: {}, watched: [], obstacles: [identified.obstacle] };
  const { hash, python, watched } = identified.program;
  const packages = python === null ? {} : { Python: python.python, packages: digest(formatCanonical(python.packages)) };
  return { task: { program: hash }, environment: packages, watched: [watched], obstacles: [] };
}

/** The declared `sources` of a process, and words of a command that are files, or the files of a module, by their content. */
export async function describeProcessSources(
  planned: PlannedProcess,
  options: Pick<DescribeOptions, "dir" | "content"> & { maxFiles?: number },
): Promise<ReadSources> {
  const { task } = planned;
  const words = task.kind === "command" ? listWordFiles(task) : [];
  const listed = await listSources(words, listDeclared(planned), options.maxFiles ?? MAX_FILES);
  const read = "obstacle" in listed ? tooMany(listed.obstacle) : await readSources(listed.paths, options);
  if (task.kind === "command") return read;
  const { files, packages, obstacles } = await walkModule(task.module.path, options);
  const own = files.map(({ path, hash }) => [relative(options.dir, path), hash]);
  const imported = Object.entries(packages).map(([name, version]) => [`package ${name}`, version]);
  return {
    code: { ...read.code, ...Object.fromEntries([...own, ...imported]) },
    watched: [...read.watched, ...files.map(({ hash: _, ...file }) => file)],
    obstacles: [...obstacles, ...read.obstacles],
  };
}

type ReadSources = Pick<DescribedWork, "watched" | "obstacles"> & { code: Record<string, string> };

function shorten(text: string, digest: DescribeOptions["digest"]): string {
  return text.length > SHOWN_LENGTH ? digest(text) : text;
}

/** Number of files in `sources` above which they are not read: `/usr` would be read for minutes, without a word. */
const MAX_FILES = 100_000;

function tooMany(obstacle: string): ReadSources {
  return { code: {}, watched: [], obstacles: [obstacle] };
}

/**
 * The declared ones, and the words that are files: `[python, export.py]` depends on export.py. An obstacle if they hold
 * more than `maxFiles` files and folders.
 */
async function listSources(
  words: readonly string[],
  declared: readonly string[],
  maxFiles: number,
): Promise<{ paths: string[] } | { obstacle: string }> {
  const found = [...words];
  let left = maxFiles;
  for (const pattern of declared) {
    const before = found.length;
    for await (const path of glob(pattern)) {
      found.push(path);
      left -= await countEntries(path, left);
      if (left < 0) {
        const obstacle = `\`sources\` has more than ${maxFiles} files below ${pattern}: name those that the result depends on`;
        return { obstacle };
      }
    }
    // The pattern is kept, so that it is reported as missing.
    if (found.length === before) found.push(pattern);
  }
  return { paths: [...new Set(found)].sort() };
}

/** Counts a file as one, and a folder with all that is below it, until there are more than `limit`; or until a folder can't be read. */
async function countEntries(path: string, limit: number): Promise<number> {
  let count = 1;
  try {
    if (!(await stat(path)).isDirectory()) return count;
    for await (const _ of await opendir(path, { recursive: true })) if (++count > limit) break;
  } catch {
    // Reading it says why that is impossible.
  }
  return count;
}

async function readSources(
  paths: readonly string[],
  { dir, content }: Pick<DescribeOptions, "dir" | "content">,
): Promise<ReadSources> {
  const code: Record<string, string> = {};
  const watched = [];
  const obstacles = [];
  for (const path of paths) {
    try {
      const { hash, ...file } = await content.look(path);
      code[relative(dir, path)] = hash;
      watched.push(file);
    } catch (error) {
      obstacles.push(`the source ${relative(dir, path)} can't be read: ${(error as Error).message}`);
    }
  }
  return { code, watched, obstacles };
}
