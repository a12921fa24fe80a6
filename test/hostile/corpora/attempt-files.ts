import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { RunRecord, SessionRecord } from "../../../src/core/run.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { inspectAttempt, isAdoptedByOther } from "../../../src/runners/adopted-end.ts";
import { readExit } from "../../../src/runners/attempt-files.ts";
import { readSealedManifest } from "../../../src/runners/attempt-manifest.ts";
import { EventTail } from "../../../src/runners/kedro/attempt/tail-events.ts";
import { readMetrics } from "../../../src/runners/metrics.ts";
import type { Corpus, HostileCase } from "../corpus.ts";
import { lazily } from "../lazily.ts";
import type { Sandbox } from "../sandbox.ts";
import { THINGS } from "../things.ts";

const FILES = ["claim", "exit", "manifest", "spec.json", "events", "adopted", "metrics.json", "settled.json"];
const NAMES = ["__proto__", "constructor", "../../outside/victim", "\u001b[2J", "\ud800", "a".repeat(20_000), ""];
const GARBAGE: readonly (string | Buffer)[] = [
  ...[
    "",
    "\n",
    " ",
    "null",
    "true",
    "0",
    '"x"',
    "[]",
    "{}",
    "[{}]",
    "{",
    '{"',
    "NaN",
    "\u0000",
    "\ufeff{}",
    '{"a":1}{"b":2}',
  ],
  ...[
    '{"pid":1}',
    '{"pid":-1}',
    '{"pid":1e300}',
    '{"pid":"1"}',
    '{"pid":4194304,"start_time":1,"boot_id":"x"}',
    '{"given_up":"yes"}',
  ],
  ...['{"exit_code":"0"}', '{"exit_code":1e9}', '{"signal":"SIGNOTHING"}', '{"exit_code":0.5,"signal":7}'],
  ...[
    '{"run_id":"x","status":"success","outputs":{}}',
    '{"status":"success","outputs":{"x":{"location":"/etc/passwd"}},"run_id":"RUN","exception":null,"peak_memory_bytes":null}',
  ],
  ...[
    '{"type":"node.started"}',
    '{"type":"node.started","time":"2026-01-01T00:00:00.000Z","node":7}',
    '{"type":"run.succeeded","time":"2026-01-01T00:00:00.000Z"}',
  ],
  ...NAMES.map((name) => `${JSON.stringify({ type: "node.started", time: "2026-01-01T00:00:00.000Z", node: name })}\n`),
  ...NAMES.map(
    (name) =>
      `${JSON.stringify({ type: "dataset.saved", time: "2026-01-01T00:00:00.000Z", dataset: name, version: name, location: name, node: name })}\n`,
  ),
  "[".repeat(100_000),
  '{"a":'.repeat(50_000),
  "x".repeat(3_000_000),
  `{"type":"node.started","time":"2026-01-01T00:00:00.000Z","node":"${"x".repeat(2_000_000)}"}\n`,
  "\n".repeat(300_000),
  Buffer.from([0xff, 0xfe, 0, 1, 2, 0x80, 0xc0, 0x0a]),
];

/** What those records carry that are to be read to their end. */
const SEAL = "sealed";

/** What an attempt's folder may come to hold: garbage, and what is no file, in every file's place. */
export function attemptFilesCorpus(sandbox: Sandbox): Corpus {
  const runOf = lazily(() => runOnce(sandbox));
  const fill = (file: string, name: string, put: (path: string) => void): HostileCase => ({
    name: `${file}: ${name}`,
    check: async () => {
      const { runId, folder } = await runOf();
      const path = join(folder, file);
      rmSync(path, { recursive: true, force: true });
      put(path);
      const complaints = await judgeReaders(sandbox, { runId, folder, asks: file !== "events" });
      rmSync(path, { recursive: true, force: true });
      return complaints;
    },
  });
  const cases = FILES.flatMap((file) => [
    ...GARBAGE.map((content) => fill(file, String(content).slice(0, 60), (path) => writeFileSync(path, content))),
    ...Object.entries(THINGS).map(([name, make]) => fill(file, name, (path) => make(path, sandbox))),
    ...drawBytes(file).map((bytes, at) => fill(file, `random bytes ${at}`, (path) => writeFileSync(path, bytes))),
  ]);
  return {
    name: "attempt-files",
    what: "garbage, links, pipes and folders in the place of each file of an attempt",
    cases,
  };
}

