import { InvalidArgumentError, Option } from "commander";
import type { TagFilter } from "../../core/port/registry-lists.ts";
import { MAX_KEPT_MS, parseDuration } from "../../define/fields/duration.ts";
import type { ExitCode } from "../errors.ts";

/** Called by a command with its exit code. */
export type Done = (code: ExitCode) => void;

/** Help texts for arguments that name a run or a session. One module, `explain/find/find-named.ts`, resolves all of them. */
export const RUN = "a run: its name, or its run_id (the last 8 digits are enough)";
export const SESSION = "a session: `latest`, or its session_id (the last 8 digits are enough)";
export const SESSION_OR_RUN =
  "a session (`latest` or its id) or a run (its name or run_id); the last 8 digits of an id are enough";

/** The fields that `--set` takes, for the help of commands that have it. */
export const SET_FIELDS = `Fields of --set:
  a Kedro run   params.NAME, env, runner
  a command     environment.NAME, command.N
  a module      params.NAME, environment.NAME
The name of a matrix stands for all its variants. Values are YAML: 7 is a
number, "7" a string.`;

export const json = () => new Option("--json", "print JSON for scripts");
export const registry = () =>
  new Option("--registry <path>", "the state folder, or the registry file in it (default: the nearest .runweave/)");
export const session = () =>
  new Option(
    "--session <id>",
    "look only in this session: its id, or `latest` (default: the newest session that has it)",
  );

export const probe = () =>
  new Option("--probe", "ask the Kedro projects anew, though nothing of them has changed since they were asked");

export const yes = () => new Option("--yes", "don't ask, even if nothing shows that you made the session's plan");

export const maxParallel = (otherwise: string) =>
  new Option("--max-parallel <n>", `runs at once (default: ${otherwise})`).argParser(parseCount);

export const timings = () =>
  new Option("--timings", "print last how long each part took, from the start of the command");

export const keepWorker = () =>
  new Option(
    "--keep-worker <duration>",
    "let the Kedro workers wait so long for the next session, such as 10m, at most 24h; 0: they end (default: as the workflow says)",
  ).argParser(parseWait);

export const onFailure = () =>
  new Option("--on-failure <policy>", "what to do when a run fails (default: as the file says)").choices([
    "fail-fast",
    "continue",
  ]);

export const set = () =>
  repeatable(
    "--set <run.field=value>",
    "change a field of a run, for example a parameter with `RUN.params.NAME=VALUE`; may be repeated",
  );

export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text, earlier: string[] = []) => [...earlier, text]);
}

export const limit = () => new Option("--limit <n>", "show at most this many").argParser(parseCount);
export const since = () =>
  new Option("--since <time>", "since this time: ISO 8601, or an age such as 90m, 12h, 7d").argParser(parseTime);
export const at = () =>
  new Option("--at <time>", "as it was at this time: ISO 8601, or an age such as 90m, 12h, 7d").argParser(parseTime);

export const tag = () =>
  new Option("--tag <key[=value]...>", "with these tags; a key alone stands for any value").argParser(collectTag);

function collectTag(text: string, before: TagFilter[] = []): TagFilter[] {
  const split = text.indexOf("=");
  const found = split === -1 ? { key: text, value: null } : { key: text.slice(0, split), value: text.slice(split + 1) };
  return [...before, found];
}

/** Milliseconds. */
function parseWait(text: string): number {
  const waitMs = parseDuration(text);
  if (waitMs !== null && waitMs >= 0 && waitMs <= MAX_KEPT_MS) return waitMs;
  throw new InvalidArgumentError("it takes a duration such as 90s, 10m or 1h30m, of at most 24h, or 0.");
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError("it takes a whole number, 1 or more.");
  return count;
}

const AGE = /^(\d+)(s|m|h|d|w)$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };

/** ISO 8601 in UTC. */
export function parseTime(text: string): string {
  const [, amount, unit] = AGE.exec(text) ?? [];
  const time = unit === undefined ? Date.parse(text) : Date.now() - Number(amount) * (UNIT_MS[unit] ?? 0);
  if (Number.isNaN(time)) throw new InvalidArgumentError("it takes an ISO 8601 time, or an age such as 90m, 12h, 7d.");
  return new Date(time).toISOString();
}

/** Help texts for the arguments of commands that take a workflow file. */
export const FILE =
  "the workflow file (default: the nearest workflow.yaml, .yml, .json or .ts, in this folder or above)";
export const RUNS =
  "run only these, and what they need; the name of a matrix stands for all its variants (default: all)";

export const olderThan = (what: string) =>
  new Option("--older-than <age>", `${what}: an age such as 12h, 7d, or an ISO 8601 time`).argParser(parseTime);

/** Option for the default, which is a dry run without `--yes`. Accepted because other commands have it, so people give it. */
export const dryRun = () => new Option("--dry-run", "only say what would be removed: the default").conflicts("yes");
