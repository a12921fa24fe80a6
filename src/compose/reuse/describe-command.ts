import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { glob } from "node:fs/promises";
import { delimiter, isAbsolute, join, relative, resolve } from "node:path";
import type { CommandTask } from "../../core/runner.ts";
import { fillVariables, fillVariablesOf, listVariables } from "../../core/variables.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { describeParameters } from "./describe-parameters.ts";
import type { DescribedWork, DescribeOptions } from "./described-work.ts";
import { walkModule } from "./walk-module.ts";

/** A text that is short enough to be shown as it is. */
const SHOWN_LENGTH = 40;

/**
 * What the result of a command depends on: its words, the program, the variables that it names, its declared `sources`, and
 * those of its words that are files. Of a module: its file with all that it imports, its parameters, and Node.
 */
export async function describeCommand(
  planned: PlannedRun & { task: CommandTask },
  { dir, environment, content, digest }: DescribeOptions,
): Promise<DescribedWork> {
  const { task } = planned;
  const { module } = task;
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
          ? describeWords(task, { environment, digest })
          : { module: relative(dir, module.path) }),
        folder: relative(dir, task.cwd),
        outputs: JSON.stringify(Object.entries(task.outputs).map(([name, { path }]) => [name, path])),
      },
      environment: {
        ...(module === undefined ? {} : { "Node.js": process.version }),
        ...Object.fromEntries(variables),
      },
      code: read.code,
      parameters: describeParameters(fillVariablesOf(module?.params ?? {}, environment), digest),
      catalog: {},
      inputs: {},
    },
    watched: read.watched,
    sources: null,
    obstacles: read.obstacles,
  };
}

function describeWords(
  task: CommandTask,
  { environment, digest }: Pick<DescribeOptions, "environment" | "digest">,
): Record<string, string> {
  return {
    command: shorten(JSON.stringify(task.argv), digest),
    program: task.shell ? "sh" : identifyProgram(task, environment.PATH),
  };
}

/** The declared `sources` of a command and those of its words that are files, or the files of its module, by their content. */
export async function describeCommandSources(
  { task, definition }: PlannedRun & { task: CommandTask },
  options: Pick<DescribeOptions, "dir" | "content">,
): Promise<ReadSources> {
  const declared = definition.kind === "command" ? definition.sources : [];
  const read = await readSources(await listSources(task, declared), options);
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
async function listSources({ argv, cwd, shell }: CommandTask, declared: readonly string[]): Promise<string[]> {
  const words = shell ? [] : argv.slice(1).map((word) => resolve(cwd, word));
  const found = words.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  for (const pattern of declared) {
    const before = found.length;
    for await (const path of glob(pattern)) found.push(path);
    // So that it is reported as missing.
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

/** Where the program is, its size and time: another one of the same name is another program. */
function identifyProgram({ argv, cwd }: CommandTask, path = ""): string {
  const [program = ""] = argv;
  const places = program.includes("/") ? [resolve(cwd, program)] : path.split(delimiter).map((at) => join(at, program));
  for (const place of places) {
    try {
      if (!isAbsolute(place)) continue;
      accessSync(place, constants.X_OK);
      const real = realpathSync(place);
      const { size, mtimeMs } = statSync(real);
      return `${real}, ${size} bytes of ${Math.round(mtimeMs)}`;
    } catch {
      // The next place.
    }
  }
  return program;
}
