import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;
const MAX_OUTPUT_BYTES = 64 << 20;

/** A repository may name programs for these, and only looking at it is no reason to run them. */
const NO_PROGRAMS = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];

/** Filters are looked for where the checkout itself configures programs: those of the user, as of Git LFS, are their own. */
const LIST_FILTERS = ["config", "--show-scope", "-z", "--name-only", "--get-regexp", "^filter\\."];
const FILTER_OFF = { clean: "", smudge: "", process: "", required: "false" };

interface GitOptions {
  /** An index of our own, in place of the checkout's. */
  index?: string;
  maxBytes?: number;
}

/**
 * Returns the output of git in `folder`. It changes no file there, and runs no hook, monitor or filter that the repository configures.
 * Rejects as `execFile`.
 */
export async function quietGit(
  folder: string,
  args: readonly string[],
  { index, maxBytes = MAX_OUTPUT_BYTES }: GitOptions = {},
): Promise<Buffer> {
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: "0", ...(index === undefined ? {} : { GIT_INDEX_FILE: index }) };
  const options = { cwd: folder, timeout: TIMEOUT_MS, maxBuffer: maxBytes, encoding: "buffer" as const, env };
  const filters = await run("git", [...NO_PROGRAMS, ...LIST_FILTERS], options).then(
    ({ stdout }) => listOwnFilters(stdout.toString()),
    // No filter is configured, which git tells by an exit code.
    () => [],
  );
  const off = { ...env, ...switchOff(filters, env) };
  return (await run("git", [...NO_PROGRAMS, ...args], { ...options, env: off })).stdout;
}

/** Names of the filters that the checkout configures; `listed` has scope and key of each setting by turns. */
function listOwnFilters(listed: string): string[] {
  const words = listed.split("\0");
  const keys = words.filter((_, at) => at % 2 === 1 && ["local", "worktree"].includes(words[at - 1] ?? ""));
  return [...new Set(keys.map((key) => key.slice("filter.".length, key.lastIndexOf("."))))];
}

/** Variables by which git takes these filters for switched off. A name may hold `=`, which `-c` can't express. */
function switchOff(filters: readonly string[], { GIT_CONFIG_COUNT }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const first = Number(GIT_CONFIG_COUNT ?? 0);
  const settings = filters.flatMap((name) =>
    Object.entries(FILTER_OFF).map(([field, value]) => [`filter.${name}.${field}`, value] as const),
  );
  const variables = settings.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${first + at}`, key],
    [`GIT_CONFIG_VALUE_${first + at}`, value],
  ]);
  return { ...Object.fromEntries(variables), GIT_CONFIG_COUNT: String(first + settings.length) };
}
