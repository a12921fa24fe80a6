import { glob } from "node:fs/promises";
import { relative } from "node:path";
import type { CommandTask } from "../../core/port/runner.ts";
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

/** Says what the result of a command depends on. */
export type DescribeCommand = (planned: PlannedRun & { task: CommandTask }) => Promise<DescribedWork>;

/** Creates a describer for one plan: of equal commands, as the arms of a fan may be, one is looked at. */
export function createCommandDescriber(options: DescribeOptions & { identify: IdentifyProgram }): DescribeCommand {
  const described = new Map<string, Promise<DescribedWork>>();
  return (planned) => {
    const key = JSON.stringify([planned.task, listDeclared(planned)]);
    const found = described.get(key) ?? describeCommand(planned, options);
    described.set(key, found);
    return found;
  };
}

function listDeclared({ definition }: Pick<PlannedRun, "definition">): readonly string[] {
  return definition.kind === "command" ? definition.sources : [];
}

/**
 * Describes the dependencies of a command's result: its words, the program, the variables that it names, its declared
 * `sources`, and words that are files. For a module: its file with all imports, its parameters, and Node.
 */
async function describeCommand(
  planned: PlannedRun & { task: CommandTask },
  { dir, environment, content, digest, identify }: DescribeOptions & { identify: IdentifyProgram },
): Promise<DescribedWork> {
  const { task } = planned;
  const { module } = task;
  const started = module === undefined ? describeProgram(await identify(task), digest) : NO_PROGRAM;
  const read = await describeCommandSources(planned, { dir, content });
  const variables = [
    ...Object.entries(task.environment),
    // The command's words name them: they count though the command is not given them as variables.
    ...listVariables(task.argv).map((name) => [`\${env:${name}}`, `\${env:${name}}`] as const),
  ].map(([name, text]) => [name, digest(fillVariables(text, environment))]);
  return {
    parts: {
      task: {
        ...(module === undefined
          ? { command: shorten(JSON.stringify(task.argv), digest), ...started.task }
          : { module: relative(dir, module.path) }),
        folder: isTold(planned) ? relative(dir, task.cwd) : task.cwd,
        outputs: JSON.stringify(Object.entries(task.outputs).map(([name, { path }]) => [name, path])),
      },
      environment: {
        ...(module === undefined ? started.environment : { "Node.js": process.version }),
        ...Object.fromEntries(variables),
      },
      code: read.code,
      parameters: describeParameters(fillVariablesOf(module?.params ?? {}, environment), digest),
      catalog: {},
      inputs: {},
    },
    watched: [...started.watched, ...read.watched],
    sources: null,
    obstacles: [...started.obstacles, ...read.obstacles],
  };
}

/**
 * True if the command's reads are declared: by a module's imports, or by `sources`. Any other command may read all
 * files of its folder, so the same words in another project's folder are another command.
 */
function isTold(planned: PlannedRun & { task: CommandTask }): boolean {
  return planned.task.module !== undefined || listDeclared(planned).length > 0;
}

interface DescribedProgram extends Pick<DescribedWork, "watched" | "obstacles"> {
  task: Record<string, string>;
  environment: Record<string, string>;
}

const NO_PROGRAM: DescribedProgram = { task: {}, environment: {}, watched: [], obstacles: [] };

/** Describes a program by its content. Its place matters only for a Python, whose packages depend on it. */
function describeProgram(identified: Identified, digest: DescribeOptions["digest"]): DescribedProgram {
  if (!identified.ok) return { ...NO_PROGRAM, obstacles: [identified.obstacle] };
  const { hash, python, watched } = identified.program;
  const packages = python === null ? {} : { Python: python.python, packages: digest(formatCanonical(python.packages)) };
  return { task: { program: hash }, environment: packages, watched: [watched], obstacles: [] };
}

/** The declared `sources` of a command and those of its words that are files, or the files of its module, by their content. */
export async function describeCommandSources(
  planned: PlannedRun & { task: CommandTask },
  options: Pick<DescribeOptions, "dir" | "content">,
): Promise<ReadSources> {
  const { task } = planned;
  const read = await readSources(await listSources(task, listDeclared(planned)), options);
  if (task.module === undefined) return read;
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

/** The declared ones, and the words that are files: `[python, export.py]` depends on export.py. */
async function listSources(task: CommandTask, declared: readonly string[]): Promise<string[]> {
  const found = listWordFiles(task);
  for (const pattern of declared) {
    const before = found.length;
    for await (const path of glob(pattern)) found.push(path);
    // The pattern is kept, so that it is reported as missing.
    if (found.length === before) found.push(pattern);
  }
  return [...new Set(found)].sort();
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
