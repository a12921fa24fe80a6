import type { RunEvent } from "../../core/event/event.ts";

/** Events for a caller that iterates, from the first one on: kept until they are taken. */
export interface EventStream {
  push(this: void, event: RunEvent): void;
  end(this: void): void;
  fail(this: void, error: unknown): void;
  iterate(this: void): AsyncIterator<RunEvent>;
}

/** A stream for one or more readers; each sees every event. */
export function createEventStream(): EventStream {
  const events: RunEvent[] = [];
  let state: { type: "open" } | { type: "ended" } | { type: "failed"; error: unknown } = { type: "open" };
  let changed = Promise.withResolvers<void>();
  const wake = () => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  return {
    push: (event) => {
      events.push(event);
      wake();
    },
    end: () => {
      if (state.type === "open") state = { type: "ended" };
      wake();
    },
    fail: (error) => {
      state = { type: "failed", error };
      wake();
    },
    async *iterate() {
      for (let next = 0; ; next++) {
        while (next >= events.length && state.type === "open") await changed.promise;
        const event = events[next];
        if (event !== undefined) yield event;
        else if (state.type === "failed") throw state.error;
        else return;
      }
    },
  };
}
