import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AttemptSignal } from "../../../../src/core/event/attempt-event.ts";
import { EventTail } from "../../../../src/runners/kedro/attempt/tail-events.ts";
import { makeTemporaryFolder } from "../../../rig/temporary-folder.ts";

const line = (node: string) => `{"type":"node.started","time":"2026-11-23T21:04:54.666Z","node":"${node}"}\n`;

function follow() {
  const folder = makeTemporaryFolder();
  const nodes: string[] = [];
  const tail = new EventTail(folder, (signal: AttemptSignal) => nodes.push("node" in signal ? `${signal.node}` : ""));
  return { tail, nodes, path: join(folder, "events"), folder };
}

test("each look reports what is new, and nothing before the file is there", () => {
  const { tail, nodes, path } = follow();
  tail.read();
  appendFileSync(path, line("a") + line("b"));
  tail.read();
  tail.read();
  appendFileSync(path, line("c"));
  tail.read();
  tail.close();
  expect(nodes).toEqual(["a", "b", "c"]);
});

test("an unfinished tail waits for its end, even within a character", () => {
  const { tail, nodes, path } = follow();
  for (const byte of Buffer.from(line("ü") + line("b").slice(0, -1))) {
    appendFileSync(path, Buffer.of(byte));
    tail.read();
  }
  expect(nodes).toEqual(["ü"]);
  expect(tail.skippedLines).toBe(0);
});

test("a writer cut off at any byte leaves every line before that one, and the next writer's line counts as none with it", () => {
  const [first, cut, next] = [line("a"), line("ü"), line("c")].map((text) => Buffer.from(text));
  for (let end = 0; end < (cut?.length ?? 0); end += 1) {
    const { tail, nodes, path } = follow();
    for (const part of [first, cut?.subarray(0, end), next, first]) appendFileSync(path, part ?? "");
    tail.read();
    tail.close();
    expect([nodes, tail.skippedLines]).toEqual(end === 0 ? [["a", "c", "a"], 0] : [["a", "a"], 1]);
  }
});

test("lines that are no events are counted and passed over", () => {
  const { tail, nodes, path } = follow();
  appendFileSync(path, `${line("a")}rubbish\n${line("b")}`);
  tail.read();
  expect([nodes, tail.skippedLines]).toEqual([["a", "b"], 1]);
});

test("an empty line is nothing at all: a writer begins with one where another was cut off", () => {
  const { tail, nodes, path } = follow();
  writeFileSync(path, `${line("a")}\n${line("b")}`);
  tail.read();
  expect([nodes, tail.skippedLines]).toEqual([["a", "b"], 0]);
});

test("a line beyond the limit is passed over, however it arrives", () => {
  const { tail, nodes, path } = follow();
  for (const part of [line("a"), "x".repeat(900_000), "x".repeat(900_000), `x\n${line("b")}`]) {
    appendFileSync(path, part);
    tail.read();
  }
  expect([nodes, tail.skippedLines]).toEqual([["a", "b"], 1]);
});

test("many lines at once all arrive, in order", () => {
  const { tail, nodes, path } = follow();
  const names = Array.from({ length: 20_000 }, (_, index) => `node-${index}`);
  writeFileSync(path, names.map(line).join(""));
  tail.read();
  expect(nodes).toEqual(names);
});

test("only a plain file of the attempt's own is read", () => {
  const { tail, nodes, path, folder } = follow();
  writeFileSync(join(folder, "elsewhere"), line("a"));
  symlinkSync(join(folder, "elsewhere"), path);
  tail.read();
  const other = follow();
  mkdirSync(other.path);
  other.tail.read();
  expect([...nodes, ...other.nodes]).toEqual([]);
});
