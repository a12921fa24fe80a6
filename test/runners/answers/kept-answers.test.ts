import { createHash } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KeptAnswers } from "../../../src/runners/answers/kept-answers.ts";
import { lookAgain } from "../../../src/runners/answers/look-again.ts";
import { Surroundings } from "../../../src/runners/answers/surroundings.ts";
import type { ReadRow, ToldReads } from "../../../src/runners/answers/told-reads.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

/** Long after every file of a test was made: each has settled. */
const LATER_MS = Date.now() + 3_600_000;
const QUESTION = { surroundings: new Surroundings("python", { PATH: "/bin", SECRET: "hush" }), question: { of: "p" } };

const row = (how: string, path: string): ReadRow => [how, path, lookAgain(how, path) ?? ""];
const digestNames = (names: string[]) => createHash("sha256").update(names.join("\n")).digest("hex").slice(0, 16);

function told(rows: ReadRow[], more: Partial<ToldReads> = {}): ToldReads {
  return { since_ms: LATER_MS, known: 0, rows, searches: {}, variables: [], reasons: [], ...more };
}

function keep(reads: ToldReads, answer: unknown = { told: "hush" }) {
  const folder = makeTemporaryFolder();
  const answers = join(folder, "probes");
  new KeptAnswers(answers).keep(QUESTION, { answer, reads });
  return { answers, recall: (question = QUESTION) => new KeptAnswers(answers).recall(question) };
}

function becomeFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

describe("an answer is recalled until something changes that it came from", () => {
  const file = (name = "file", text = "text") => {
    const path = join(makeTemporaryFolder(), name);
    writeFileSync(path, text);
    return path;
  };

  test.each<[string, (path: string) => ReadRow, (path: string) => void]>([
    ["content of a file", (path) => row("content", path), (path) => writeFileSync(path, "next")],
    ["a file that is gone", (path) => row("content", path), (path) => rmSync(path)],
    ["a library's file, whatever it holds", (path) => row("library", path), (path) => writeFileSync(path, "text")],
    ["times of a file that were asked for", (path) => row("stat", path), (path) => utimesSync(path, 1, 1)],
    ["what is at a path", (path) => row("kind", path), (path) => rmSync(path)],
    ["what is not there", (path) => row("kind", `${path}.no`), (path) => writeFileSync(`${path}.no`, "")],
    ["where a link leads", (path) => row("link", `${path}.no`), (path) => symlinkSync(path, `${path}.no`)],
    ["names in a folder", (path) => row("names", join(path, "..")), (path) => writeFileSync(`${path}.no`, "")],
    ["what a name stands for", (path) => row("names", join(path, "..")), (path) => becomeFolder(path)],
    [
      "distributions in a folder",
      (path) => row("installed", join(path, "..")),
      (path) => mkdirSync(join(path, "../new-1.0.dist-info")),
    ],
  ])("%s", async (_, look, change) => {
    const path = file();
    const { recall } = keep(told([look(path)]));
    expect(await recall()).toEqual({ told: "hush" });
    change(path);
    expect(await recall()).toBeUndefined();
  });

  test("a module that was looked for, and comes where it would have been found", async () => {
    const folder = makeTemporaryFolder();
    const search = { modules: ["tables"], found: digestNames([]) };
    const { recall } = keep(told([], { searches: { [folder]: search } }));
    writeFileSync(join(folder, "other.py"), "");
    expect(await recall()).toBeDefined();
    mkdirSync(join(folder, "tables"));
    expect(await recall()).toBeUndefined();
  });

  test("a file that was touched, or replaced by one of the same content, changes nothing", async () => {
    const path = file();
    const { recall } = keep(told([row("content", path)]));
    utimesSync(path, 1, 1);
    expect(await recall()).toBeDefined();
    rmSync(path);
    writeFileSync(path, "text");
    expect(await recall()).toBeDefined();
  });

  test("byte code beside sources, and other files, change nothing", async () => {
    const path = file();
    const { recall } = keep(told([row("names", join(path, ".."))]));
    mkdirSync(join(path, "../__pycache__"));
    expect(await recall()).toBeDefined();
  });

  test("of a file that changed shortly before it was read only the content counts", async () => {
    const path = file();
    const { ctimeMs, mtime, atime } = statSync(path);
    const { recall } = keep(told([row("content", path)], { since_ms: ctimeMs + 500 }));
    expect(await recall()).toBeDefined();
    writeFileSync(path, "next");
    utimesSync(path, atime, mtime);
    expect(await recall()).toBeUndefined();
  });
});

