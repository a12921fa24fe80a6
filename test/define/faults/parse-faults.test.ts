import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatLocation } from "../../../src/core/error/problem.ts";
import { parseFaults } from "../../../src/define/faults/parse-faults.ts";

const runs = new Map([
  ["prep", ["prep"]],
  ["train", ["train[seed=1]", "train[seed=2]"]],
  ["train[seed=1]", ["train[seed=1]"]],
  ["train[seed=2]", ["train[seed=2]"]],
  ['arm[text="a b; c"]', ['arm[text="a b; c"]']],
  ["clock", ["clock"]],
]);
const parse = (text: string) => parseFaults(text, { file: "faults.txt", runs });

/** The rules, or a line for each problem. */
function read(text: string): unknown {
  const parsed = parse(text);
  if (parsed.ok) return parsed.value;
  return parsed.problems.map(({ code, message, hint, location }) =>
    [formatLocation(location), code, message, hint].join(" | "),
  );
}

const prep = ["prep"];
const arms = ["train[seed=1]", "train[seed=2]"];
const failing = { kind: "fails", type: null, afterMs: null };

describe("a fault script", () => {
  it.each([
    ["prep fails", { kind: "strikes", runs: prep, fault: failing, often: { times: 1 } }],
    ["prep fails twice", { kind: "strikes", runs: prep, fault: failing, often: { times: 2 } }],
    ["train fails 3 times", { kind: "strikes", runs: arms, fault: failing, often: { times: 3 } }],
    ["prep fails always", { kind: "strikes", runs: prep, fault: failing, often: { times: Number.POSITIVE_INFINITY } }],
    ["prep fails 2.5% of the time", { kind: "strikes", runs: prep, fault: failing, often: { chance: 0.025 } }],
    [
      "prep fails once with OSError after 10s",
      {
        kind: "strikes",
        runs: prep,
        fault: { kind: "fails", type: "OSError", afterMs: { leastMs: 10_000, mostMs: 10_000 } },
        often: { times: 1 },
      },
    ],
    [
      "train[seed=1] dies 10% after 1s..2s",
      {
        kind: "strikes",
        runs: ["train[seed=1]"],
        fault: { kind: "dies", afterMs: { leastMs: 1000, mostMs: 2000 } },
        often: { chance: 0.1 },
      },
    ],
    ["prep hangs", { kind: "strikes", runs: prep, fault: { kind: "hangs" }, often: { times: 1 } }],
    ["prep loses its outputs once", { kind: "strikes", runs: prep, fault: { kind: "loses" }, often: { times: 1 } }],
    ["prep takes 5m..20m", { kind: "takes", runs: prep, duration: { leastMs: 300_000, mostMs: 1_200_000 } }],
    ["prep is 3x slower", { kind: "slower", runs: prep, factor: 3 }],
    ["prep ignores interrupts", { kind: "stubborn", runs: prep }],
    ["* takes 1s", { kind: "takes", runs: expect.arrayContaining([...prep, ...arms]), duration: expect.anything() }],
    ['arm[text="a b; c"] hangs', expect.objectContaining({ runs: ['arm[text="a b; c"]'] })],
    ['"clock" hangs', expect.objectContaining({ runs: ["clock"] })],
    ["user interrupts at 5m", { kind: "interrupt", moment: { atMs: 300_000 } }],
    ["user kills after 1 run", { kind: "kill", moment: { afterRuns: 1 } }],
    ["orchestrator crashes before write 8", { kind: "crash", moment: { beforeWrite: 8 } }],
    ["orchestrator crashes after 7 writes", { kind: "crash", moment: { afterWrites: 7 } }],
    ["clock jumps back 1h at 5m", { kind: "clock", byMs: -3_600_000, moment: { atMs: 300_000 } }],
  ])("%s", (text, rule) => {
    expect(read(text)).toEqual([rule]);
  });

  it("holds one rule a line or between semicolons, and comments", () => {
    expect(read("# the disk is slow\nprep is 2x slower; prep fails # once\n\n")).toHaveLength(2);
    expect(read("")).toEqual([]);
  });

  it.each([
    ["prp fails", '1:1 | unknown-run | there is no run "prp" | did you mean "prep"?'],
    ["prep fials", '1:6 | unknown-fault | "fials" is not known here | did you mean "fails"?'],
    [
      "prep fails with",
      "1:12 | incomplete-fault | the type of an exception is missing at the end | add the type of an exception",
    ],
    [
      "prep",
      "1:1 | incomplete-fault | the line ends too early | continue with `fails`, `dies`, `hangs`, `loses`, `takes`, `is`, `ignores`",
    ],
    ["prep fails 0 times", "1:12 | bad-count | it would never happen | write a whole number, 1 or more"],
    ["prep fails 120%", "1:12 | bad-count | 120% is more than always | write at most 100%"],
    [
      "prep takes 5 minutes",
      '1:14 | unknown-fault | "minutes" is too much | end the line before it, or put `;` between',
    ],
    [
      "prep takes 20m..5m",
      '1:12 | bad-duration | "20m..5m" is not a duration | write 90s, 5m, 1h30m, or a range such as 5m..20m',
    ],
    ["clock jumps back 1s..2s at 5m", "1:18 | bad-duration | a range has no meaning here | write one duration"],
    ["user interrupts after x runs", '1:23 | bad-count | "x" is not a whole number, 1 or more | write 1, 2, 3, ...'],
    ["prep is x slower", '1:9 | bad-count | "x" is not a factor | write 3x, or 0.5x for twice as fast'],
  ])("%s: says where and what", (text, problem) => {
    expect(read(text)).toEqual([`faults.txt:${problem}`]);
  });

  it("tells a problem of every line at once, each at its own place", () => {
    expect(read("prep fails\nprp fails; prep hangs twce\n  prep takes x")).toEqual([
      expect.stringMatching(/^faults.txt:2:1 /),
      expect.stringMatching(/^faults.txt:2:23 /),
      expect.stringMatching(/^faults.txt:3:14 /),
    ]);
  });

  it("takes no quote for one that goes on in the next line", () => {
    expect(read('prep fails "\n" ; prep')).toEqual([
      expect.stringMatching(/^faults.txt:1:12 /),
      expect.stringMatching(/^faults.txt:2:1 /),
      expect.stringMatching(/^faults.txt:2:/),
    ]);
  });

  it("never throws, and places every problem within the text", () => {
    const word = fc.constantFrom(
      "prep",
      "train",
      "fails",
      "twice",
      "10%",
      "after",
      "5m",
      "user",
      "at",
      "[",
      '"',
      ";",
      "\n",
      "#",
      "é",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "grapheme" }),
          fc.array(word).map((words) => words.join(" ")),
        ),
        (text) => {
          const parsed = parse(text);
          const lines = text.split("\n");
          for (const problem of parsed.ok ? [] : parsed.problems) {
            const { line = 0, column = 0 } = problem.location ?? {};
            expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length);
            expect(column).toBeGreaterThan(0);
          }
        },
      ),
    );
  });
});
