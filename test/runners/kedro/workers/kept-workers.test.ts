import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../../src/core/port/clock.ts";
import { createIdSource } from "../../../../src/core/run-id.ts";
import { isAlive, type ProcessIdentity } from "../../../../src/processes/identity.ts";
import { KedroRunner } from "../../../../src/runners/kedro/kedro-runner.ts";
import { endWaiting } from "../../../../src/runners/kedro/workers/kept-workers.ts";
import { listWaiting, takeWaiting } from "../../../../src/runners/kedro/workers/worker-records.ts";
import { memoryHolds } from "../../../rig/memory-holds.ts";
import { readJson } from "../../../rig/read-json.ts";
import { makeTemporaryFolder } from "../../../rig/temporary-folder.ts";
import { waitFor } from "../../../rig/wait-for.ts";
import { type KedroBench, makeBench, start } from "../kedro-bench.ts";

const LIMIT_MS = 600_000;
/** What a run tells of itself: how often its project was imported, by which code, in which worker and with which variables. */
const MAKE = `
IMPORTS = open(os.environ["IMPORTS"], "a").write("imported\\n")
CODE = 1

def make():
    variables = {name: os.environ.get(name) for name in ("FLAVOUR", "SSH_TTY", "SET_BY_IMPORT")}
    return {"code": CODE, "worker": os.getppid(), **variables}
`;

interface Told {
  code: number;
  worker: number;
  FLAVOUR: string | null;
  SSH_TTY: string | null;
  SET_BY_IMPORT: string | null;
}

interface Stage {
  bench: KedroBench;
  nodes: string;
  records: string;
  notes: string[];
  countImports(): number;
  /** A session: one run, and then its end. */
  session(options?: { keepMs?: number | null; variables?: Record<string, string> }): Promise<Told>;
  open(options?: { keepMs?: number | null; variables?: Record<string, string> }): KedroRunner;
  run(runner: KedroRunner): Promise<Told>;
}

/** A project, and sessions of it that begin one after the other in one state folder. */
function makeStage(changed: (nodes: string) => string = (nodes) => nodes): Stage {
  const imports = join(makeTemporaryFolder(), "imports");
  const bench = makeBench();
  const nodes = join(bench.project, "src/demo/nodes.py");
  const text = readFileSync(nodes, "utf8").replace('\ndef make():\n    return {"answer": 42}\n', MAKE);
  writeFileSync(nodes, changed(text));
  const records = join(bench.folders.root, "workers");
  const notes: string[] = [];
  const open: Stage["open"] = ({ keepMs = LIMIT_MS, variables = {} } = {}) => {
    const environment = { ...process.env, ...bench.processes.environment, IMPORTS: imports, ...variables };
    const keep = keepMs === null ? undefined : { limitMs: keepMs, onNote: (note: string) => void notes.push(note) };
    const answers = { folder: join(bench.folders.root, "probes") };
    return new KedroRunner({ holds: memoryHolds(), folders: bench.folders, environment, graceMs: 300, answers, keep });
  };
  const run: Stage["run"] = async (runner) => {
    const { status, outputs, exception } = await start({ ...bench, runner }, "make").result;
    expect([status, exception]).toEqual(["success", null]);
    return readJson(outputs.table?.location ?? "");
  };
  onTestFinished(async () => {
    await endWaiting(bench.folders);
  });
  const session: Stage["session"] = async (options) => {
    const runner = open(options);
    try {
      return await run(runner);
    } finally {
      await runner.close();
    }
  };
  const countImports = () => readFileSync(imports, "utf8").split("\n").length - 1;
  return { bench, nodes, records, notes, countImports, session, open, run };
}

function theWaiting(records: string): ProcessIdentity {
  const [waiting] = listWaiting(records);
  if (waiting === undefined) throw new Error("no worker waits");
  return waiting.worker;
}

const listRecords = (records: string) => (existsSync(records) ? readdirSync(records) : []);

test("a worker that is kept serves the next sessions of its project, and ends with the first that does not keep it", async () => {
  const { session, countImports, notes, records } = makeStage();
  const first = await session();
  expect(notes).toEqual([expect.stringMatching(/^the worker of .* waits for the next session until \d\d:\d\d:\d\d$/)]);
  expect((await session()).worker).toBe(first.worker);
  expect((await session({ keepMs: null })).worker).toBe(first.worker);
  expect(countImports()).toBe(1);
  await waitFor(() => !existsSync(`/proc/${first.worker}`));
  expect(listRecords(records)).toEqual([]);
});

test("old code is never run: a worker whose sources have changed is ended", async () => {
  const { session, nodes, records } = makeStage();
  const first = await session();
  const old = theWaiting(records);
  writeFileSync(nodes, readFileSync(nodes, "utf8").replace("CODE = 1", "CODE = 2"));
  const second = await session();
  expect([first.code, second.code]).toEqual([1, 2]);
  expect(second.worker).not.toBe(first.worker);
  expect(isAlive(old)).toBe(false);
});

