import { dirname } from "node:path";
import type { RunRecord, SessionRecord } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import { listOption } from "../../core/text/option-values.ts";
import { quoteShell } from "../../core/text/quote-shell.ts";
import { TASK_KINDS } from "../../runners/task-kinds.ts";
import { readOlderModule } from "../kept-plan/older-module.ts";
import { findState, type StateLocation } from "../locate-state.ts";
import { readSpec } from "./read-spec.ts";

/**
 * Returns a shell command that runs `run` again. For a workflow file: on the versions that its session gave it, or, if
 * these have changed, with all that it needs made anew. For a script: the command itself, or `kedro run`, which reads
 * from the project's catalog where a version can't be named. For a session that heals: the healing, as a run of its own
 * would replace no version. Null if the attempt is unknown.
 */
export function formatRepeatCommand(run: RunRecord, session: SessionRecord, state: StateLocation): string | null {
  if (session.replay_of?.heals === true) return healAgain(session.replay_of.session_id, state);
  if (session.workflow_file !== null) return reproduceByFile(run, { session, file: session.workflow_file, state });
  const spec = run.run_id === null ? null : readSpec(state, run.run_id);
  if (spec === null) return null;
  const { kind } = readOlderModule({ ...spec, kind: run.kind });
  // A registry that was changed by hand may have another kind.
  return Object.hasOwn(TASK_KINDS, kind) ? TASK_KINDS[kind].formatRepeat(spec, run) : null;
}

function reproduceByFile(
  { run, session_id, exception }: RunRecord,
  { session, file, state }: { session: SessionRecord; file: string; state: StateLocation },
): string {
  // The workflow file does not have them.
  const settings = listOption(session.command_line, "--set").flatMap(({ words }) => words);
  const registry = nameRegistry(state, dirname(file));
  // Versions that have changed since they were saved are not given to a run.
  const what = exception?.type === "InputChanged" ? [run] : ["--only", run, "--from", session_id];
  return quoteShell(["runweave", "run", file, ...what, ...settings, ...registry]);
}

function healAgain(healed: SessionId, state: StateLocation): string {
  return quoteShell(["runweave", "heal", healed, ...nameRegistry(state, process.cwd())]);
}

/** Returns the option that names a registry to a command that is typed in `from`; none where it is found anyway. */
export function nameRegistry(state: StateLocation, from: string): string[] {
  return findState({ environment: {}, from }).registry === state.registry ? [] : ["--registry", state.registry];
}
