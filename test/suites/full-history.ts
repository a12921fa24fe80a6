import { consumedPin, frozenPin, type History, ownershipAt } from "./history.ts";

/** Records a session, and all that can be said of it later: every table that follows from the log gets a row. */
export function recordFully(history: History): void {
  const session = history.startSession();
  history.declare(session, "prep", "train", "report", "idle");
  const prep = history.complete(session, "prep", { pins: [frozenPin("raw", "v1")], saves: ["table", "rows"] });
  const train = history.resolve(session, "train", { pins: [consumedPin("table", prep)] });
  history.start(train);
  const loaded = { dataset: "table", version: prep.run_id, location: "/t", node: "fit" };
  history.add({ type: "pipeline.started", time: history.time, ...train, total_nodes: 2 });
  history.add({ type: "dataset.loaded", time: history.time, ...train, ...loaded });
  history.add({ type: "node.failed", time: history.time, ...train, node: "fit", duration_ms: 4 });
  history.add({
    type: "dataset.saved",
    time: history.time,
    ...train,
    dataset: "x",
    version: null,
    location: "/x",
    node: null,
  });
  const facts = { python: "3.12", kedro: "1.7", platform: "linux", packages: {} };
  history.add({ type: "environment.captured", time: history.time, ...train, digest: "sha256:1", facts });
  history.add({ type: "metrics.reported", time: history.time, ...train, metrics: { rows: 2 } });
  history.add({ type: "run.warned", time: history.time, ...train, code: "odd", message: "odd" });
  history.fail(train);
  history.skip(session, "report", "train");
  const published = { run_id: prep.run_id, dataset: "table", location: "/plain.csv" };
  history.add({ type: "dataset.published", time: history.time, session_id: session, run: "prep", ...published });
  const named = { time: history.time, session_id: session, run: "prep", run_id: prep.run_id };
  history.add({ type: "alias.set", ...named, alias: "champion", dataset: "table" });
  history.add({ type: "run.tagged", ...named, key: "team", value: "a" });
  history.add({ type: "run.noted", ...named, text: "good" });
  const speaker = { user: "ann", host: "vm-1", pid: 7 };
  history.add({ type: "version.tainted", ...named, dataset: "table", reason: "wrong units", by: speaker });
  const old = { cause: "gc", state: "trashed", entry: "gc-1", manifest: "sha256:1", reason: "old", bytes: 3 } as const;
  history.add({ type: "run.discarded", ...named, ...old });
  const by = { user: "ann", host: "vm-1", pid: 7 };
  const asked = { request_id: "r1", action: "cancel", run: null, force: false, by } as const;
  history.add({ type: "request.made", time: history.time, session_id: session, ...asked });
  const kept = { dataset: "table", location: "/plain.csv", entry: "e", manifest: "sha256:1" };
  history.add({ type: "publication.prepared", ...named, ...kept });
  history.finishSession(session, "failed");
  const rollback = { time: history.time, session_id: session, claim: ownershipAt(2), command_line: [], force: false };
  history.add({ type: "rollback.started", ...rollback });
  history.add({ type: "run.compensated", ...named, status: "success", message: "exit code 0", log: "/log" });
}
