import type { DeclaredRun, RunEvent } from "../../src/core/event/event.ts";
import type { SessionOwnership } from "../../src/core/ownership.ts";
import type { ExceptionRecord, Pin, VersionRecord } from "../../src/core/run.ts";
import type { RunId, SessionId } from "../../src/core/run-id.ts";

const START_MS = Date.UTC(2026, 10, 23, 21, 4, 54, 666);

/** An attempt, as its events name it. */
export interface AttemptRef {
  session_id: SessionId;
  run: string;
  run_id: RunId;
  attempt: number;
}

type Sink = (events: RunEvent[]) => void;

/** Events of sessions, in order, a millisecond apart; `emit` gets each as it is made. Ids are told by their number alone. */
export class History {
  readonly events: RunEvent[] = [];
  #emit: Sink;
  #tick: number;
  #steppedMs = 0;

  /** `firstTick` keeps the ids of several processes apart. */
  constructor(emit: Sink = () => {}, firstTick = 0) {
    this.#emit = emit;
    this.#tick = firstTick;
  }

  get time(): string {
    return new Date(START_MS + this.#tick + this.#steppedMs).toISOString();
  }

  /** Sets the clock forward by so many milliseconds, or back. */
  stepClock(ms: number): void {
    this.#steppedMs += ms;
  }

  /** An id of the form of run_ids, of the present moment. */
  nextId(): string {
    return `${this.time.replaceAll(":", ".")}-${(++this.#tick).toString(16).padStart(12, "0")}`;
  }

  add<E extends RunEvent>(event: E): E {
    this.#tick += 1;
    this.events.push(event);
    this.#emit([event]);
    return event;
  }

  startSession(workflow = "churn", workflow_file: string | null = `/w/${workflow}.yaml`): SessionId {
    const session_id = this.nextId() as SessionId;
    this.add({
      type: "session.started",
      time: this.time,
      session_id,
      workflow,
      workflow_file,
      project_path: null,
      command_line: ["runweave", "run", `${workflow}.yaml`],
      git: { commit: "c0ffee", dirty: false },
      claim: ownershipAt(1),
    });
    return session_id;
  }

  declare(session_id: SessionId, ...runs: (string | DeclaredRun)[]): void {
    const declared = runs.map((run) => (typeof run === "string" ? declaredRun(run) : run));
    this.add({ type: "runs.declared", time: this.time, session_id, runs: declared });
  }

  resolve(session_id: SessionId, run: string, { attempt = 1, pins = [] as Pin[] } = {}): AttemptRef {
    const ref = { session_id, run, run_id: this.nextId() as RunId, attempt };
    this.add({ type: "run.resolved", time: this.time, ...ref, pins });
    return ref;
  }

  start(ref: AttemptRef): void {
    this.add({ type: "run.started", time: this.time, ...ref, pid: 4242, log: `/logs/${ref.run_id}.log` });
  }

  succeed(ref: AttemptRef, ...datasets: string[]): void {
    const outputs = Object.fromEntries(datasets.map((dataset) => [dataset, versionOf(ref.run_id, dataset)]));
    const end = { duration_ms: 12.5, outputs, outputs_location: "/store", peak_memory_bytes: 2 ** 33 };
    this.add({ type: "run.succeeded", time: this.time, ...ref, ...end });
  }

  /** With `again`, there is to be another attempt. */
  fail(ref: AttemptRef, message = "boom", { again = false, reason = null as string | null, of = 3 } = {}): void {
    const exception = exceptionOf(message);
    const policy = { max_attempts: of, will_retry_at: again ? this.time : null, reason };
    const end = { duration_ms: 3, exception, peak_memory_bytes: null, ...policy };
    this.add({ type: "run.failed", time: this.time, ...ref, ...end });
  }

  skip(session_id: SessionId, run: string, because: string): void {
    const chain = [{ run: because, status: "failed" } as const];
    this.add({ type: "run.skipped", time: this.time, session_id, run, chain, reason: `${because} failed` });
  }

  cancel(ref: Omit<AttemptRef, "run_id"> & { run_id: RunId | null }): void {
    this.add({ type: "run.cancelled", time: this.time, ...ref, duration_ms: 7, reason: "interrupted" });
  }

  resume(session_id: SessionId, epoch: number, ...runs: string[]): void {
    const claim = ownershipAt(epoch);
    this.add({
      type: "session.resumed",
      time: this.time,
      session_id,
      claim,
      command_line: ["runweave", "resume"],
      runs,
    });
  }

  finishSession(session_id: SessionId, status: "success" | "failed" | "cancelled" = "success"): void {
    this.add({ type: "session.finished", time: this.time, session_id, status, duration_ms: 99, runs: [] });
  }

  /** A run from its pins to its success. */
  complete(session_id: SessionId, run: string, { pins = [] as Pin[], saves = [] as string[] } = {}): AttemptRef {
    const ref = this.resolve(session_id, run, { pins });
    this.start(ref);
    this.succeed(ref, ...saves);
    return ref;
  }
}

export function ownershipAt(epoch: number): SessionOwnership {
  const owner = { pid: 4000 + epoch, start_time: 77, boot_id: "b007", host: "vm-1" };
  return { owner, epoch, lease_until: "2026-11-23T21:05:24.666Z" };
}

export function declaredRun(run: string): DeclaredRun {
  return {
    run,
    kind: "kedro",
    needs: ["upstream"],
    env: "prod",
    runtime_params: { model_options: { random_state: 7 } },
    pipeline_names: ["data_science"],
    filters: { tags: ["t"] },
    max_attempts: 3,
    allow_failure: true,
  };
}

export function versionOf(version: string, dataset: string): VersionRecord {
  return {
    version,
    location: `/store/${dataset}/${version}`,
    bytes: 12,
    hash: "sha256:00",
    entry: { config: { type: "pandas.CSVDataset" }, versioned: false },
    plain_location: null,
  };
}

export function exceptionOf(message: string): ExceptionRecord {
  const cause = { type: "OSError", message: "root", node: null, traceback: null, cause: null };
  return { type: "ValueError", message, node: "fit", traceback: "Traceback\n\u0000", cause };
}

export function consumedPin(dataset: string, writer: AttemptRef, fromDataset = dataset): Pin {
  const reason = `${writer.run} wrote it`;
  return {
    dataset,
    version: writer.run_id,
    rule: "consumed",
    from_run: writer.run,
    from_dataset: fromDataset,
    reason,
  };
}

export function frozenPin(dataset: string, version: string): Pin {
  return { dataset, version, rule: "frozen", from_run: null, from_dataset: null, reason: "as planning saw it" };
}

export function ownPin(dataset: string, version: string): Pin {
  return { dataset, version, rule: "own", from_run: null, from_dataset: null, reason: "its own output" };
}
