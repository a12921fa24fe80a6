import type { Pin, VersionRecord } from "../../src/core/run.ts";
import type { RunId, SessionId } from "../../src/core/run-id.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { type AttemptRef, consumedPin, History, versionOf } from "../suites/history.ts";

const by = { user: "ann", host: "vm-1", pid: 7 };

/** `[name, writer, its dataset]`. */
export type Read = readonly [string, AttemptRef, string];

/** A registry whose attempts save what a test says. */
export class HealingWorld {
  readonly registry = createMemoryRegistry();
  readonly history = new History((events) => this.registry.append(events));

  /** Another session of the one workflow; one that heals another, if that is said. */
  startSession(heals?: SessionId): SessionId {
    if (heals === undefined) return this.history.startSession();
    const session_id = this.history.nextId() as SessionId;
    const { time } = this.history;
    const about = { workflow: "churn", workflow_file: null, project_path: null, command_line: [] };
    const replay_of = { session_id: heals, changes: [], heals: true as const };
    const git = { commit: null, dirty: null };
    this.history.add({ type: "session.started", time, session_id, ...about, git, replay_of });
    return session_id;
  }

  /** An attempt that read this and saved that: a dataset, and what it holds. */
  execute(
    session: SessionId,
    run: string,
    {
      reads = [] as readonly Read[],
      saves = {} as Record<string, string>,
      work = null as string | null,
      plain = null as string | null,
    } = {},
  ) {
    this.history.declare(session, run);
    const pins = reads.map(([name, ref, from]) => consumedPin(name, ref, from));
    const ref = this.#resolve(session, run, { pins, work });
    this.history.start(ref);
    const outputs = Object.fromEntries(
      Object.entries(saves).map(([name, hash]) => {
        return [name, { ...this.#save(ref, name, hash), plain_location: plain, ...(plain && { location: plain }) }];
      }),
    );
    const end = { duration_ms: 1, outputs, outputs_location: "/store", peak_memory_bytes: null };
    this.history.add({ type: "run.succeeded", time: this.history.time, ...ref, ...end });
    return ref;
  }

  reuse(session: SessionId, run: string, run_id: RunId): void {
    this.history.declare(session, run);
    const reused = { run_id, fingerprint: null, load_versions: {}, reason: "linked" };
    this.history.add({ type: "run.reused", time: this.history.time, session_id: session, run, ...reused });
  }

  taint({ session_id, run, run_id }: AttemptRef, dataset = "o", { onlyThis = false } = {}): void {
    const about = { time: this.history.time, session_id, run, run_id, dataset };
    const scope = onlyThis ? { only_this: true as const } : {};
    this.history.add({ type: "version.tainted", ...about, reason: "wrong units", by, ...scope });
  }

  clear({ session_id, run, run_id }: AttemptRef, dataset = "o"): void {
    const about = { time: this.history.time, session_id, run, run_id, dataset };
    this.history.add({ type: "version.cleared", ...about, reason: null, by });
  }

  nameOf(runId: RunId): string {
    return this.registry.findHeads([runId])[0]?.run ?? "";
  }

  /** `work` is the digest of all that its result depends on, which makes it one that others may be reused for. */
  #resolve(session_id: SessionId, run: string, { pins, work }: { pins: Pin[]; work: string | null }): AttemptRef {
    if (work === null) return this.history.resolve(session_id, run, { pins });
    const ref = { session_id, run, run_id: this.history.nextId() as RunId, attempt: 1 };
    const parts = { task: {}, environment: {}, code: {}, parameters: {}, catalog: {}, inputs: {} };
    const cache = { fingerprint: { digest: work, parts }, reason: "new" };
    this.history.add({ type: "run.resolved", time: this.history.time, ...ref, pins, cache });
    return ref;
  }

  #save({ run_id }: AttemptRef, dataset: string, hash: string): VersionRecord {
    return { ...versionOf(run_id, dataset), hash: `sha256:${hash}` };
  }
}
