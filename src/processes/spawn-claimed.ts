import { type ChildProcess, spawn } from "node:child_process";
import { bootId } from "./identity.ts";

export interface SpawnRequest {
  /** The program by its path, and its arguments. */
  argv: readonly string[];
  cwd: string;
  environment: NodeJS.ProcessEnv;
  /** Where both its streams go: a descriptor opened for appending. */
  logFd: number;
  /** The file that the child creates before anything else. If it is there, nothing runs. */
  claimPath: string;
}

/** The exit code of a child that found its attempt claimed. */
export const ALREADY_CLAIMED = 125;

/** Built-ins alone, so that the claim costs no further process; then `exec`, so that its pid stays true. */
const CLAIM_THEN_EXEC = `
runweave_f() { runweave_started=\${20}; }
[ "$2" = null ] || { read -r runweave_stat </proc/$$/stat && runweave_f \${runweave_stat##*) }; }
set -C
printf '{"pid":%d,"start_time":%s,"boot_id":%s}\\n' $$ "\${runweave_started:-null}" "$2" >"$1" || exit ${ALREADY_CLAIMED}
shift 2; set +C; unset -f runweave_f; unset runweave_stat runweave_started
exec "$@"`;

/**
 * Starts a program in a process group of its own. It claims its attempt before it becomes the program, so an attempt that
 * was claimed never starts a second time. Throws what the system says, E2BIG for one; ENOENT arrives as an `error` event.
 */
export function spawnClaimed(request: SpawnRequest): ChildProcess {
  const { argv, cwd, environment, logFd, claimPath } = request;
  const boot = bootId();
  const args = ["-c", CLAIM_THEN_EXEC, "sh", claimPath, boot === null ? "null" : `"${boot}"`, ...argv];
  return spawn("/bin/sh", args, { cwd, env: environment, detached: true, stdio: ["ignore", logFd, logFd] });
}
