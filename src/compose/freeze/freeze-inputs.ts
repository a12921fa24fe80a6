import { type Location, type Problem, problemAt } from "../../core/error/problem.ts";
import type { GivenRead } from "../../core/read.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { gatherFindings } from "../../plan/findings.ts";
import type { ExpandedRun, GivenReads, Injection } from "../../plan/plan.ts";
import type { LockedPin } from "../../resolve/lock/lock.ts";
import type { RegistrySource } from "../registry-source.ts";
import { freezeAlias } from "./freeze-alias.ts";
import { freezeFile } from "./freeze-file.ts";
import { freezeRunId } from "./freeze-run-id.ts";
import { freezeValue } from "./freeze-value.ts";
import type { Freezing } from "./freezing.ts";
import type { HoldVersion } from "./hold-versions.ts";

interface FreezeOptions {
  definition: WorkflowDefinition;
  registry: RegistrySource;
  hold?: HoldVersion | undefined;
}

/**
 * Looks at everything that runs take from outside the session: files are hashed, earlier runs looked up. What can't be had
 * is a problem, and has a stand-in, so that the rest of the plan can be checked too.
 */
export async function freezeInputs(
  runs: readonly ExpandedRun[],
  options: FreezeOptions,
): Promise<{ frozen: GivenReads; problems: Problem[] }> {
  const findings = gatherFindings();
  const known = new Map<string, Promise<Freezing>>();
  const frozen = new Map<string, Record<string, GivenRead>>();
  for (const { run, definition, injects } of runs) {
    const found: [string, GivenRead][] = [];
    for (const [dataset, injection] of Object.entries(injects)) {
      // Arms mostly take the same: each source is looked at once.
      const held = options.hold?.(run, dataset) ?? null;
      const key = JSON.stringify([injection, held]);
      const freezing = await remember(known, key, () => freeze(injection, options.registry, held));
      found.push([dataset, freezing.ok ? freezing.input : standIn(injection)]);
      if (freezing.ok) continue;
      const { code, message, hint } = freezing.fault;
      const locate = (): Location | null =>
        options.definition.locate(["runs", definition.name, "consumes", dataset, injection.kind]);
      findings.add([code, definition.name, dataset, message], () => problemAt(locate(), code, message, hint));
    }
    if (found.length > 0) frozen.set(run, Object.fromEntries(found));
  }
  return { frozen, problems: findings.list() };
}

async function freeze(injection: Injection, registry: RegistrySource, held: LockedPin | null): Promise<Freezing> {
  switch (injection.kind) {
    case "file":
      return await freezeFile(injection.path, injection.shown);
    case "value":
      return { ok: true, input: freezeValue(injection.value, injection.shown) };
    case "run_id":
      return await freezeRunId(injection, registry);
    case "alias":
      return await freezeAlias(injection, registry, held);
    default:
      return injection satisfies never;
  }
}

function remember<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

function standIn({ shown }: Injection): GivenRead {
  return { rule: "value", version: "value-unknown", value: null, source: shown, reason: "it is not available" };
}
