import type { RegistryReader } from "../../core/port/registry.ts";
import { didYouMean, sayWhich } from "../../core/text/suggest.ts";
import { findAlias, listAliases } from "../aliases.ts";
import { ExplainError } from "../explain-error.ts";

/** A dataset of a run, as a command line names them. */
export interface Target {
  dataset: string;
  /** The word that names the run. */
  word: string;
}

/** An example of the command, for who mistypes it, and the time that is asked about: ISO, UTC; default: now. */
export interface TargetOptions {
  usage: string;
  at?: string | undefined;
}

/**
 * The version that a word names: `DATASET@RUN`, or an alias, which stands for the run_id and the dataset that it was set to. Null if the
 * word is neither.
 */
export function findTarget(reader: RegistryReader, word: string, at?: string): Target | null {
  const split = splitTarget(word);
  if (split !== null || word === "latest") return split;
  const alias = findAlias(reader, word, at ?? null);
  return alias === null ? null : { dataset: alias.dataset, word: alias.run_id };
}

/** The version that a word names. Throws ExplainError (`invalid-target`), with what was probably meant. */
export function readTarget(reader: RegistryReader, target: string | undefined, { usage, at }: TargetOptions): Target {
  const found = target === undefined ? null : findTarget(reader, target, at);
  if (found !== null) return found;
  const which = target === undefined ? "" : `, and "${target}" is neither`;
  const hint = target === undefined ? usage : (suggestTarget(reader, target) ?? usage);
  throw new ExplainError("invalid-target", `a version is named DATASET@RUN, or by an alias${which}`, hint);
}

/** A dataset's name may hold an @, a run's only in an arm's brackets. */
function splitTarget(text: string): Target | null {
  const end = text.endsWith("]") ? text.indexOf("[") : Infinity;
  const split = text.lastIndexOf("@", end);
  return split < 1 || split === text.length - 1 ? null : { dataset: text.slice(0, split), word: text.slice(split + 1) };
}

function suggestTarget(reader: RegistryReader, word: string): string | null {
  const aliases = listAliases(reader).map(({ alias }) => alias);
  return suggestVersion(reader, word) ?? didYouMean(word, aliases);
}

/** `did you mean "metrics@report"?` for what the newest session saved under a name that is a dataset's or a run's; else null. */
export function suggestVersion(reader: RegistryReader, word: string): string | null {
  const [newest] = reader.listSessions({ limit: 1 });
  const runs = newest === undefined ? [] : (reader.findSession(newest.session_id)?.runs ?? []);
  const names = runs.flatMap(({ run, outputs }) =>
    Object.keys(outputs).flatMap((dataset) => (dataset === word || run === word ? [`${dataset}@${run}`] : [])),
  );
  const [only, ...others] = names;
  if (only === undefined) return null;
  return others.length === 0 ? `did you mean "${only}"?` : sayWhich(names);
}
