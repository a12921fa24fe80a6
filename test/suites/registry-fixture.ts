import { afterEach, beforeEach } from "vitest";
import type { Registry } from "../../src/core/port/registry.ts";
import type { SessionId } from "../../src/core/run-id.ts";
import { History } from "./history.ts";

/** A fresh registry for each test, with one session; what is added to the history is appended. */
export interface OpenRegistry {
  open(): Registry;
  registry: Registry;
  history: History;
  session: SessionId;
}

export function useRegistry(open: () => Registry): OpenRegistry {
  const on = { open } as OpenRegistry;
  beforeEach(() => {
    const registry = open();
    const history = new History((events) => registry.append(events));
    Object.assign(on, { registry, history, session: history.startSession() });
  });
  afterEach(() => on.registry.close());
  return on;
}
