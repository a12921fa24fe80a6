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
