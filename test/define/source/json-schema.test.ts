import { describe, expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import {
  type CommandRun,
  defineWorkflow,
  type KedroRun,
  type ModuleRun,
  type Run,
  type Workflow,
} from "../../../src/define/define-workflow.ts";
import type {
  commandRunSchema,
  defaultsSchema,
  kedroRunSchema,
  moduleRunSchema,
  workflowSchema,
} from "../../../src/define/schema.ts";
import { workflowJsonSchema } from "../../../src/define/source/json-schema.ts";

interface Node {
  description?: string;
  properties?: Record<string, Node>;
  additionalProperties?: boolean | Node;
  anyOf?: Node[];
  required?: string[];
  type?: string;
}

const schema = workflowJsonSchema() as Node;

describe("workflowJsonSchema", () => {
  test("is plain JSON of draft 7", () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(schema).toMatchObject({ $schema: "http://json-schema.org/draft-07/schema#", title: "A runweave workflow" });
  });

  test("knows every key of a workflow and refuses others", () => {
    expect(Object.keys(schema.properties ?? {}).sort()).toEqual([
      "$schema",
      "capture",
      "cleanup_on_error",
      "defaults",
      "floating",
      "isolate",
      "max_parallel",
      "name",
      "on_failure",
      "project",
      "publish",
      "python",
      "resources",
      "runs",
      "store",
    ]);
    expect(schema).toMatchObject({ required: ["runs"], additionalProperties: false });
  });

  test("tells runs apart by the key that they must have", () => {
    const runs = schema.properties?.runs?.additionalProperties as Node | undefined;
    expect(runs?.anyOf?.map(({ required }) => required)).toEqual([
      ["pipeline"],
      ["pipelines"],
      ["command"],
      ["module"],
    ]);
  });

  test("describes every field for the completion of editors", () => {
    const undescribed: string[] = [];
    const walk = (node: Node, path: string): void => {
      for (const [key, field] of Object.entries(node.properties ?? {})) {
        if (field.description === undefined) undescribed.push(`${path}${key}`);
        walk(field, `${path}${key}.`);
      }
      for (const branch of node.anyOf ?? []) walk(branch, path);
      if (typeof node.additionalProperties === "object") walk(node.additionalProperties, `${path}*.`);
    };
    walk(schema, "");
    expect(undescribed).toEqual([]);
  });
});

describe("defineWorkflow", () => {
  test("gives back what it is given", () => {
    const input: Workflow = { runs: { a: { command: ["ls"] } } };
    expect(defineWorkflow(input)).toBe(input);
  });

  test("takes the keys that the schema takes", () => {
    expectTypeOf<keyof Workflow>().toEqualTypeOf<keyof z.input<typeof workflowSchema>>();
    expectTypeOf<keyof NonNullable<Workflow["defaults"]>>().toEqualTypeOf<keyof z.input<typeof defaultsSchema>>();
    expectTypeOf<Exclude<keyof KedroRun, "command" | "module">>().toEqualTypeOf<keyof z.input<typeof kedroRunSchema>>();
    expectTypeOf<Exclude<keyof CommandRun, "pipeline" | "pipelines" | "module">>().toEqualTypeOf<
      keyof z.input<typeof commandRunSchema>
    >();
    expectTypeOf<Exclude<keyof ModuleRun, "pipeline" | "pipelines" | "command" | "shell">>().toEqualTypeOf<
      keyof z.input<typeof moduleRunSchema>
    >();
  });

  test("takes no run of both kinds, and no text without a shell", () => {
    expectTypeOf<{ pipeline: "p" }>().toExtend<Run>();
    expectTypeOf<{ command: ["ls"] }>().toExtend<Run>();
    expectTypeOf<{ command: "ls"; shell: true }>().toExtend<Run>();
    expectTypeOf<{ pipeline: "p"; command: ["ls"] }>().not.toExtend<Run>();
    expectTypeOf<{ command: "ls" }>().not.toExtend<Run>();
    expectTypeOf<{ module: "./a.ts"; params: { seed: 1 } }>().toExtend<Run>();
    expectTypeOf<{ module: "./a.ts"; command: ["ls"] }>().not.toExtend<Run>();
    expectTypeOf<{ module: "./a.ts"; pipeline: "p" }>().not.toExtend<Run>();
  });
});
