import type { RegistryReader } from "../../core/port/registry.ts";
import type { ExceptionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { type ExecuteOptions, reject } from "../../execute/execute-options.ts";
import { formatTaint, indexTaints, nameVersion } from "../../explain/taint.ts";
import type { Plan } from "../../plan/plan.ts";
import { findVersion } from "../../resolve/find-version.ts";

type Verify = ExecuteOptions["verify"];

/**
 * Fails an attempt that is to heal a tainted version and has saved the same content again: data made of that would be
 * as bad.
 */
export function refuseSame({ runs }: Plan, verify: Verify, registry: RegistryReader): Verify {
  const healing = new Map(
    runs.flatMap(({ run, replay }) => (replay?.unlike === undefined ? [] : [[run, replay] as const])),
  );
  if (healing.size === 0) return verify;
  return async (result, resolved) => {
    const verified = await verify(result, resolved);
    const replay = healing.get(resolved.run);
    if (verified.rejection !== null || replay?.run_id == null) return verified;
    const tainted = Object.entries(replay.unlike ?? {});
    const same = tainted.find(([dataset, hash]) => findVersion(result.outputs, dataset)?.hash === hash);
    return same === undefined ? verified : reject(describeSame(registry, { dataset: same[0], run_id: replay.run_id }));
  };
}

/** Names versions by their run_ids: the newest run of that name is this very attempt, which has failed. */
function describeSame(registry: RegistryReader, version: { dataset: string; run_id: RunId }): ExceptionRecord {
  const bad = indexTaints(registry).ofVersion(version);
  const name = nameVersion(version);
  const what = `${version.dataset} has the same content as ${name}${bad === null ? "" : `, which ${formatTaint(bad)}`}`;
  const others = `name a replacement with \`runweave heal --with ${name}=RUN_ID\``;
  const right = `if it is right, \`runweave taint --clear ${nameVersion(bad?.taint ?? version)}\``;
  const message = `${what}. Fix what makes it and heal again; or ${others}; ${right}`;
  return { type: "SameAgain", message, node: null, traceback: null, cause: null };
}
