import { expect, test } from "vitest";
import type { Finding } from "../../../src/explain/certificate.ts";
import { listUnknown } from "../../../src/explain/text/finding-text.ts";

const make = (code: string, message: string) =>
  ({ verdict: "unknown", code, message, run_id: null, dataset: "o", seq: null }) as Finding;

test("of each kind the first are shown, each once, and the others are counted", () => {
  const deleted = Array.from({ length: 49 }, (_, at) => make("deleted", `"o" of run_${at} was deleted`));
  expect(listUnknown([...deleted, ...deleted, make("no-manifest", "it is gone")])).toEqual([
    'unknown  deleted: "o" of run_0 was deleted',
    'unknown  deleted: "o" of run_1 was deleted',
    'unknown  deleted: "o" of run_2 was deleted',
    "unknown  deleted: and 46 more; `--json` lists them all",
    "unknown  no-manifest: it is gone",
  ]);
});
