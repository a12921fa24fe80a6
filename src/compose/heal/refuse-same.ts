import type { ExceptionRecord } from "../../core/run.ts";
import { type ExecuteOptions, reject } from "../../execute/execute-options.ts";
import type { Plan } from "../../plan/plan.ts";
import { findVersion } from "../../resolve/find-version.ts";

type Verify = ExecuteOptions["verify"];

/**
 * Also fails an attempt that is to heal what is tainted and has saved the same content again: what is made of that would be
 * as bad.
 */
export function refuseSame({ runs }: Plan, verify: Verify): Verify {
  const unlike = new Map(
    runs.flatMap(({ run, replay }) => (replay?.unlike === undefined ? [] : [[run, replay.unlike]])),
  );
  if (unlike.size === 0) return verify;
  return async (result, resolved) => {
    const verified = await verify(result, resolved);
    if (verified.rejection !== null) return verified;
    const tainted = Object.entries(unlike.get(resolved.run) ?? {});
    const same = tainted.find(([dataset, hash]) => findVersion(result.outputs, dataset)?.hash === hash);
    return same === undefined ? verified : reject(tellSame(same[0]));
  };
}

function tellSame(dataset: string): ExceptionRecord {
  const message = `${dataset} came out as it is tainted: mend what makes it, heal with another one (--with), or say that it is right (\`runweave taint --clear\`)`;
  return { type: "SameAgain", message, node: null, traceback: null, cause: null };
}
