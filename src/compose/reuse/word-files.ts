import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { CommandTask } from "../../core/runner.ts";

/** The words of a command that are files: `listWordPaths`, but for what is none. */
export function listWordFiles(task: CommandTask): string[] {
  return listWordPaths(task).filter(isFile);
}

/**
 * What the words of a command name, if they are paths, absolute: of `[python, train.py, --config=conf.yml]` the two last. Its
 * program is none of them, and what it captures is no source of it, though a word may name that. The words of a script for a
 * shell are not looked at.
 */
export function listWordPaths({ argv, cwd, shell, outputs }: CommandTask): string[] {
  if (shell) return [];
  const captured = Object.values(outputs).flatMap(({ path }) => (path === null ? [] : [resolve(cwd, path)]));
  const named = argv.slice(1).flatMap((word) => [word, ...listValues(word)]);
  const paths = new Set(named.map((word) => resolve(cwd, word)));
  return [...paths].filter((path) => !isCaptured(path, captured));
}

/** `--config=conf.yml`, `config=conf.yml`. */
function listValues(word: string): string[] {
  const at = word.indexOf("=");
  return at > 0 && at < word.length - 1 ? [word.slice(at + 1)] : [];
}

function isCaptured(path: string, captured: readonly string[]): boolean {
  return captured.some((output) => path === output || path.startsWith(`${output}/`));
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // A word may be anything, such as a text that is too long for a path.
    return false;
  }
}
