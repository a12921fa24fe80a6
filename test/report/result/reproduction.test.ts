import { expect, it } from "vitest";
import type { Divergence } from "../../../src/core/answer/reproduction.ts";
import type { RunId, SessionId } from "../../../src/core/run-id.ts";
import { renderReproduction } from "../../../src/report/result/reproduction.ts";

const tell = ({ kind, cause }: Pick<Divergence, "kind" | "cause">): string | undefined =>
  renderReproduction({
    run_id: "r" as RunId,
    run: "train",
    session_id: "s" as SessionId,
    commit: "c0de",
    patch: null,
    verdict: "different",
    datasets: [],
    divergence: { dataset: "model", node: "fit", kind, cause },
    drifts: [],
    exception: null,
    scratch: null,
  }).at(-2);

it.each<[Divergence["kind"], Divergence["cause"]["kind"], string]>([
  ["non-deterministic", "seed", "non-deterministic, likely by seed: why"],
  ["drift", "package", "drift, likely by package: why"],
  ["drift", "unknown", "drift, cause unknown: why"],
  ["unknown", "unknown", "cause unknown: why"],
])("a divergence that is %s by %s is told as %s", (kind, cause, expected) => {
  expect(tell({ kind, cause: { kind: cause, detail: "why" } })).toBe(expected);
});
