import { readFileSync } from "node:fs";
import type { SessionRecord } from "../../../src/core/run.ts";
import { loadWorkflow } from "../../../src/define/load.ts";
import { judgeSaid } from "../command-line.ts";
import type { Corpus } from "../corpus.ts";
import { listTraversals } from "../hostile-texts.ts";
import type { Sandbox } from "../sandbox.ts";

interface Told {
  complaints: string[];
  record: SessionRecord | null;
}

/** Names of what commands write and read, all that a file may hold in one session that is run for real. */
export function runPaths(sandbox: Sandbox): Corpus {
  const names = [...new Set(listTraversals(sandbox.outside))];
  return {
    name: "run-paths",
    what: "traversals as names of what commands write and read, run for real",
    cases: async () => {
      const { complaints, record } = await runAll(sandbox, names);
      return names.map((name, at) => ({
        name: name.slice(0, 80),
        check: () => [...(at === 0 ? complaints : []), ...judgeVersion(sandbox, record, at)],
      }));
    },
  };
}

async function runAll(sandbox: Sandbox, names: readonly string[]): Promise<Told> {
  const runs: Record<string, unknown> = {};
  for (const [at, name] of names.entries()) {
    const both = describeBoth(name, at);
    if ((await loadWorkflow(sandbox.workflow("one.json", { runs: both }))).ok) Object.assign(runs, both);
  }
  const file = sandbox.workflow("run.json", { on_failure: "continue", runs });
  const before = sandbox.fingerprintOutside();
  const complaints = judgeSaid(await sandbox.say(["run", file]));
  if (sandbox.fingerprintOutside() !== before) complaints.push("something outside was touched");
  const shown = await sandbox.say(["show", "--json"]);
  return { complaints, record: shown.exitCode === 0 ? (JSON.parse(shown.stdout) as SessionRecord) : null };
}

/** One that writes its number under the name, and one that reads it, and a value under the same name. */
function describeBoth(name: string, at: number): Record<string, unknown> {
  return {
    [`w${at}`]: { command: ["sh", "-c", `printf %s ${at} >"$1"`, "sh", `\${outputs.${name}.path}`], outputs: [name] },
    [`r${at}`]: { command: ["cat", `\${inputs.${name}.path}`], consumes: { [name]: `w${at}` } },
    [`v${at}`]: { command: ["cat", `\${inputs.${name}.path}`], consumes: { [name]: { value: at } } },
  };
}

/** What was saved is below the store, and is what was written. */
function judgeVersion(sandbox: Sandbox, record: SessionRecord | null, at: number): string[] {
  if (record === null) return ["the session can't be shown"];
  const own = record.runs.filter(({ run }) => [`w${at}`, `r${at}`, `v${at}`].includes(run));
  return own.flatMap(({ run, status, outputs, exception }) => {
    // A name that is no name is refused by a problem of the file, or fails its run, which says why.
    if (status !== "success") return exception?.message ? [] : [`${run} is ${status} without a word`];
    return Object.values(outputs).flatMap(({ location }) => {
      if (!location.startsWith(`${sandbox.state}/data/`)) return [`it was saved at ${location}`];
      return readFileSync(location, "utf8") === String(at) ? [] : [`${location} has other content`];
    });
  });
}
