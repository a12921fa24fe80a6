import { beforeEach, expect, it } from "vitest";
import type { Registry } from "../../../src/core/port/registry.ts";
import type { Pin } from "../../../src/core/run.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { formatLocalTime } from "../../../src/core/text/local-time.ts";
import { type LineageDirection, traceLineage } from "../../../src/explain/lineage.ts";
import { toLineageMermaid } from "../../../src/explain/text/lineage-mermaid.ts";
import { toLineageText } from "../../../src/explain/text/lineage-text.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { type AttemptRef, consumedPin, frozenPin, History } from "../../suites/history.ts";

let registry: Registry;
let history: History;
let runs: Record<"prep" | "train" | "report", AttemptRef>;

/** As the history's versions are. */
const FORMAT = " [pandas.CSVDataset]";

beforeEach(() => {
  registry = createMemoryRegistry();
  history = new History((events) => registry.append(events));
  const session = history.startSession("churn");
  history.declare(session, "prep", "train", "report");
  const prep = history.complete(session, "prep", { pins: [frozenPin("raw", "v1")], saves: ["table", "rows"] });
  const train = history.complete(session, "train", { pins: [consumedPin("input", prep, "table")], saves: ["model"] });
  const report = history.complete(session, "report", {
    pins: [consumedPin("model", train), consumedPin("rows", prep)],
  });
  runs = { prep, train, report };
});

const draw = (runId: RunId, direction: LineageDirection) => toLineageText(traceLineage(registry, runId, { direction }));

/** What a line says of a run. */
function told(run: "prep" | "train" | "report"): string {
  const { run_id, session_id } = runs[run];
  const time = formatLocalTime(registry.findRun(run_id)?.start_time ?? "");
  return `${run}  success  ${time}  run ${run_id}  session ${session_id} of churn`;
}

it("up is a tree of which run made each input, and does not repeat what stands above", () => {
  expect(draw(runs.report.run_id, "up").split("\n")).toEqual([
    told("report"),
    `├─ model${FORMAT} <- ${told("train")}`,
    `│  └─ table (as input)${FORMAT} <- ${told("prep")}`,
    "│     └─ raw <- version v1, from before runweave",
    `└─ rows${FORMAT} <- ${told("prep")}  (see above)`,
    "",
  ]);
});

it("down is a tree of what was made of each output", () => {
  expect(draw(runs.prep.run_id, "down").split("\n")).toEqual([
    told("prep"),
    `├─ table (as input)${FORMAT} -> ${told("train")}`,
    `│  └─ model${FORMAT} -> ${told("report")}`,
    `└─ rows${FORMAT} -> ${told("report")}  (see above)`,
    "",
  ]);
});

it("an output that nobody reads is there", () => {
  const session = history.startSession();
  history.declare(session, "solo");
  const solo = history.complete(session, "solo", { saves: ["unread"] });
  expect(draw(solo.run_id, "down")).toMatch(/\n└─ unread \[pandas.CSVDataset\] -> no run\n$/);
});

it("a file and a value that the workflow gives are told from what the project had", () => {
  const session = history.startSession();
  history.declare(session, "solo");
  const given = { from_run: null, reason: "given" };
  const pins: Pin[] = [
    { dataset: "raw", version: "file-00", rule: "file", from_dataset: "/w/raw.csv", ...given },
    { dataset: "limit", version: "value-00", rule: "value", from_dataset: null, ...given },
  ];
  const solo = history.complete(session, "solo", { pins });
  const [, file, value] = draw(solo.run_id, "up").split("\n");
  expect(file).toBe("├─ /w/raw.csv (as raw) <- a file, file-00");
  expect(value).toBe("└─ limit <- a value of the workflow, value-00");
});

it("both ways has the two trees", () => {
  const text = draw(runs.train.run_id, "both");
  const [up, down] = [draw(runs.train.run_id, "up"), draw(runs.train.run_id, "down")];
  expect(text).toBe(`Made of\n${up}\nMade into\n${down}`);
  expect(up).toContain("prep");
  expect(up).not.toContain("report");
  expect(down).toContain("report");
  expect(down).not.toContain("prep");
});

it("no name steers the terminal or breaks a line", () => {
  const session = history.startSession();
  history.declare(session, "odd\n\u001b[31m");
  const pins = [frozenPin("data\u009b\u202e", "v\r1")];
  const odd = history.complete(session, "odd\n\u001b[31m", { pins, saves: ["x\u0007"] });
  const text = draw(odd.run_id, "both");
  expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  expect(text.split("\n").filter((line) => line.includes("odd\ufffd\ufffd[31m"))).toHaveLength(2);
});

it("Mermaid has a box for each run, a cylinder for each version, and arrows the way of the data", () => {
  const lineage = traceLineage(registry, runs.train.run_id, { direction: "up" });
  expect(toLineageMermaid(lineage).split("\n")).toEqual([
    "flowchart LR",
    `  r0["train<br/>${runs.train.run_id}"]`,
    `  r1["prep<br/>${runs.prep.run_id}"]`,
    `  v0[("table<br/>pandas.CSVDataset<br/>${runs.prep.run_id}")]`,
    '  v1[("raw<br/>v1")]',
    "  r1 --> v0",
    '  v0 -- "as input" --> r0',
    "  v1 --> r1",
    "",
  ]);
});

it("Mermaid takes no name for markup", () => {
  const session = history.startSession();
  const name = '`a"]<script>#&\n';
  history.declare(session, name);
  const odd = history.complete(session, name, { pins: [frozenPin(name, name)] });
  const lines = toLineageMermaid(traceLineage(registry, odd.run_id, { direction: "up" })).split("\n");
  const escaped = "#96;a#34;]#60;script#62;#35;#38;";
  expect(lines).toEqual([
    "flowchart LR",
    `  r0["${escaped}<br/>${odd.run_id}"]`,
    `  v0[("${escaped}<br/>${escaped}")]`,
    "  v0 --> r0",
    "",
  ]);
});
