import type { ProcessTask } from "../../core/port/runner.ts";
import type { ExceptionRecord, JsonObject } from "../../core/run.ts";
import type { FilledCommand, Filling } from "./fill-paths.ts";

/** Place of an attempt for its process: the environment of the orchestrator, and the folder of the attempt. */
export interface ProcessPlace {
  base: NodeJS.ProcessEnv;
  attemptFolder: string;
}

/** An exception, or the fault of the file that should hold one; neither if the file does not exist. */
export interface FoundException {
  exception: ExceptionRecord | null;
  fault: string | null;
}

/** Differences between the kinds of runs that are a process of their own. */
export interface ProcessKind<T extends ProcessTask> {
  readonly kind: T["kind"];
  /** Fills references in. Throws UnknownPathError, UnsetVariableError. */
  fill(task: T, filling: Filling): FilledCommand;
  /** Throws CommandProblem if a file that the program is to read does not exist. */
  check(task: T): void;
  /** Returns variables of its program's own. Throws UnsetVariableError. */
  tell(task: T, place: ProcessPlace): Record<string, string>;
  /** Returns the part of the spec that its words don't tell, with `${env:NAME}` unfilled. */
  describe(task: T): JsonObject;
  /** Reads why the program failed, as it said itself. Never throws. */
  readException(attemptFolder: string): FoundException;
}
