import { InvalidArgumentError, Option } from "commander";
import type { TagFilter } from "../core/registry.ts";

/** Words of the help for what a command takes: one resolver, `find/find-named.ts`, takes them all. */
export const RUN = "a run's name or run_id, its first or last digits";
export const SESSION = "`latest`, or a session_id, its first or last digits";
export const SESSION_OR_RUN =
  "a session (`latest`, or its id) or a run (its name or run_id); of an id the last 8 digits do";

export const json = () => new Option("--json", "print JSON for scripts");
export const registry = () =>
  new Option("--registry <path>", "the state folder, or the registry file in it (default: the nearest .runweave/)");
export const session = () =>
  new Option("--session <id>", "look in this session alone: its id, a part of it, or `latest`");

export const set = () =>
  repeatable("--set <run.field=value>", "change a field of a run, as `params.NAME`; may be repeated");

export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text, earlier: string[] = []) => [...earlier, text]);
}

export const limit = () => new Option("--limit <n>", "at most so many").argParser(parseCount);
export const since = () =>
  new Option("--since <time>", "from this time on: ISO 8601, or an age such as 90m, 12h, 7d").argParser(parseTime);
export const at = () =>
  new Option("--at <time>", "as of then: ISO 8601, or an age such as 90m, 12h, 7d").argParser(parseTime);

export const tag = () =>
  new Option("--tag <key[=value]...>", "with these tags; of a key alone, whatever its value").argParser(collectTag);

function collectTag(text: string, before: TagFilter[] = []): TagFilter[] {
  const split = text.indexOf("=");
  const found = split === -1 ? { key: text, value: null } : { key: text.slice(0, split), value: text.slice(split + 1) };
  return [...before, found];
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError("it takes a whole number from 1.");
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
