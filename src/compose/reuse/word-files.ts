import { statSync } from "node:fs";
import { resolve } from "node:path";
import { isAtOrBelow } from "../../core/place.ts";
import type { CommandTask } from "../../core/port/runner.ts";

/** The files that a command names: those of its words, and of a script for a shell, as far as its words tell. */
export function listWordFiles(task: CommandTask): string[] {
  return [...new Set([...listWordPaths(task), ...listScriptPaths(task)].filter(isFile))];
}

const SHELL = /(?:^|\/)(?:ba|da|z|k)?sh$/;
/** Separator of the words of a script, with the redirection before a word, if there is one. */
const SCRIPT_WORD = /(>[>|&]?\s*)?([^\s'"`;|&<>(){}$]+)/g;

/** Lists paths in a script. A target of a redirection is no source of it. */
function listScriptPaths(task: CommandTask): string[] {
  const { argv, cwd, shell } = task;
  const at = SHELL.test(argv[0] ?? "") ? argv.indexOf("-c") : -1;
  const script = shell ? argv[0] : at === -1 ? undefined : argv[at + 1];
  const words = Array.from((script ?? "").matchAll(SCRIPT_WORD), ([, redirection, word = ""]) =>
    redirection === undefined ? [word, ...listValues(word)] : [],
  );
  return leaveOutCaptured(
    words.flat().map((word) => resolve(cwd, word)),
    task,
  );
}

/**
 * Lists the words of a command that are paths, absolute: of `[python, train.py, --config=conf.yml]` the last two. Its
 * program and its captured outputs are left out.
 */
export function listWordPaths(task: CommandTask): string[] {
  const { argv, cwd, shell } = task;
  if (shell) return [];
  const named = argv.slice(1).flatMap((word) => [word, ...listValues(word)]);
  return leaveOutCaptured([...new Set(named.map((word) => resolve(cwd, word)))], task);
}

function leaveOutCaptured(paths: readonly string[], { cwd, outputs }: CommandTask): string[] {
  const captured = Object.values(outputs).flatMap(({ path }) => (path === null ? [] : [resolve(cwd, path)]));
  return paths.filter((path) => !captured.some((output) => isAtOrBelow(path, output)));
}

/** `--config=conf.yml`, `config=conf.yml`. */
function listValues(word: string): string[] {
  const at = word.indexOf("=");
  return at > 0 && at < word.length - 1 ? [word.slice(at + 1)] : [];
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // A word may be anything, such as a text that is too long for a path.
    return false;
  }
}
