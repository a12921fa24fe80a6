import type { InjectDefinition } from "../../define/definition.ts";
import { type AliasTarget, findAliasOrThrow } from "../../explain/aliases.ts";
import { ExplainError } from "../../explain/explain-error.ts";
import type { LockedPin } from "../../resolve/lock/lock.ts";
import type { RegistrySource } from "../registry-source.ts";
import { freezeRunId } from "./freeze-run-id.ts";
import { type Freezing, rejectFreezing, rejectRegistry } from "./freezing.ts";

type AliasDefinition = Extract<InjectDefinition, { kind: "alias" }>;

/**
 * Freezes the version that an alias stands for when the plan is made, or the one of a lock file. Moves of the alias
 * while the session runs have no effect.
 */
export async function freezeAlias(
  wanted: AliasDefinition,
  source: RegistrySource,
  held: LockedPin | null = null,
): Promise<Freezing> {
  const { alias, run_id = null, dataset = wanted.dataset ?? alias } = held ?? {};
  if (alias !== wanted.alias || run_id === null) return await freezeTarget(wanted, source);
  const freezing = await freezeRunId({ kind: "run_id", run_id, dataset: dataset ?? "", as: wanted.as }, source);
  const reason = `the lock file has ${run_id} for the alias ${wanted.alias}`;
  return freezing.ok && freezing.input.rule !== "value"
    ? { ok: true, input: { ...freezing.input, rule: "alias", reason } }
    : freezing;
}

async function freezeTarget(wanted: AliasDefinition, source: RegistrySource): Promise<Freezing> {
  const registry = source.open();
  if (registry === null) return rejectRegistry(source, `the alias ${wanted.alias}`);
  const target = tryFind(() => findAliasOrThrow(registry, wanted.alias));
  if (target instanceof ExplainError) return rejectFreezing(target.code, target.message, target.hint ?? "");
  const { run_id, dataset, time } = target;
  const named = { kind: "run_id" as const, run_id, dataset: wanted.dataset ?? dataset, as: wanted.as };
  const freezing = await freezeRunId(named, source);
  if (!freezing.ok || freezing.input.rule === "value") return freezing;
  const { from_run, from_dataset } = freezing.input;
  const reason = `the alias ${wanted.alias} stood for ${run_id} since ${time}, where ${from_run} saved ${from_dataset}`;
  return { ok: true, input: { ...freezing.input, rule: "alias", reason } };
}

function tryFind(find: () => AliasTarget): AliasTarget | ExplainError {
  try {
    return find();
  } catch (error) {
    if (error instanceof ExplainError) return error;
    throw error;
  }
}
