import { lostRecord } from "../../core/error/registry-error.ts";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import type { Registry, RegistryReader } from "../../core/port/registry.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { tellDiscard } from "../../core/trash.ts";
import { type AliasTarget, findAlias, findAliasOrThrow, listAliases } from "../../explain/aliases.ts";
import type { Fallback } from "../../explain/find/find-named.ts";
import { indexTaints, TAINT_HINT, tellTaint } from "../../explain/taint.ts";
import { showName } from "../../explain/text/show-name.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { findSavedVersion } from "../find/find-and-tell.ts";
import { listFallbacks } from "../find/tell-fallback.ts";
import { type RegistryFlag, readRegistry, writeRegistry } from "../open-registry.ts";
import { writeLines } from "../terminal.ts";
import { writeAnswer } from "../write-answer.ts";

export type AliasAction = "set" | "move" | "remove" | "list";

export interface AliasFlags extends RegistryFlag {
  session?: string;
  at?: string;
  json?: boolean;
}

interface AliasRequest {
  action: AliasAction;
  name: string | undefined;
  /** `DATASET@RUN`. */
  target: string | undefined;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/;

/** `runweave alias set|move|remove|list [NAME] [DATASET@RUN]`. */
export async function changeAlias({ action, name, target }: AliasRequest, flags: AliasFlags): Promise<ExitCode> {
  if (action === "list") return showAliases(name, flags);
  if (name === undefined || !NAME.test(name)) {
    const hint = "letters, digits, _, - and . after a letter";
    throw new CliError(
      "invalid-alias",
      `${name === undefined ? "an alias needs a name" : `"${name}" can't be an alias`}`,
      { hint },
    );
  }
  const { before, after, fallback } = await writeRegistry(flags, async (registry) => {
    const before = findAlias(registry, name);
    const isThere = before !== null;
    const fallback =
      action === "remove"
        ? removeAlias(registry, name)
        : setAlias(registry, { action, name, target, isThere, session: flags.session });
    return { before, after: findAlias(registry, name), fallback };
  });
  if (flags.json) writeAnswer("alias", { alias: name, before, after, fallbacks: listFallbacks(fallback) });
  else
    writeLines(process.stdout, [
      `${name} -> ${describe(after)}${before === null ? "" : `; before: ${describe(before)}`}`,
    ]);
  return 0;
}

function showAliases(name: string | undefined, { at, json, ...flags }: AliasFlags): ExitCode {
  const found = readRegistry(flags, (reader) => {
    if (name === undefined) return { aliases: listAliases(reader, at ?? null), moves: [] };
    if (at !== undefined) return { aliases: [findAlias(reader, name, at) ?? []].flat(), moves: [] };
    findAliasMoves(reader, name);
    return { aliases: [findAlias(reader, name) ?? []].flat(), moves: reader.aliasMoves(name) };
  });
  if (json) writeAnswer("alias-list", found);
  else {
    const lines = found.aliases.map(
      (target) => `${showName(target.alias)} -> ${describe(target)}, since ${formatLocalTime(target.time)}`,
    );
    const moves = (found.moves ?? []).map(
      ({ time, dataset, run_id }) =>
        `    ${formatLocalTime(time)}  ${dataset === null ? "removed" : `${showName(dataset)}@${run_id}`}`,
    );
    writeLines(process.stdout, lines.length + moves.length === 0 ? ["no aliases"] : [...lines, ...moves]);
  }
  return 0;
}

/** An alias that was removed still has its history. */
function findAliasMoves(reader: RegistryReader, name: string): void {
  if (reader.aliasMoves(name).length === 0) findAliasOrThrow(reader, name);
}

/** Null: an alias is named by itself. */
function removeAlias(registry: Registry, alias: string): null {
  const { run_id } = findAliasOrThrow(registry, alias);
  const [head] = registry.findHeads([run_id]);
  if (head === undefined) throw lostRecord(`run ${run_id}`);
  const { session_id, run } = head;
  registry.append([{ type: "alias.removed", time: now(), session_id, run, run_id, alias }]);
  return null;
}

interface Setting {
  action: AliasAction;
  name: string;
  target: string | undefined;
  isThere: boolean;
  session: string | undefined;
}

function setAlias(registry: Registry, { action, name, target, isThere, session }: Setting): Fallback | null {
  if (action === "set" && isThere) {
    throw new CliError("alias-exists", `the alias ${name} is there already`, { hint: "say `alias move` to move it" });
  }
  if (action === "move" && !isThere) findAliasOrThrow(registry, name);
  const usage = `runweave alias ${action} ${name} DATASET@RUN`;
  const { dataset, head, fallback } = findSavedVersion(registry, target, { session, usage });
  const { session_id, run, run_id } = head;
  const bad = indexTaints(registry).ofVersion({ dataset, run_id });
  if (bad !== null) {
    const message = `${dataset} of ${run} (${run_id}) ${tellTaint(bad)}`;
    throw new CliError("version-tainted", message, { hint: TAINT_HINT });
  }
  // The alias keeps the data from now on, so they must not have been discarded at this moment.
  registry.decide(() => {
    const [discard] = registry.discardsOf([run_id]);
    if (discard !== undefined)
      throw new CliError("version-collected", `what ${run} (${run_id}) saved ${tellDiscard(discard)}`);
    return [{ type: "alias.set", time: now(), session_id, run, run_id, alias: name, dataset }];
  });
  return fallback;
}

function describe(target: AliasTarget | null): string {
  return target === null ? "nothing" : `${showName(target.dataset)}@${target.run_id}`;
}

function now(): string {
  return formatTime(systemClock.now());
}
