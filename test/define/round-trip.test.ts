import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { CommandRun, KedroRun, ModuleRun, Run, Workflow } from "../../src/define/define-workflow.ts";
import { parseWorkflow } from "../../src/define/parse.ts";
import { define } from "./read-text.ts";

/** As keys they are refused. */
const isKey = (text: string) => !["constructor", "prototype", "__proto__"].includes(text);
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,8}$/).filter(isKey);
const plain = fc.stringMatching(/^[^\0$]{1,12}$/u).filter(isKey);
const json = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => !/\$|\\u0000|__proto__|constructor|prototype|<</.test(JSON.stringify(value)))
  .map((value) => JSON.parse(JSON.stringify(value)));
const timeout = fc.constantFrom("30s", "1h30m", 90, 0.5);
const outputs = fc.uniqueArray(plain, { maxLength: 3 });

const kedroRun: fc.Arbitrary<KedroRun> = fc.record(
  {
    pipeline: plain,
    params: fc.dictionary(name, json, { maxKeys: 3 }),
    env: plain,
    tags: fc.array(plain, { maxLength: 2 }),
    async: fc.boolean(),
    outputs,
    timeout,
    keep_worker: timeout,
  },
  { requiredKeys: ["pipeline"] },
);
const commandRun: fc.Arbitrary<CommandRun> = fc.record(
  {
    command: fc.tuple(plain, plain),
    environment: fc.dictionary(
      name.map((text) => `V_${text}`),
      plain,
    ),
    outputs,
    timeout,
  },
  { requiredKeys: ["command"] },
);

const moduleRun: fc.Arbitrary<ModuleRun> = fc.record(
  { module: plain, params: fc.dictionary(name, json, { maxKeys: 3 }), outputs, timeout },
  { requiredKeys: ["module"] },
);

/** Each run may need and consume those before it, so that there is no cycle. */
const workflow: fc.Arbitrary<Workflow> = fc
  .record({
    runs: fc.uniqueArray(fc.tuple(name, fc.oneof<fc.Arbitrary<Run>[]>(kedroRun, commandRun, moduleRun)), {
      minLength: 1,
      maxLength: 5,
      selector: ([key]) => key,
    }),
    picks: fc.array(fc.nat(), { minLength: 5, maxLength: 5 }),
    title: plain,
  })
  .map(({ runs, picks, title }) => ({ name: title, project: ".", runs: Object.fromEntries(linkRuns(runs, picks)) }));

function linkRuns(runs: [string, Run][], picks: number[]): [string, Run][] {
  return runs.map(([key, run], index) => {
    const upstream = index === 0 ? undefined : runs[(picks[index] ?? 0) % index];
    if (upstream === undefined) return [key, run];
    const [from, { outputs: saved }] = upstream;
    const dataset = Array.isArray(saved) ? saved[0] : undefined;
    if (dataset === undefined || dataset === "parameters" || dataset.startsWith("params:"))
      return [key, { ...run, needs: [from] }];
    return [key, { ...run, consumes: { [dataset]: from } }];
  });
}

describe("a workflow", () => {
  test("is the same in YAML, in JSON and in a script", () => {
    fc.assert(
      fc.property(workflow, (input) => {
        const { locate: _1, ...yaml } = define(stringify(input, { aliasDuplicateObjects: false }));
        const { locate: _2, ...compact } = define(JSON.stringify(input), "json");
        const { locate: _3, ...indented } = define(JSON.stringify(input, null, 2), "json");
        const script = parseWorkflow(input, { file: "/w/flow.yaml", dir: "/w", locate: () => null });
        expect({ ...compact, file: yaml.file }).toEqual(yaml);
        expect(indented).toEqual(compact);
        expect(script).toMatchObject({ ok: true, value: yaml });
      }),
      { numRuns: 200 },
    );
  });
});
