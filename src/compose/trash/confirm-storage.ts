import { lostRecord } from "../../core/error/registry-error.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { RemoteOwner } from "../../core/port/remote-storage.ts";
import type { KedroTask } from "../../core/port/runner.ts";
import type { SessionId } from "../../core/run-id.ts";
import { type Doubt, judgeExecution } from "../consent/judge-execution.ts";
import { settleDoubt } from "../consent/settle-doubt.ts";
import type { StateLocation } from "../locate-state.ts";

/** Asks for consent before the project of an attempt is started, to reach the remote data of the attempt. */
export type ConfirmStorage = (owner: RemoteOwner, task: KedroTask) => Promise<void>;

/** Person who is asked, and told of steps meanwhile. Default: no consent. */
export interface Consenting {
  onDoubt?(doubt: Doubt): Promise<boolean>;
  onStep?(step: string | null): void;
}

interface Confirming {
  registry: RegistryReader;
  folders: StateLocation;
  context: Consenting;
  /** Session whose execution has been consented to. */
  consented?: SessionId;
}

/**
 * Makes the question for an act that reaches the data of recorded sessions: once for each project of a session that nothing shows to be the
 * user's. It throws NotConfirmedError unless the answer is yes, and what `judgeExecution` throws.
 */
export function confirmStorage({ registry, folders, context, consented }: Confirming): ConfirmStorage {
  const settled = new Map<string, Promise<void>>();
  const ask = async ({ session_id, run }: RemoteOwner, task: KedroTask) => {
    const session = registry.findSessionHead(session_id);
    if (session === null) throw lostRecord(`session ${session_id}`);
    const runs = [{ run: `${run}, to reach its remote data`, task }];
    const doubt = judgeExecution([{ session, runs }], { reader: registry, folders, environment: process.env });
    if (doubt !== null) context.onStep?.(null);
    await settleDoubt(doubt, context);
  };
  return async (owner, task) => {
    const { session_id } = owner;
    if (session_id === consented) return;
    const { project_path, python, env, conf_source, runtime_params } = task;
    const key = JSON.stringify([session_id, project_path, python, env, conf_source, runtime_params]);
    const answer = settled.get(key) ?? ask(owner, task);
    settled.set(key, answer);
    await answer;
  };
}
