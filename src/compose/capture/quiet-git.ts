import { execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;
const MAX_OUTPUT_BYTES = 64 << 20;

/** Settings by which a repository may name programs: only looking at it is no reason to run them. */
const NO_PROGRAMS = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];

/** Command that lists filters with their scopes: those of the user, as of Git LFS, are not switched off. */
const LIST_FILTERS = ["config", "--show-scope", "-z", "--name-only", "--get-regexp", "^filter\\."];
const FILTER_OFF = { clean: "", smudge: "", process: "", required: "false" };

interface GitOptions {
  /** An index of our own, in place of the checkout's. */
  index?: string;
  maxBytes?: number;
}

/** Returns the output of git in one folder. Rejects as `execFile`. */
export type QuietGit = (args: readonly string[], options?: GitOptions) => Promise<Buffer>;

/**
 * Prepares calls of git in `folder`. They change no file there, and run no hook, monitor or filter that the repository or
 * one of its submodules configures. Rejects as `execFile`.
 */
export async function openGit(folder: string): Promise<QuietGit> {
  const filters = await listOwnFilters(folder);
  return (args, { index, maxBytes } = {}) =>
    runGit(folder, args, {
      ...(maxBytes === undefined ? {} : { maxBuffer: maxBytes }),
      env: { ...switchOff(filters), ...(index === undefined ? {} : { GIT_INDEX_FILE: index }) },
    });
}

/** Calls git once, as `openGit` does. */
export async function quietGit(folder: string, args: readonly string[]): Promise<Buffer> {
  return (await openGit(folder))(args);
}

async function runGit(
  folder: string,
  args: readonly string[],
  { env = {}, maxBuffer = MAX_OUTPUT_BYTES }: { env?: NodeJS.ProcessEnv; maxBuffer?: number } = {},
): Promise<Buffer> {
  const all = { ...process.env, GIT_OPTIONAL_LOCKS: "0", ...env };
  const options = { cwd: folder, timeout: TIMEOUT_MS, maxBuffer, encoding: "buffer" as const, env: all };
  return (await run("git", [...NO_PROGRAMS, ...args], options)).stdout;
}

/** Lists the filters that the checkout and its submodules configure: git looks into these too. */
async function listOwnFilters(folder: string, seen = new Set<string>()): Promise<string[]> {
  const place = realpathSync(folder);
  // A submodule may be a link to a folder around it.
  if (seen.has(place)) return [];
  seen.add(place);
  const [filters, listing] = await Promise.all([
    runGit(folder, LIST_FILTERS).then(
      (listed) => parseOwnFilters(listed.toString()),
      // No filter is configured, which git tells by an exit code.
      (): string[] => [],
    ),
    runGit(folder, ["ls-files", "--stage", "-z"]),
  ]);
  for (const { path } of parseGitlinks(listing)) {
    const inside = join(folder, path);
    if (existsSync(join(inside, ".git"))) filters.push(...(await listOwnFilters(inside, seen)));
  }
  return filters;
}

/** Reads the entries of submodules in a listing: `160000 <object> 0\t<path>` or `160000 commit <object>\t<path>`. */
export function parseGitlinks(listing: Buffer): { path: string; commit: string }[] {
  const lines = listing.toString().split("\0");
  return lines.flatMap((line) => {
    const [, commit, path] = /^160000 (?:commit )?([0-9a-f]{40,64})[^\t]*\t(.*)$/s.exec(line) ?? [];
    return commit === undefined || path === undefined ? [] : [{ path, commit }];
  });
}

/** Reads names of filters that a checkout itself configures; `listed` has scope and key of each setting by turns. */
function parseOwnFilters(listed: string): string[] {
  const words = listed.split("\0");
  const keys = words.filter((_, at) => at % 2 === 1 && ["local", "worktree"].includes(words[at - 1] ?? ""));
  return [...new Set(keys.map((key) => key.slice("filter.".length, key.lastIndexOf("."))))];
}

/**
 * Returns variables by which git takes these filters for switched off, in submodules too. A name may hold `=`, which `-c`
 * can't express.
 */
function switchOff(filters: readonly string[]): NodeJS.ProcessEnv {
  const first = Number(process.env.GIT_CONFIG_COUNT ?? 0);
  const settings = filters.flatMap((name) =>
    Object.entries(FILTER_OFF).map(([field, value]) => [`filter.${name}.${field}`, value] as const),
  );
  const variables = settings.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${first + at}`, key],
    [`GIT_CONFIG_VALUE_${first + at}`, value],
  ]);
  return { ...Object.fromEntries(variables), GIT_CONFIG_COUNT: String(first + settings.length) };
}