describe("an answer is not kept", () => {
  test("that came from what can't be looked at again", async () => {
    expect(await keep(told([], { reasons: ["uses the network"] })).recall()).toBeUndefined();
  });

  test("for which the project asked for a variable that differs from terminal to terminal", async () => {
    expect(await keep(told([], { variables: ["PWD"] })).recall()).toBeUndefined();
    expect(await keep(told([], { variables: ["SECRET"] })).recall()).toBeDefined();
  });

  test("of a file that changed after its reader began", async () => {
    const path = join(makeTemporaryFolder(), "file");
    writeFileSync(path, "text");
    const since_ms = statSync(path).ctimeMs - 1;
    expect(await keep(told([row("content", path)], { since_ms })).recall()).toBeUndefined();
    expect(await keep(told([row("library", path)], { since_ms: since_ms + 1_000 })).recall()).toBeUndefined();
  });
});

describe("what is kept", () => {
  test("is of one question, program and environment, but for variables of terminals", async () => {
    const { recall } = keep(told([]));
    const of = (what: string, environment: NodeJS.ProcessEnv, question: unknown = QUESTION.question) =>
      recall({ surroundings: new Surroundings(what, environment), question: question as typeof QUESTION.question });
    expect(await of("python", { SECRET: "hush", PATH: "/bin", SHLVL: "7", npm_command: "run" })).toBeDefined();
    expect(await of("python", { SECRET: "hush", PATH: "/bin", NEW: "" })).toBeUndefined();
    expect(await of("python", { SECRET: "HUSH", PATH: "/bin" })).toBeUndefined();
    expect(await of("python3", { SECRET: "hush", PATH: "/bin" })).toBeUndefined();
    expect(await of("python", { SECRET: "hush", PATH: "/bin" }, { of: "q" })).toBeUndefined();
  });

  test("can be read by nobody without that environment, and is for its owner alone", () => {
    const { answers } = keep(told([["content", "/no/such/hush", ""]]));
    const names = readdirSync(answers);
    expect(names).toHaveLength(2);
    for (const name of names) {
      expect(readFileSync(join(answers, name)).includes("hush")).toBe(false);
      expect(statSync(join(answers, name)).mode & 0o777).toBe(0o600);
    }
  });

  test("is ignored if it is cut, changed, empty or of somebody else", async () => {
    const { answers, recall } = keep(told([]));
    const paths = readdirSync(answers).map((name) => join(answers, name));
    for (const path of paths) {
      const whole = readFileSync(path);
      const turned = Buffer.from(whole);
      turned[40] = (turned[40] ?? 0) ^ 1;
      for (const damaged of [
        turned,
        whole.subarray(0, -1),
        whole.subarray(0, 10),
        Buffer.alloc(0),
        Buffer.from("{}"),
      ]) {
        writeFileSync(path, damaged);
        expect(await recall()).toBeUndefined();
      }
      writeFileSync(path, whole);
      expect(await recall()).toBeDefined();
    }
  });

  test("makes no state folder, and is no more than so many files: those go that nobody has asked for longest", async () => {
    const nowhere = join(makeTemporaryFolder(), "state/probes");
    new KeptAnswers(nowhere).keep(QUESTION, { answer: 1, reads: told([]) });
    expect(await new KeptAnswers(nowhere).recall(QUESTION)).toBeUndefined();

    const folder = join(makeTemporaryFolder(), "probes");
    const kept = new KeptAnswers(folder);
    const ask = (of: number) => ({ ...QUESTION, question: { of: String(of) } });
    for (let of = 0; of < 399; of += 1) kept.keep(ask(of), { answer: of, reads: told([]) });
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), 1, 1);
    expect(await kept.recall(ask(7))).toBe(7);
    for (let of = 399; of < 450; of += 1) kept.keep(ask(of), { answer: of, reads: told([]) });
    expect(readdirSync(folder)).toHaveLength(400);
    expect([await kept.recall(ask(7)), await kept.recall(ask(449))]).toEqual([7, 449]);
  });
});
