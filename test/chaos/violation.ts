/** What must hold after everything that can go wrong, by name. */
export type Invariant =
  | "no-run-lost"
  | "one-start-per-attempt"
  | "only-succeeded-is-consumed"
  | "hashes-match"
  | "registry-equals-disk"
  | "terminal-rows-never-change"
  | "log-explains-tables"
  | "no-process-left"
  | "same-outputs-as-uninterrupted"
  | "no-data-lost"
  | "collected-only-what-may-go"
  | "published-by-one"
  | "nothing-left-behind"
  | "log-lines-complete"
  | "terminal-restored"
  | "no-more-than-allowed-at-once"
  | "session-ends"
  | "one-owner-at-once"
  | "nothing-but-a-known-error";

/** One way in which an invariant did not hold. */
export interface Violation {
  invariant: Invariant;
  detail: string;
}

export function violate(invariant: Invariant, detail: string): Violation {
  return { invariant, detail };
}
