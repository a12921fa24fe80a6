import { tmpdir } from "node:os";
import { sep } from "node:path";
import { WorkflowError } from "../compose/workflow-error.ts";
import { EnvironmentError } from "../core/error/environment-error.ts";
import { InterruptedError } from "../core/error/interrupted-error.ts";
import type { Problem } from "../core/error/problem.ts";
import { RefusalError } from "../core/error/refusal-error.ts";
import { AmbiguousIdError, RegistryError } from "../core/error/registry-error.ts";
import { FREE_SPACE, isSystemError, type SystemError } from "../core/error/system-error.ts";
import { RemoteStorageError } from "../core/port/remote-storage.ts";
import { UnsafePathError } from "../versions/layout.ts";
import { TrashFaultError } from "../versions/trash/trash-manifest.ts";
import { RemovalError } from "../versions/tree/remove-tree.ts";
import { INTERRUPTED } from "./end-on-signals.ts";

/** 0 done; 1 a run failed; 2 the workflow or the usage is wrong; 3 the environment is; 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** Error of a command that can't do its work, for people and scripts. */
export class CliError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string | null;
  readonly problems: Problem[];

  constructor(
    code: string,
    message: string,
    details: { exitCode?: ExitCode; hint?: string | null; problems?: Problem[]; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "CliError";
    this.code = code;
    this.exitCode = details.exitCode ?? 2;
    this.hint = details.hint ?? null;
    this.problems = details.problems ?? [];
  }
}

/** Explains an error of the user or the machine; null for a bug in runweave. */
export function explainError(error: unknown): CliError | null {
  if (error instanceof CliError) return error;
  if (error instanceof InterruptedError)
    return new CliError(INTERRUPTED.code, error.message, { exitCode: INTERRUPTED.exitCode });
  if (error instanceof WorkflowError) return explainProblems(error);
  if (error instanceof EnvironmentError) {
    const message = error.traceback === null ? error.message : `${error.message}\n\n${error.traceback.trimEnd()}\n`;
    return new CliError(error.code, message, { exitCode: 3, hint: error.hint, cause: error });
  }
  if (error instanceof RegistryError)
    return new CliError(error.code, error.message, { exitCode: 3, hint: error.hint, cause: error });
  if (error instanceof UnsafePathError) {
    const hint =
      "`runweave verify --all` tells whether the registry was changed; a link out of a version is not followed";
    return new CliError("unsafe-path", error.message, { exitCode: 3, hint, cause: error });
  }
  if (error instanceof TrashFaultError) {
    const hint = "look at it, and move it away; `runweave doctor` lists what is not an entry of the trash";
    return new CliError("trash-fault", error.message, { hint, cause: error });
  }
  if (error instanceof RemovalError) {
    const hint = "remove it yourself, or make it removable, and try again";
    return new CliError("not-removable", error.message, { exitCode: 3, hint, cause: error });
  }
  if (error instanceof RemoteStorageError) {
    // The remote storage is at fault and not this machine, but the command needs the data there.
    const hint = "call it again to do the rest";
    return new CliError("storage-failed", error.message, { exitCode: 3, hint, cause: error });
  }
  if (error instanceof RefusalError) {
    const { hint, problems } = error;
    const exitCode = FAILURES.has(error.code) ? 1 : 2;
    return new CliError(error.code, error.message, { exitCode, hint, problems: [...problems], cause: error });
  }
  if (error instanceof AmbiguousIdError) {
    return new CliError("ambiguous-id", error.message, { hint: "give more characters of the id", cause: error });
  }
  return explainSystemError(error);
}

/** Codes of refusals that tell a result (exit code 1); all other refusals tell of a wrong request (2). */
const FAILURES: ReadonlySet<string> = new Set(["published-file-changed", "former-lost"]);

function explainProblems(error: WorkflowError): CliError {
  const errors = error.problems.filter(({ severity }) => severity === "error").length;
  const message = `${error.subject} has ${errors} ${errors === 1 ? "problem" : "problems"}`;
  return new CliError("invalid-workflow", message, { problems: [...error.problems], cause: error });
}

const DISK_FULL = ["disk-full", FREE_SPACE] as const;
/** Names of the scratch folders of runweave, with what they are for. */
const SCRATCH = /^runweave-(?:cold|index|patch|probe|reproduce)-/;
/** Advice for the disk of temporary files, on which runweave keeps nothing. */
const FREE_TEMPORARY =
  "free some space there, or name a folder on another disk in TMPDIR, and try again; what was recorded before is intact";
const NO_ACCESS = ["no-access", "check the permissions there, and whether the disk can be written to"] as const;
const TOO_MANY_FILES = ["too-many-files", "raise the limit of open files (`ulimit -n`), and try again"] as const;

/**
 * System errors that the machine is to blame for. ENOENT and ENOTDIR are left out: they may come from a bug in runweave.
 */
const BY_SYSTEM_CODE: Readonly<Record<string, readonly [code: string, hint: string]>> = {
  ENOSPC: DISK_FULL,
  EDQUOT: DISK_FULL,
  EROFS: NO_ACCESS,
  EACCES: NO_ACCESS,
  EPERM: NO_ACCESS,
  ELOOP: ["looping-link", "a symbolic link there leads back to itself: remove it, or let it lead somewhere"],
  EMFILE: TOO_MANY_FILES,
  ENFILE: TOO_MANY_FILES,
};

function explainSystemError(error: unknown): CliError | null {
  if (!isSystemError(error)) return null;
  const explanation = BY_SYSTEM_CODE[String(error.code)];
  if (explanation === undefined) return null;
  const [code, advice] = explanation;
  const hint = advice === FREE_SPACE && isTemporary(error) ? FREE_TEMPORARY : advice;
  return new CliError(code, error.message, { exitCode: 3, hint, cause: error });
}

/** True of a file in a scratch folder of runweave: its state folder, or a project, may be below the same folder. */
function isTemporary({ path = "" }: SystemError): boolean {
  const [folder = ""] = path.startsWith(`${tmpdir()}${sep}`) ? path.slice(tmpdir().length + 1).split(sep) : [];
  return SCRATCH.test(folder);
}
