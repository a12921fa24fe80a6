import { cpSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { changeRegistry } from "../../rig/change-registry.ts";
import { judgeSaid, sayCommand } from "../command-line.ts";
import type { Corpus, HostileCase } from "../corpus.ts";
import { listTraversals } from "../hostile-texts.ts";
import { lazily } from "../lazily.ts";
import type { Sandbox } from "../sandbox.ts";

type Spoil = (path: string, sandbox: Sandbox) => void;

const QUESTIONS: readonly string[][] = [
  ["sessions"],
  ["runs"],
  ["show", "--json"],
  ["errors"],
  ["logs", "make"],
  ["lineage", "use"],
  ["why", "data", "use"],
  ["diff", "make", "use"],
  ["verify", "--all"],
  ["alias", "list"],
  ["tag", "make", "a=b"],
  ["doctor"],
];

/** Those that make paths of what is recorded. */
const PATH_QUESTIONS: readonly string[][] = [["show", "--json"], ["errors"], ["logs", "make"], ["verify", "--all"]];

const EMPTY = Buffer.alloc(0);
const random = (seed: number): Buffer =>
  Buffer.from(fc.sample(fc.uint8Array({ minLength: 5_000, maxLength: 5_000 }), { numRuns: 1, seed })[0] ?? []);

/** The file is none of SQLite's, or none of ours. */
const FILES: Readonly<Record<string, Spoil>> = {
  "an empty file": (path) => writeFileSync(path, EMPTY),
  "a string": (path) => writeFileSync(path, "something else\n".repeat(1_000)),
  "the first page's beginning": (path) => truncateSync(path, 60),
  "the first page": (path) => truncateSync(path, 4_096),
  "half of it": (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
  "random bytes behind a good header": (path) =>
    writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, 100), random(1)])),
  "garbage as its log": (path) => writeFileSync(`${path}-wal`, random(2)),
  "garbage as its log's index": (path) => writeFileSync(`${path}-shm`, random(3)),
  "another program's database": (path) => {
    rmSync(path);
    execute(path, "CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('ann')");
  },
  "a link to itself": (path) => {
    rmSync(path);
    symlinkSync(path, path);
  },
};

/** SQL that somebody ran in it. */
const STATEMENTS: readonly string[] = [
  "PRAGMA user_version = 0",
  "PRAGMA user_version = 9999",
  "PRAGMA user_version = -1",
  "PRAGMA application_id = 1",
  "DROP TABLE runs",
  "DROP TABLE events",
  "ALTER TABLE runs RENAME TO old_runs",
  "ALTER TABLE attempts RENAME COLUMN exception TO other",
  "DROP TABLE attempts; CREATE VIEW attempts AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 300000) SELECT x AS run_id FROM n",
  "CREATE VIEW more AS SELECT 1",
  "CREATE TRIGGER evil AFTER INSERT ON tags BEGIN DELETE FROM runs; END",
  "CREATE TRIGGER evil BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END",
  "DROP TRIGGER runs_are_counted; CREATE TRIGGER runs_are_counted AFTER INSERT ON runs BEGIN DELETE FROM sessions; END",
  "CREATE VIRTUAL TABLE words USING fts5(x)",
  "UPDATE sessions SET command_line = 'no JSON'",
  "UPDATE sessions SET origin = '[1'",
  "UPDATE sessions SET status = 'odd', start_time = 'yesterday', end_time = 7",
  "UPDATE sessions SET session_id = '../../outside/victim' WHERE rowid = (SELECT min(rowid) FROM sessions)",
  "UPDATE runs SET runtime_params = '{'",
  "UPDATE runs SET pipeline_names = 'x', filters = 'y', needs = 'z'",
  "UPDATE runs SET run = '__proto__' WHERE run = 'make'",
  "UPDATE runs SET status = 'odd', kind = 'odd', attempt = -7",
  "UPDATE runs SET run_id = '../../outside/victim'",
  "UPDATE attempts SET exception = 'x', metrics = 'y', fingerprint_parts = 'z'",
  "UPDATE attempts SET exception = '{}', metrics = '[]'",
  'UPDATE attempts SET exception = \'{"type":1,"message":null,"cause":{"cause":7}}\', status = \'failed\'',
  "UPDATE attempts SET run_id = '../../../../../../../../../../etc/passwd' WHERE run = 'make'",
  "UPDATE attempts SET run_id = run_id || '/../../../outside/victim'",
  "UPDATE attempts SET log = '/etc/passwd', outputs_location = '/etc', pid = -1",
  "UPDATE versions SET location = '/etc/passwd', entry = 'x'",
  "UPDATE versions SET location = '/dev/zero'",
  "UPDATE versions SET location = '../../outside/victim', hash = 'x', bytes = -1",
  "UPDATE versions SET location = '', version = ''",
  "UPDATE versions SET dataset = '__proto__'",
  "UPDATE pins SET version = 'x', rule = 'odd', dataset = '__proto__'",
  "UPDATE pins SET version = run_id",
  "UPDATE pins SET reason = hex(zeroblob(1000000))",
  "DELETE FROM sessions",
  "DELETE FROM runs",
  "DELETE FROM attempts",
  "DELETE FROM chain_head",
  "UPDATE chain_head SET hash = 'x', seq = 1000000",
  "UPDATE events SET body = '{'",
  "UPDATE events SET body = 'null'",
  'UPDATE events SET body = \'{"type":"session.started","__proto__":{"polluted":1}}\'',
  "UPDATE events SET type = 'odd', time = 'x'",
  "UPDATE events SET seq = seq * 1000000",
  "DELETE FROM events",
  "INSERT INTO alias_moves (alias, dataset, run_id, time) VALUES ('a', 'b', '../x', 'y')",
  "INSERT INTO tags (run_id, key, value, time) SELECT run_id, '__proto__', 'x', 'y' FROM attempts",
  "INSERT INTO notes (run_id, text, time) SELECT run_id, hex(zeroblob(1000000)), 'y' FROM attempts",
];

