import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ANSWER_MEANINGS, ANSWER_SCHEMAS, answersJsonSchema } from "../../src/cli/answers/answers.ts";
import { EVENT_LINES } from "../../src/cli/answers/event-lines.ts";
import { createProgram } from "../../src/cli/program.ts";
import { listBlocks, readPage } from "../rig/page-blocks.ts";

const SCHEMAS: Readonly<Record<string, { parse(value: unknown): unknown }>> = { ...ANSWER_SCHEMAS, ...EVENT_LINES };

interface Node {
  properties?: Record<string, Node>;
}

/** The keys of all objects, wherever they are in a schema. */
function listKeys(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  const own = Object.keys((node as Node).properties ?? {});
  return [...own, ...Object.values(node).flatMap(listKeys)];
}

describe("an answer for scripts", () => {
  it("has keys in snake_case only", () => {
    const keys = [...new Set(listKeys(answersJsonSchema()))];
    expect(keys).toEqual(expect.arrayContaining(["schema_version", "run_id", "duration_ms", "fallbacks"]));
    expect(keys.filter((key) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(key))).toEqual([]);
  });

  it("has a type in small letters: words with hyphens, or for the last line after events, as events are named", () => {
    const types = Object.keys(ANSWER_SCHEMAS);
    expect(types.filter((type) => !/^[a-z]+(-[a-z]+)*$|^[a-z]+\.[a-z]+$/.test(type))).toEqual([]);
  });

  it("is given by every command that takes --json", async () => {
    const told = Object.values(ANSWER_MEANINGS).flatMap(({ command }) => command.split(/[ ,|]+/));
    // These two print events, whose last line is an event too.
    const named = new Set([...told, "run", "resume"]);
    const commands = (await createProgram(() => {})).commands.filter((command) => !Reflect.get(command, "_hidden"));
    const takeJson = commands.filter(({ options }) => options.some(({ long, hidden }) => long === "--json" && !hidden));
    expect(takeJson.map((command) => command.name()).filter((name) => !named.has(name))).toEqual([]);
  });
});

/** Messages and hints of the problems in an answer. */
function listTexts(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const { code, message, hint } = value as { code?: unknown; message?: unknown; hint?: unknown };
  const own = code === undefined ? [] : [message, hint].filter((text) => typeof text === "string");
  return [...own, ...Object.values(value).flatMap(listTexts)];
}

/** Texts of the source: what is fixed in each, around what is filled in. */
function readFixedTexts(): string[][] {
  const sources = globSync("src/**/*.{ts,py}").map((file) => readFileSync(file, "utf8"));
  const literals = sources.flatMap((source) =>
    Array.from(
      source.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g),
      ([, plain, filled = ""]) => plain ?? filled,
    ),
  );
  return literals.map((text) => text.replace(/\\([`"$])/g, "$1").split(/\$\{[^}]*\}/));
}

/** True if the text ends with this one, filled in: more than a third of it is fixed. */
function isSaid(text: string, fixed: readonly string[]): boolean {
  if (fixed.join("").length * 3 <= text.length) return false;
  const escaped = fixed.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`${escaped.join("[^]*")}$`).test(text);
}

describe("docs/json.md", () => {
  const page = readPage("docs/json.md");
  const examples = new Map(
    page
      .split(/^### /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf("\n")), section]),
  );

  it("has each answer, with its command and what it tells", () => {
    expect([...examples.keys()].sort()).toEqual(Object.keys(SCHEMAS).sort());
    for (const [type, { command, what }] of Object.entries(ANSWER_MEANINGS)) {
      const by = command === "any" ? "any command" : `runweave ${command}`;
      expect(examples.get(type)).toContain(`\n\n\`${by}\`: ${what}.\n`);
    }
  });

  it("has messages and hints that the source has", () => {
    const texts = listBlocks("docs/json.md").flatMap(({ language, text }) =>
      language === "json" ? listTexts(JSON.parse(text)) : [],
    );
    const said = readFixedTexts();
    const isThere = (text: string) => said.some((fixed) => isSaid(text, fixed));
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.filter((text) => !isThere(text))).toEqual([]);
    expect(isThere("nobody knows whether the code has changed since: there was, or is, no git")).toBe(false);
  });

  it("has an example of each that is as the answers are", () => {
    const blocks = listBlocks("docs/json.md").filter(({ language }) => language === "json");
    const parsed = blocks.map(({ text }) => JSON.parse(text) as { type: string });
    expect(parsed).toHaveLength(examples.size);
    for (const [at, name] of [...examples.keys()].entries()) {
      SCHEMAS[name]?.parse(parsed[at]);
      if (name !== "event") expect(parsed[at]?.type).toBe(name);
    }
  });
});
