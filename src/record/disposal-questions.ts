import type { RegistryReader } from "../core/registry.ts";
import { readHoldings } from "./read-holdings.ts";
import { toCompensation, toDiscard, toFormer } from "./run-records.ts";
import type { TableStore } from "./table-store.ts";

type DisposalQuestions = Pick<RegistryReader, "holdings" | "discardsOf" | "undoingsOf">;

/** What became of data, what may become of them, and what can be taken back. */
export function createDisposalQuestions(store: TableStore): DisposalQuestions {
  const read = <T>(work: () => T): T => store.readConsistently(work);
  return {
    holdings: () => read(() => readHoldings(store)),
    discardsOf: (runIds) => read(() => store.selectIn("discards", "run_id", runIds).flatMap(toDiscard)),
    undoingsOf: (sessionId) =>
      read(() => ({
        formers: store.selectIn("formers", "session_id", [sessionId]).map(toFormer),
        compensations: store.selectIn("compensations", "session_id", [sessionId]).map(toCompensation),
      })),
  };
}
