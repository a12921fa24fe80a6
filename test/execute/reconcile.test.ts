import { expect, test } from "vitest";
import type { AttemptEvidence } from "../../src/core/port/recovery.ts";
import { decideReconciliation, type Reconciliation } from "../../src/execute/reconcile.ts";

const TABLE: [AttemptEvidence["claim"], Reconciliation, Reconciliation][] = [
  ["none", "claim", "claim"],
  ["given-up", "forget", "forget"],
  ["alive", "follow", "end"],
  ["gone", "follow", "follow"],
  ["unknown", "follow", "follow"],
  ["lost", "follow", "follow"],
];

test.each(TABLE)("an attempt whose claim is %s: %s, or %s if what lives is to be ended", (claim, followed, ended) => {
  const evidence = { claim, startedMs: null };
  expect(decideReconciliation(evidence, { endsLive: false })).toBe(followed);
  expect(decideReconciliation(evidence, { endsLive: true })).toBe(ended);
});