test("nor is one used that has read a file which is another one now", async () => {
  const data = join(makeTemporaryFolder(), "code.txt");
  writeFileSync(data, "1");
  const { session } = makeStage((nodes) =>
    nodes.replace("CODE = 1", `CODE = int(open(${JSON.stringify(data)}).read())`),
  );
  const first = await session();
  writeFileSync(data, "22");
  const second = await session();
  expect([first.code, second.code]).toEqual([1, 22]);
});

test("a session finds its own variables: with others it gets a worker of its own, those of the terminal are taken over", async () => {
  const { session } = makeStage((nodes) => nodes.replace("CODE = 1", 'CODE = 1\nos.environ["SET_BY_IMPORT"] = "yes"'));
  const first = await session({ variables: { FLAVOUR: "plain", SSH_TTY: "/dev/pts/1" } });
  const same = await session({ variables: { FLAVOUR: "plain", SSH_TTY: "/dev/pts/2" } });
  expect(same).toEqual({ ...first, SSH_TTY: "/dev/pts/2" });
  expect(same.SET_BY_IMPORT).toBe("yes");
  const without = await session({ variables: { FLAVOUR: "plain" } });
  expect(without).toEqual({ ...first, SSH_TTY: null });
  const other = await session({ variables: { FLAVOUR: "salted" } });
  expect(other.FLAVOUR).toBe("salted");
  expect(other.worker).not.toBe(first.worker);
});

test("within a run no worker is kept, and none is taken", async () => {
  const { session, notes } = makeStage();
  const first = await session();
  // An id of its own: other tests look for processes that carry theirs.
  const within = await session({ variables: { RUNWEAVE_ANCESTORS: createIdSource(systemClock).nextRunId() } });
  expect(within.worker).not.toBe(first.worker);
  expect(notes.at(-1)).toMatch(/is not kept: this is a run within a run$/);
});

test("of two sessions at once only one gets the worker", async () => {
  const { session, open, run } = makeStage();
  const first = await session();
  const [left, right] = [open({ keepMs: null }), open({ keepMs: null })];
  const told = await Promise.all([run(left), run(right)]);
  await Promise.all([left.close(), right.close()]);
  const workers = told.map(({ worker }) => worker);
  expect(new Set(workers).size).toBe(2);
  expect(workers).toContain(first.worker);
});

test("a project that nobody can compare later, as it has asked the clock, keeps none", async () => {
  const { session, notes, records } = makeStage((nodes) =>
    nodes.replace("CODE = 1", "import time\nCODE = int(time.time())"),
  );
  const { worker } = await session();
  expect(notes).toEqual([expect.stringMatching(/ is not kept: .*(clock|time)/)]);
  expect(existsSync(`/proc/${worker}`)).toBe(false);
  expect(listRecords(records)).toEqual([]);
});

test("one that nobody wants ends by itself in time, and leaves nothing", async () => {
  const { session, records } = makeStage();
  const { worker } = await session({ keepMs: 300 });
  await waitFor(() => !existsSync(`/proc/${worker}`) && listRecords(records).length === 0);
});

test("one whose record is damaged is ended by the next session, and nothing of it stays", async () => {
  const { session, records } = makeStage();
  await session();
  const worker = theWaiting(records);
  writeFileSync(join(records, `${worker.pid}-waiting`), "{");
  const next = await session({ keepMs: null });
  expect(next.worker).not.toBe(worker.pid);
  expect(isAlive(worker)).toBe(false);
  expect(listRecords(records)).toEqual([]);
});

test("workers that wait can be ended", async () => {
  const { session, records, bench } = makeStage();
  await session();
  const worker = theWaiting(records);
  expect(await endWaiting(bench.folders)).toBe(1);
  expect(isAlive(worker)).toBe(false);
  expect(listRecords(records)).toEqual([]);
  expect(await endWaiting(bench.folders)).toBe(0);
});

test.each(["SIGKILL", "SIGSTOP"] as const)(
  "one that got %s while it waited is replaced, and nothing of it stays",
  async (signal) => {
    const { session, open, records } = makeStage();
    await session();
    const worker = theWaiting(records);
    process.kill(worker.pid, signal);
    const next = await session({ keepMs: null });
    expect(next.worker).not.toBe(worker.pid);
    await waitFor(() => !isAlive(worker));
    const cleaner = open({ keepMs: null });
    await cleaner.endHung();
    await cleaner.close();
    expect(listRecords(records)).toEqual([]);
  },
);

test("a worker is taken once, and one whose session was killed before it reached it is in nobody's way", async () => {
  const { session, records } = makeStage();
  const first = await session();
  const [waiting] = listWaiting(records);
  if (waiting === undefined) throw new Error("no worker waits");
  // A session that was killed after it took the worker, and before it reached it.
  expect(takeWaiting(records, waiting)).not.toBeNull();
  expect(takeWaiting(records, waiting)).toBeNull();
  const second = await session({ keepMs: null });
  expect(second.worker).not.toBe(first.worker);
  process.kill(first.worker, "SIGTERM");
  await waitFor(() => !existsSync(`/proc/${first.worker}`));
});

test("a folder of records that others may enter is used for no socket", async () => {
  const { session, records, notes } = makeStage();
  mkdirSync(records, { mode: 0o755 });
  await session();
  expect(notes).toEqual([expect.stringContaining("is not kept: ")]);
});