/** The same ones each time: the seed is the file's name. */
function drawBytes(file: string): Uint8Array[] {
  const seed = [...file].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7);
  return fc.sample(fc.uint8Array({ maxLength: 400 }), { numRuns: 20, seed });
}

interface Run {
  runId: RunId;
  folder: string;
}

async function runOnce(sandbox: Sandbox): Promise<Run> {
  const command = ["sh", "-c", 'echo 1 >"$1"', "sh", "${outputs.x.path}"];
  const file = sandbox.workflow("attempt.json", { name: "attempt", runs: { spoilt: { command, outputs: ["x"] } } });
  await sandbox.say(["run", file]);
  const { runs } = JSON.parse((await sandbox.say(["show", "--json"])).stdout) as SessionRecord;
  const runId = runs[0]?.run_id ?? ("" as RunId);
  return { runId, folder: join(sandbox.state, "attempts", runId) };
}

/** Everything that reads the folder gives an answer, or an error of its own; none of them hangs or lets others in. */
async function judgeReaders(sandbox: Sandbox, { runId, folder, asks }: Run & { asks: boolean }): Promise<string[]> {
  inspectAttempt({ folder, runId });
  isAdoptedByOther(folder, SEAL);
  readExit(folder, SEAL);
  readMetrics(join(folder, "metrics.json"));
  const tail = new EventTail(folder, () => {});
  tail.read();
  tail.close();
  try {
    readSealedManifest(folder, { runId, seal: SEAL });
  } catch (error) {
    if (!(error instanceof Error) || error.message === "") return ["a manifest is refused without a word"];
  }
  return asks ? [...(await sandbox.judge(["verify", runId])), ...(await sandbox.judge(["errors", runId]))] : [];
}

const SPOIL = 'cd "$(dirname "$RUNWEAVE_METRICS")"; ';
const HERE = '"$(dirname "$RUNWEAVE_METRICS")"';

/** What a command does to its own attempt's folder while it runs, ending well or badly. */
const SABOTAGE: Readonly<Record<string, string>> = {
  "removes the folder": `rm -rf ${HERE}`,
  "removes its claim": `${SPOIL}rm claim`,
  "makes a pipe of its claim": `${SPOIL}rm claim; mkfifo claim`,
  "claims that it was given up": `${SPOIL}echo '{"given_up":true,"pid":2}' >claim`,
  "claims that it is process 1": `${SPOIL}echo '{"pid":1}' >claim`,
  "tells of its end itself": `${SPOIL}echo '{"exit_code":0}' >exit`,
  "makes a folder of its end": `${SPOIL}mkdir exit`,
  "makes a pipe of its end": `${SPOIL}mkfifo exit`,
  // Whoever waits for the command is a shell with the same rights: what it writes through the link, the command could.
  "links its end to another file": `${SPOIL}ln -s other exit`,
  "links its manifest to the victim": `${SPOIL}ln -s VICTIM manifest`,
  "makes a folder of its manifest": `${SPOIL}mkdir manifest`,
  "writes a manifest": `${SPOIL}echo '{"status":"success","outputs":{"x":{"location":"VICTIM"}}}' >manifest`,
  "says that it was adopted": `${SPOIL}echo '{"pid":2}' >adopted`,
  "writes garbage to adopted": `${SPOIL}echo garbage >adopted`,
  "tells of saving the victim": `${SPOIL}printf '{"type":"dataset.saved","location":"VICTIM"}\\n' >events`,
  "settles the victim": `${SPOIL}printf '{"x":{"location":"VICTIM"}}' >settled.json`,
  "links its output to the victim": 'ln -sf VICTIM "$OUT"',
  "makes a folder of its output": 'mkdir "$OUT"',
  "makes a pipe of its output": 'mkfifo "$OUT"',
  "replaces the folder of its output": 'rm -rf "$(dirname "$OUT")"; ln -s "$(dirname VICTIM)" "$(dirname "$OUT")"',
  "makes a pipe of its metrics": 'mkfifo "$RUNWEAVE_METRICS"',
  "links its metrics to the victim": 'ln -s VICTIM "$RUNWEAVE_METRICS"',
  "writes endless metrics": 'head -c 2000000 /dev/zero >"$RUNWEAVE_METRICS"',
  "writes endless lines": "head -c 5000000 /dev/zero; printf '\\033[2J'",
};

