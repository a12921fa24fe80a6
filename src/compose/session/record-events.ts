import type { RunEvent } from "../../core/event/event.ts";
import type { OwnedSession } from "../../core/ownership.ts";
import type { Registry } from "../../core/port/registry.ts";
import type { Reporter } from "../../core/port/reporter.ts";

/** How long what happens inside an attempt may wait for company before it is stored, in milliseconds. */
const BATCH_MS = 50;

/**
 * Events that tell of an attempt's progress: no other record depends on the last few, which a killed session may lose.
 */
const BATCHED: ReadonlySet<RunEvent["type"]> = new Set([
  "run.started",
  "pipeline.started",
  "node.started",
  "node.finished",
  "node.failed",
  "dataset.loaded",
  "dataset.saved",
  "dataset.resumed",
  "run.warned",
  "environment.captured",
  "metrics.reported",
]);

/** Stores events, then shows them: what was shown was stored. */
export interface EventSink {
  emit(events: readonly RunEvent[]): void;
  /** Stores, at once, what `judge` decides on, in the transaction in which it decides. */
  decide(judge: () => readonly RunEvent[]): void;
  /** Stores what is waiting. */
  flush(): void;
}

/**
 * Creates a sink that commits attempts and their ends at once, progress in batches. `onFault` is called for a batch
 * that could not be stored later on; `emit` itself throws. From then on no event is stored: a log with a gap has no
 * meaning.
 */
export function createEventSink(options: {
  registry: Registry;
  /** The session, and the epoch under which this process has it. */
  session: OwnedSession;
  reporters: readonly Reporter[];
  onFault(error: unknown): void;
}): EventSink {
  const { registry, session } = options;
  let waiting: RunEvent[] = [];
  let timer: NodeJS.Timeout | null = null;
  let fault: { error: unknown } | null = null;
  const store = (write: (waiting: readonly RunEvent[]) => readonly RunEvent[]) => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (fault !== null) throw fault.error;
    let events: readonly RunEvent[];
    try {
      events = write(waiting);
    } catch (error) {
      fault = { error };
      throw error;
    }
    waiting = [];
    for (const event of events) for (const reporter of options.reporters) reporter.onEvent(event);
  };
  const flush = () =>
    store((events) => {
      registry.append(events, session.epoch);
      return events;
    });
  const decide = (judge: () => readonly RunEvent[]) =>
    store((before) => {
      let events: readonly RunEvent[] = [];
      registry.decide(() => {
        events = [...before, ...judge()];
        return events;
      }, session);
      return events;
    });
  const flushLater = () => {
    try {
      flush();
    } catch (error) {
      options.onFault(error);
    }
  };
  return {
    flush,
    decide,
    emit: (events) => {
      waiting.push(...events);
      if (events.every(({ type }) => BATCHED.has(type))) timer ??= setTimeout(flushLater, BATCH_MS);
      else flush();
    },
  };
}
