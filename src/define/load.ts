import { readdirSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, extname, isAbsolute, parse, relative, resolve, sep } from "node:path";
import { type Checked, type Problem, problemAt } from "../core/error/problem.ts";
import { findNearest } from "../core/text/suggest.ts";
import type { CheckedDefinition } from "./definition.ts";
import { parseWorkflow } from "./parse.ts";
import { decodeText } from "./source/decode-text.ts";
import { importDefault } from "./source/import-module.ts";
import { readJson } from "./source/json-source.ts";
import { readModule } from "./source/module-source.ts";
import type { Source } from "./source/source.ts";

export interface LoadOptions {
  /** Environment in which each `${env:NAME}` of the file has to be set, if it is given. */
  env?: NodeJS.ProcessEnv;
  /** URL of what a TypeScript file gets when it imports `runweave`. Default: this package. */
  packageEntry?: string;
}

interface Format {
  maxBytes: number;
  /** True for code, whose texts are literal. */
  isCode?: boolean;
  read(text: string, opened: Opened): Checked<Source> | Promise<Checked<Source>>;
}

interface Opened {
  /** Absolute. */
  path: string;
  /** Name of the file in problems. */
  shown: string;
  packageEntry: string | undefined;
}

const MIB = 1024 * 1024;

/** YAML takes 170 bytes of memory per byte and 20 times as long as JSON (measured with 100,000 runs). */
const YAML: Format = {
  maxBytes: 10 * MIB,
  // YAML's parser is a quarter of all code, and JSON files and modules do without it.
  read: async (text, { shown }) => (await import("./source/yaml-source.ts")).readYaml(text, shown),
};
const JSON_FORMAT: Format = { maxBytes: 64 * MIB, read: (text, { shown }) => readJson(text, shown) };
const MODULE: Format = {
  maxBytes: 64 * MIB,
  isCode: true,
  read: async (text, { path, shown, packageEntry }) =>
    readModule({ text, file: shown, path }, await importDefault(path, packageEntry)),
};

const FORMATS: Readonly<Record<string, Format>> = {
  ".yaml": YAML,
  ".yml": YAML,
  ".json": JSON_FORMAT,
  ".ts": MODULE,
  ".mts": MODULE,
  ".js": MODULE,
  ".mjs": MODULE,
};

/** Extensions of workflow files. */
export const WORKFLOW_EXTENSIONS: readonly string[] = Object.keys(FORMATS);

/**
 * Reads a workflow file: YAML, JSON or a module whose default export is a workflow. Problems name the file as the
 * caller does, or relative to the working folder. Rejects for bugs alone: a file that can't be read is a problem.
 */
export async function loadWorkflow(file: string, options: LoadOptions = {}): Promise<CheckedDefinition> {
  const path = resolve(file);
  const shown = showPath(file);
  const format = FORMATS[extname(path).toLowerCase()];
  const text = await readText(path, shown, (format ?? JSON_FORMAT).maxBytes);
  if (!text.ok) return text;
  if (format === undefined) {
    const hint = `a workflow file ends with ${WORKFLOW_EXTENSIONS.join(", ")}`;
    return rejectFile(shown, ["unknown-format", `${shown} has no known extension`, hint]);
  }
  const source = await format.read(text.value, { path, shown, packageEntry: options.packageEntry });
  if (!source.ok) return source;
  const { value, locate, problems } = source.value;
  const env = options.env === undefined ? {} : { env: options.env };
  const literal = format.isCode ? { literal: "workflow" as const } : {};
  return parseWorkflow(value, { file: path, dir: dirname(path), locate, problems, ...env, ...literal });
}

function showPath(file: string): string {
  if (!isAbsolute(file)) return file;
  const below = relative(process.cwd(), file);
  return below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below) ? file : below;
}

async function readText(path: string, shown: string, maxBytes: number): Promise<Checked<string>> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) {
      return rejectFile(shown, ["file-is-folder", `${shown} is a folder`, "name the workflow file in it"]);
    }
    if (!found.isFile()) {
      return rejectFile(shown, ["file-unreadable", `${shown} is not a regular file`, "save the workflow in a file"]);
    }
    if (found.size > maxBytes) {
      return rejectFile(shown, [
        "file-too-large",
        `${shown} is over ${maxBytes / MIB} MiB`,
        "use a matrix, or JSON up to 64 MiB",
      ]);
    }
    return decodeText(await readFile(path), shown);
  } catch (error) {
    return rejectFile(shown, describeFailure(error, shown));
  }
}

/** Hint for a file that is not there: a workflow beside it with nearly the same name, if there is one. */
function suggestFile(shown: string): string {
  const { name: wanted } = parse(shown);
  const files = listFolder(dirname(resolve(shown))).filter((file) => WORKFLOW_EXTENSIONS.includes(extname(file)));
  const stems = files.map((file) => parse(file).name);
  const near = files[stems.indexOf(stems.includes(wanted) ? wanted : (findNearest(wanted, stems) ?? ""))];
  return near === undefined ? "check the path, and the folder that you are in" : `did you mean "${near}"?`;
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

type Reason = [code: string, message: string, hint: string];

function describeFailure(error: unknown, shown: string): Reason {
  const code = error instanceof Error && "code" in error ? error.code : null;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return ["file-missing", `there is no file ${shown}`, suggestFile(shown)];
    case "EACCES":
    case "EPERM":
      return ["file-unreadable", `${shown} may not be read`, "check its permissions"];
    default:
      return [
        "file-unreadable",
        `${shown} can't be read: ${error instanceof Error ? error.message : error}`,
        "check it",
      ];
  }
}

function rejectFile(shown: string, [code, message, hint]: Reason): { ok: false; problems: Problem[] } {
  return { ok: false, problems: [problemAt({ file: shown, line: 1, column: 1 }, code, message, hint)] };
}