/** Registries that somebody has changed by hand, cut, or put something else in the place of. */
export function registryCorpora(sandbox: Sandbox): Corpus[] {
  const copy = lazily(async () => copyQuietly(sandbox));
  const spoilt = (name: string, spoil: Spoil, questions = QUESTIONS): HostileCase => ({
    name,
    check: async () => judgeSpoilt(sandbox, { quiet: await copy(), spoil, questions }),
  });
  const traversals = listTraversals(sandbox.outside).filter((text) => !text.includes("\u0000"));
  return [
    {
      name: "registry-files",
      what: "files that are no registry, or half of one",
      cases: [
        ...Object.entries(FILES).map(([name, spoil]) => spoilt(name, spoil)),
        ...Array.from({ length: 60 }, (_, seed) =>
          spoilt(`flipped bytes, seed ${seed}`, (path) => flipBytes(path, seed)),
        ),
      ],
    },
    {
      name: "registry-changes",
      what: "SQL that was run in a registry by hand: other tables, views, triggers, values",
      cases: STATEMENTS.map((sql) => spoilt(sql, (path) => execute(path, sql))),
    },
    {
      name: "registry-paths",
      what: "traversals in the columns that hold ids and places",
      cases: traversals.flatMap((text) =>
        [
          ["attempts", "run_id"],
          ["versions", "location"],
        ].map(([table, column]) =>
          spoilt(
            `${table}.${column}: ${text.slice(0, 80)}`,
            (path) => setAll(path, `UPDATE ${table} SET ${column} = ?`, text),
            PATH_QUESTIONS,
          ),
        ),
      ),
    },
  ];
}

/** Everything in the file itself, so that a copy is whole. */
function copyQuietly(sandbox: Sandbox): string {
  const folder = join(sandbox.work, "quiet");
  cpSync(sandbox.seed, folder, { recursive: true });
  execute(join(folder, "registry.sqlite"), "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
  return folder;
}

function execute(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON");
    // What makes or takes away tables is refused as such; what changes the log leaves no trace in the schema.
    if (/^(UPDATE|DELETE FROM|INSERT INTO) /.test(sql)) changeRegistry(database, sql);
    else database.exec(sql);
  } finally {
    database.close();
  }
}

function setAll(path: string, sql: string, text: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA foreign_keys = OFF");
    // Ids are unique: only one row can have it.
    database.prepare(`${sql} WHERE rowid = (SELECT min(rowid) FROM ${/UPDATE (\w+)/.exec(sql)?.[1]})`).run(text);
  } finally {
    database.close();
  }
}

function flipBytes(path: string, seed: number): void {
  const bytes = readFileSync(path);
  for (const [at, value] of fc.sample(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), {
    numRuns: 1 + (seed % 40),
    seed,
  }))
    bytes[at] = value;
  writeFileSync(path, bytes);
}

interface Spoiling {
  quiet: string;
  spoil: Spoil;
  questions: readonly string[][];
}

async function judgeSpoilt(sandbox: Sandbox, { quiet, spoil, questions }: Spoiling): Promise<string[]> {
  const folder = join(sandbox.work, "spoilt");
  rmSync(folder, { recursive: true, force: true });
  cpSync(quiet, folder, { recursive: true });
  spoil(join(folder, "registry.sqlite"), sandbox);
  const before = sandbox.fingerprintOutside();
  const complaints: string[] = [];
  for (const words of questions) {
    const said = await sayCommand([...words, "--registry", folder]);
    complaints.push(...judgeSaid(said).map((complaint) => `${words.join(" ")}: ${complaint}`));
    if (said.stdout.includes("root:x:0:0")) complaints.push(`${words.join(" ")} shows a file of others`);
  }
  if (sandbox.fingerprintOutside() !== before) complaints.push("something outside was touched");
  if ("polluted" in {}) complaints.push("the prototype of objects was changed");
  return complaints;
}
