import type { JsonObject, RunRecord } from "../run.ts";
import type { Task } from "./runner.ts";

/** Files that a run's process loads beside its data, which may change while a session goes on. */
export interface TaskSources {
  /** Key that is equal for runs with the same sources. */
  key: string;
  /** Absolute. */
  folder: string;
  /** Changes when one of the files does. */
  fingerprint(): string;
  /** Changes when one of the files does that no run writes. */
  fingerprintCode(): string;
}

/** Why a task can't be executed on this machine: a clause, and advice. */
export interface TaskFault {
  what: string;
  hint: string | null;
}

/** Questions about tasks of one kind that take no process. */
export interface TaskKind<T extends Task = Task> {
  /** Null for a kind whose runs load no files but those that their plan names. */
  sourcesOf(task: T): TaskSources | null;
  /** Finds a folder or program that is missing; null if everything is there. */
  findFault(task: T, environment: Readonly<Record<string, string | undefined>>): TaskFault | null;
  /** Returns a shell command that repeats an attempt by hand; `spec` is what its process was told. */
  formatRepeat(spec: JsonObject, run: RunRecord): string;
}

/** One row per kind of task. */
export type TaskKindTable = { readonly [Kind in Task["kind"]]: TaskKind<Extract<Task, { kind: Kind }>> };
