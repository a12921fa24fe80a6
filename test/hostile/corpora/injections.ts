import { existsSync, readFileSync } from "node:fs";
import type { RunRecord, SessionRecord } from "../../../src/core/run.ts";
import { loadWorkflow } from "../../../src/define/load.ts";
import { judgeSaid } from "../command-line.ts";
import type { Corpus } from "../corpus.ts";
import { INJECTIONS } from "../hostile-texts.ts";
import type { Sandbox } from "../sandbox.ts";

const OUT = "${outputs.out.path}";

/** Ways for a text to get into a command that prints it. `variable` names one that holds the text. */
const WAYS: Readonly<Record<string, (text: string, variable: string) => object>> = {
  argument: (text) => ({
    command: ["sh", "-c", 'printf %s "$1" >"$2"', "sh", "${matrix.x}", OUT],
    matrix: { x: [text] },
  }),
  "argument from the environment": (_, name) => ({
    command: ["sh", "-c", 'printf %s "$1" >"$2"', "sh", `\${env:${name}}`, OUT],
  }),
  "environment variable": (text) => ({
    command: ["sh", "-c", 'printf %s "$V" >"$1"', "sh", OUT],
    environment: { V: "${matrix.x}" },
    matrix: { x: [text] },
  }),
  "script, in double quotes": (text) => ({
    command: `printf %s "\${matrix.x}" >"${OUT}"`,
    shell: true,
    matrix: { x: [text] },
  }),
  "script, in single quotes": (text) => ({
    command: `printf %s '\${matrix.x}' >"${OUT}"`,
    shell: true,
    matrix: { x: [text] },
  }),
  "parameter of a module": (text) => ({ module: "echo.mjs", params: { x: "${matrix.x}" }, matrix: { x: [text] } }),
  "parameter of a module, from the environment": (_, name) => ({
    module: "echo.mjs",
    params: { x: `\${env:${name}}` },
  }),
  "script, from the environment": (_, name) => ({ command: `printf %s '\${env:${name}}' >"${OUT}"`, shell: true }),
};

interface Told {
  complaints: string[];
  runs: Map<string, RunRecord>;
}

/** What a shell would do something with, as a value: each arrives at the command as it is. */
export function injectionCorpus(sandbox: Sandbox): Corpus {
  const cases = async () => {
    const { complaints, runs } = await runAll(sandbox);
    return INJECTIONS.flatMap((text, at) =>
      Object.keys(WAYS).map((way, which) => ({
        name: `${way}: ${text}`,
        check: () => [...(at + which === 0 ? complaints : []), ...judgeRun(runs.get(nameRun(at, which)), text)],
      })),
    );
  };
  return {
    name: "injections",
    what: "what a shell would act on, as arguments, variables, parameters and parts of scripts, run for real",
    cases,
  };
}

function nameRun(at: number, which: number): string {
  return `r${at}_${which}`;
}

async function runAll(sandbox: Sandbox): Promise<Told> {
  sandbox.workflow("echo.mjs", "export default ({ params }) => ({ out: params.x });");
  const runs: Record<string, unknown> = {};
  for (const [at, text] of INJECTIONS.entries()) {
    process.env[`HOSTILE_${at}`] = text;
    for (const [which, describe] of Object.values(WAYS).entries()) {
      const run = { [nameRun(at, which)]: { ...describe(text, `HOSTILE_${at}`), outputs: ["out"] } };
      // A matrix holds no `${`.
      if ((await loadWorkflow(sandbox.workflow("one.json", { runs: run }))).ok) Object.assign(runs, run);
    }
  }
  const file = sandbox.workflow("injections.json", { on_failure: "continue", runs });
  const before = sandbox.fingerprintOutside();
  const complaints = judgeSaid(await sandbox.say(["run", file]));
  if (sandbox.fingerprintOutside() !== before || existsSync(sandbox.path("pwned")))
    complaints.push("something was run that no one wrote");
  for (const at of INJECTIONS.keys()) delete process.env[`HOSTILE_${at}`];
  const record = JSON.parse((await sandbox.say(["show", "--json"])).stdout) as SessionRecord;
  return { complaints, runs: new Map(record.runs.map((run) => [run.run.replace(/\[.*/s, ""), run])) };
}

function judgeRun(run: RunRecord | undefined, text: string): string[] {
  if (run === undefined) return text.includes("${") ? [] : ["the workflow was refused"];
  if (run.status !== "success") return [`it is ${run.status}: ${run.exception?.message} ${run.exception?.traceback}`];
  const printed = readFileSync(run.outputs.out?.location ?? "", "utf8");
  return printed === text ? [] : [`the command was given ${JSON.stringify(printed)}`];
}
