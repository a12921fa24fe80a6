import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chooseIds, lookOf, writeProblems, writeText } from "../../src/cli/terminal.ts";
import { problemAt } from "../../src/core/error/problem.ts";
import { traceLineage } from "../../src/explain/lineage.ts";
import { toDiffText } from "../../src/explain/text/diff-text.ts";
import { toLineageText } from "../../src/explain/text/lineage-text.ts";
import { toWhyNotText, toWhyText } from "../../src/explain/text/why-text.ts";
import { explainAbsence, explainPin } from "../../src/explain/why.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { renderReproduction } from "../../src/report/result/reproduction.ts";
import { displayWidth } from "../../src/report/text/display-width.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { consumedPin, frozenPin, History } from "../suites/history.ts";

const stream = (isTTY: boolean) => ({ isTTY, columns: 100 }) as NodeJS.WriteStream;

test.each([
  ["a terminal", true, {}, true],
  ["a terminal with NO_COLOR", true, { NO_COLOR: "1" }, false],
  ["a terminal with an empty NO_COLOR", true, { NO_COLOR: "" }, true],
  ["a dumb terminal", true, { TERM: "dumb" }, false],
  ["a pipe", false, {}, false],
  ["a pipe with FORCE_COLOR", false, { FORCE_COLOR: "1" }, true],
  ["a pipe with FORCE_COLOR=0", false, { FORCE_COLOR: "0" }, false],
])("%s: colour or not", (_, isTTY, environment, color) => {
  expect(lookOf(stream(isTTY), environment).color).toBe(color);
});

test("only a terminal limits a line", () => {
  expect(lookOf(stream(true), {}).columns).toBe(100);
  expect(lookOf(stream(false), {}).columns).toBeNull();
});

/** What a terminal of 100 columns, or a pipe, is sent. */
function send(text: string, isTTY = true): string {
  const sent: string[] = [];
  writeText({ isTTY, columns: 100, write: (part: string) => sent.push(part) } as unknown as NodeJS.WriteStream, text);
  return sent.join("");
}

const HASH = `sha256:${"0123456789abcdef".repeat(4)}`;
const OTHER = `sha256:${"fedcba9876543210".repeat(4)}`;

/** A chain of runs with long names, in a workflow with a long one. */
function makeChain() {
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const session = history.startSession("a_workflow_with_a_long_name_for_churn_in_the_north");
  const names = ["prepare_model_input_table", "train_the_regressor[alpha=0.001]", "report_for_the_board"] as const;
  history.declare(session, ...names);
  const prep = history.complete(session, names[0], { pins: [frozenPin("raw_companies", "v1")], saves: ["table"] });
  const train = history.complete(session, names[1], { pins: [consumedPin("input", prep, "table")], saves: ["model"] });
  const report = history.complete(session, names[2], { pins: [consumedPin("regressor", train, "model")] });
  return { registry, report, prep };
}

describe("an answer in sentences", () => {
  const { registry, report, prep } = makeChain();
  const [head] = registry.findHeads([report.run_id]);
  if (head === undefined) throw new Error("the registry has lost the run");
  const question = { dataset: "regressor", run: head, at: null, floating: [] };
  const hashes = { part: "outputs" as const, key: "model_input_table.hash", a: HASH, b: OTHER };
  const argv = {
    part: "command" as const,
    key: "argv",
    a: ["cp", "-r", "/a/b/c"],
    b: ["mv", "-f", ..."abcdefgh".repeat(4)],
  };
  const diffs = [{ run: "train", a: head, b: head, differences: [argv, hashes] }];
  const sides = { a: report.run_id, b: prep.run_id, compared: 1, only_a: [], only_b: [] };
  test.each<[command: string, text: string]>([
    ["lineage", toLineageText(traceLineage(registry, report.run_id, { direction: "both" }))],
    ["why", toWhyText(explainPin(registry, { ...question, all: true }), { all: true })],
    ["why --not", toWhyNotText(explainAbsence(registry, { ...question, version: prep.run_id }))],
    ["diff", toDiffText({ ...sides, runs: diffs, first_cause: { ...argv, run: "train" } })],
    [
      "reproduce",
      renderReproduction({
        ...{ run: "train", run_id: report.run_id, commit: "0123456789abcdef0123456789abcdef01234567", patch: HASH },
        ...{ verdict: "different", drifts: [], exception: null, scratch: null },
        datasets: [
          {
            dataset: "model",
            verdict: "different",
            node: "train_the_regressor_on_all_rows",
            detail: "12 of 400 rows differ, the first at line 17",
          },
        ],
        divergence: null,
      } as unknown as Parameters<typeof renderReproduction>[0]).join("\n"),
    ],
  ])("of %s fits a terminal of 100 columns, and is whole in a pipe", (_, text) => {
    const lines = send(text).split("\n");
    expect(text.split("\n").some((line) => displayWidth(line) > 100)).toBe(true);
    expect(lines.filter((line) => displayWidth(line) > 100)).toEqual([]);
    const words = (all: string) =>
      all
        .replaceAll(/[│├└─]/gu, " ")
        .split(/\s+/)
        .join(" ")
        .trim();
    expect(words(send(text))).toBe(words(send(text, false)));
  });

  test("shows hashes by their first digits, and whole with --full-ids", () => {
    expect(send(`saved as ${HASH}\n`, false)).toBe("saved as sha256:0123456789ab\n");
    chooseIds(true);
    expect(send(`saved as ${HASH}\n`, false)).toBe(`saved as ${HASH}\n`);
    chooseIds(false);
  });
});

test("the line of a problem is not looked for in a pipe", () => {
  const file = join(makeTemporaryFolder(), "workflow.yaml");
  execFileSync("mkfifo", [file]);
  const sent: string[] = [];
  const to = { isTTY: false, write: (part: string) => sent.push(part) } as unknown as NodeJS.WriteStream;
  writeProblems(to, [problemAt({ file, line: 1, column: 1 }, "file-unreadable", "no regular file", null)]);
  expect(sent.join("")).toContain("error[file-unreadable]  no regular file");
});
