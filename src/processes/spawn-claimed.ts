import { type ChildProcess, spawn } from "node:child_process";
import { bootId } from "./identity.ts";

export interface SpawnRequest {
  /** The program by its path, and its arguments. */
  argv: readonly string[];
  cwd: string;
  environment: NodeJS.ProcessEnv;
  /** Descriptor for both of its streams, opened for appending. */
  logFd: number;
  /** File that the child creates before it does its work. If it exists, the child ends. */
  claimPath: string;
  /** The file that says how the program ended. */
  exitPath: string;
  /** Proves who wrote that file: it reaches the process that does, and not the program. */
  seal: string;
}

/** The exit code of a child that found its attempt claimed. */
export const ALREADY_CLAIMED = 125;

const SEAL_VARIABLE = "RUNWEAVE_SEAL";

/**
 * Built-ins alone, so that the claim costs no further process. The shell stays as the program's parent and writes how that
 * ended, so that this is known though the orchestrator be killed; its traps let signals through to the program, and the
 * program begins without them. Then it ends as the program did. A pipe that the program has put in the place of that file is
 * not waited for. The seal comes as a variable, which the program does not get: words can be seen by other users.
 */
const CLAIM_AND_RUN = `
unset runweave_seal; runweave_seal=$${SEAL_VARIABLE}; unset ${SEAL_VARIABLE}
runweave_f() { runweave_started=\${20}; }
[ "$3" = null ] || { read -r runweave_stat </proc/$$/stat && runweave_f \${runweave_stat##*) }; }
set -C
printf '{"pid":%d,"start_time":%s,"boot_id":%s}\\n' $$ "\${runweave_started:-null}" "$3" >"$1" || exit ${ALREADY_CLAIMED}
set +C; unset -f runweave_f; unset runweave_stat runweave_started runweave_exit runweave_code
runweave_exit=$2; shift 3
trap : HUP INT QUIT TERM USR1 USR2
exec 3>&2 2>/dev/null
(exec "$@" 2>&3 3>&-)
runweave_code=$?
[ -L "$runweave_exit" ] || { [ -e "$runweave_exit" ] && [ ! -f "$runweave_exit" ]; } ||
  printf '{"exit_code":%d,"seal":"%s"}\\n' "$runweave_code" "$runweave_seal" >"$runweave_exit"
[ "$runweave_code" -gt 128 ] && { trap - HUP INT QUIT TERM USR1 USR2; ulimit -c 0; kill -$((runweave_code - 128)) $$; }
exit "$runweave_code"`;

/**
 * Starts a program in a process group of its own. Its attempt is claimed before the program starts, so an attempt that was
 * claimed never starts a second time. Throws what the system says, E2BIG for one; ENOENT arrives as an `error` event.
 */
export function spawnClaimed(request: SpawnRequest): ChildProcess {
  const { argv, cwd, environment, logFd, claimPath, exitPath, seal } = request;
  const boot = bootId();
  const args = ["-c", CLAIM_AND_RUN, "sh", claimPath, exitPath, boot === null ? "null" : `"${boot}"`, ...argv];
  return spawn("/bin/sh", args, {
    cwd,
    env: { ...environment, [SEAL_VARIABLE]: seal },
    detached: true,
    stdio: ["ignore", logFd, logFd],
  });
}