/** What a module does so that nobody can tell, or all are told something else, why it fails. */
const SILENCED: Readonly<Record<string, string>> = {
  "makes a pipe of its exception": 'mkfifo "$RUNWEAVE_EXCEPTION"',
  "makes a folder of its exception": 'mkdir "$RUNWEAVE_EXCEPTION"',
  "links its exception to the victim": 'ln -s VICTIM "$RUNWEAVE_EXCEPTION"',
  "writes an endless exception": 'head -c 2000000 /dev/zero >"$RUNWEAVE_EXCEPTION"',
  "writes an exception of another shape": `echo '{"type":[]}' >"$RUNWEAVE_EXCEPTION"`,
  "writes control bytes": `printf '{"type":"\\033[2J","message":"\\033]0;x\\007","node":null,"traceback":null,"cause":null}' >"$RUNWEAVE_EXCEPTION"`,
  "removes the folder of its exception": `rm -rf "$(dirname "$RUNWEAVE_EXCEPTION")"`,
};
const MODULE = `import { execSync } from "node:child_process";
export default ({ params }) => { execSync(params.script); if (params.code > 0) throw new Error("\\x1b[2Jas it should"); return { x: 1 }; };`;

/** Commands that spoil their own attempt: their session ends, others are not touched, and all can be asked about. */
export function sabotageCorpus(sandbox: Sandbox): Corpus {
  const cases = async () => {
    const { complaints, record } = await sabotage(sandbox);
    return Object.keys({ ...SABOTAGE, ...SILENCED }).flatMap((name, at) =>
      [0, 1].map((code) => ({
        name: `one that ${name} and ends with ${code}`,
        check: async () => {
          const judged = await judgeSabotaged(
            sandbox,
            record?.runs.find((each) => each.run === `s${at}_${code}`),
          );
          return [...(at + code === 0 ? complaints : []), ...judged];
        },
      })),
    );
  };
  return {
    name: "sabotage",
    what: "commands and modules that spoil their own attempt's files and outputs, run for real",
    cases,
  };
}

async function judgeSabotaged(sandbox: Sandbox, run: RunRecord | undefined): Promise<string[]> {
  const own = run === undefined || run.status === "running" ? [`it is ${run?.status}`] : [];
  if (run?.run_id == null) return own;
  const verified = await sandbox.judge(["verify", run.run_id]);
  return [...own, ...verified, ...(await sandbox.judge(["logs", run.run_id, "--json"]))];
}

async function sabotage(sandbox: Sandbox): Promise<{ complaints: string[]; record: SessionRecord | null }> {
  const runs = Object.entries(SABOTAGE).flatMap(([, script], at) =>
    [0, 1].map((code) => {
      const body = script.replaceAll("VICTIM", join(sandbox.outside, "victim"));
      const command = ["sh", "-c", `echo 1 >"$OUT.tmp"; ${body}; exit ${code}`];
      return [`s${at}_${code}`, { command, outputs: ["x"], environment: { OUT: "${outputs.x.path}" }, timeout: "5s" }];
    }),
  );
  const silenced = Object.values(SILENCED).flatMap((script, at) =>
    [0, 1].map((code) => {
      const params = { code, script: script.replaceAll("VICTIM", join(sandbox.outside, "victim")) };
      const run = { module: "./sabotage.mjs", params, outputs: ["x"], timeout: "20s" };
      return [`s${Object.keys(SABOTAGE).length + at}_${code}`, run] as const;
    }),
  );
  sandbox.workflow("sabotage.mjs", MODULE);
  const file = sandbox.workflow("sabotage.json", {
    on_failure: "continue",
    cleanup_on_error: "delete",
    runs: Object.fromEntries([...runs, ...silenced]),
  });
  const complaints = await sandbox.judge(["run", file]);
  const shown = await sandbox.say(["show", "--json"]);
  return { complaints, record: shown.exitCode === 0 ? (JSON.parse(shown.stdout) as SessionRecord) : null };
}
