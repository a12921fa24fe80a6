import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { createAnchorCheck } from "../../../src/compose/anchor/judge-anchors.ts";
import { signHead } from "../../../src/compose/anchor/log-head.ts";

const pair = generateKeyPairSync("ed25519");
const hashOf = (log: string, seq: number) => `${log}${seq}`.padStart(64, "0");

/** Signs the head of log `a` or `b` at an event; the minute tells when. */
function anchorOf(log: "a" | "b", seq: number, minute: number): unknown {
  const time = `2026-11-29T22:${String(minute).padStart(2, "0")}:00.000Z`;
  return signHead({ log: hashOf(log, 1), seq, hash: hashOf(log, seq), time }, { key: pair.privateKey, keyid: "k" });
}

/** Compares log `a`, of so many events, with anchors. */
function judge(events: number, lines: readonly unknown[], requiresSigned = false) {
  const check = createAnchorCheck({ lines, key: { key: pair.publicKey, keyid: "k" }, requiresSigned });
  for (let seq = 1; seq <= events; seq += 1) check.take({ seq, hash: hashOf("a", seq), fault: null, event: null });
  const { report, findings } = check.end();
  return { seq: report.seq, findings: findings.map(({ verdict, code }) => `${verdict} ${code}`), texts: findings };
}

test("anchors of other logs do not count as this log's, however new and long they are", () => {
  const { seq, findings, texts } = judge(5, [anchorOf("a", 3, 1), anchorOf("b", 5, 2), anchorOf("b", 900, 3)]);
  expect(seq).toBe(3);
  expect(findings).toEqual(["unknown not-signed", "unknown anchor-of-another-log"]);
  expect(texts[1]?.message).toMatch(
    /^2 anchors are of another log and newer than this log's newest \(of 2026-11-29T22:01/,
  );
});

test("a log that is signed to its end is not the one that was signed last, if another one was since", () => {
  const lines = [anchorOf("a", 5, 1), anchorOf("b", 2, 3)];
  expect(judge(5, lines).findings).toEqual(["unknown anchor-of-another-log"]);
  expect(judge(5, lines, true).findings).toEqual(["broken anchor-of-another-log"]);
});

test("older anchors of other logs are nothing to tell", () => {
  expect(judge(5, [anchorOf("b", 9, 1), anchorOf("a", 5, 2)], true).findings).toEqual([]);
});

test("anchors of other logs alone sign nothing of this one", () => {
  expect(judge(5, [anchorOf("b", 5, 1)]).findings).toEqual(["broken not-signed"]);
});

test("an anchor of this log that does not hold is not its newest one", () => {
  const forged = signHead(
    { log: hashOf("a", 1), seq: 4, hash: hashOf("c", 4), time: "2026-11-29T23:00:00.000Z" },
    { key: pair.privateKey, keyid: "k" },
  );
  const { findings } = judge(5, [anchorOf("a", 5, 1), anchorOf("b", 1, 2), forged]);
  expect(findings).toEqual(["broken anchor-differs", "unknown anchor-of-another-log"]);
});
