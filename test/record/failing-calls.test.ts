import { cpSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RegistryError } from "../../src/core/error/registry-error.ts";
import type { HoldRequest } from "../../src/core/hold.ts";
import type { SessionOwner } from "../../src/core/ownership.ts";
import type { Registry } from "../../src/core/port/registry.ts";
import type { RunId, SessionId } from "../../src/core/run-id.ts";
import { checkRecords } from "../../src/record/replay/check-records.ts";
import { rebuildRegistry } from "../../src/record/replay/rebuild-registry.ts";
import { findDamage } from "../../src/record/sqlite/left-log.ts";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { isWriteLocked } from "../../src/record/sqlite/write-lock.ts";
import { History } from "../suites/history.ts";
import { makeScratchFolder } from "./scratch.ts";

/** I/O error, full: SQLite's result codes. */
const CODES = [10, 13];
const FILE = "registry.sqlite";

let calls = 0;
let failAt = 0;
let errcode = 0;

function countCall(): void {
  calls += 1;
  if (calls === failAt) throw Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR", errcode });
}

/** The call itself is the real one. */
function intercept(prototype: object, name: string): void {
  const original = Reflect.get(prototype, name) as (...args: unknown[]) => unknown;
  vi.spyOn(prototype as Record<string, () => unknown>, name).mockImplementation(function call(
    this: unknown,
    ...args: unknown[]
  ) {
    countCall();
    return original.apply(this, args);
  });
}

beforeEach(() => {
  for (const name of ["exec", "prepare", "close"]) intercept(DatabaseSync.prototype, name);
  for (const name of ["all", "get", "iterate", "run"]) intercept(StatementSync.prototype, name);
});

afterEach(() => {
  failAt = 0;
  vi.restoreAllMocks();
});

/** Lets each call of SQLite fail that `work` makes, one at a time, with each code. `work` is undone or repeatable. */
function collectErrors(work: () => unknown, before: () => void = () => {}): unknown[] {
  return CODES.flatMap((code) => {
    const errors: unknown[] = [];
    for (let nth = 1; ; nth += 1) {
      before();
      [calls, failAt, errcode] = [0, nth, code];
      try {
        work();
      } catch (error) {
        errors.push(error);
      }
      failAt = 0;
      if (calls < nth) return errors;
    }
  });
}

/** Every error is one of ours, and there are some. */
function expectKnown(errors: readonly unknown[]): void {
  expect(errors).not.toEqual([]);
  expect(errors.filter((error) => !(error instanceof RegistryError))).toEqual([]);
}

const visit = (path: string, options?: { readOnly: boolean }) => openSqliteRegistry(path, options).close();

test("whichever call fails while a registry is made, the reason is told", () => {
  const root = makeScratchFolder();
  let count = 0;
  expectKnown(collectErrors(() => visit(join(root, `${count++}`, FILE))));
});

test("whichever call fails while a registry is opened, to be read, to be written or in another place, the reason is told", () => {
  const root = makeScratchFolder();
  const path = join(root, "made", FILE);
  visit(path);
  expectKnown(collectErrors(() => visit(path)));
  expectKnown(collectErrors(() => visit(path, { readOnly: true })));
  let count = 0;
  const copy = () => cpSync(dirname(path), join(root, `${++count}`), { recursive: true });
  expectKnown(collectErrors(() => visit(join(root, `${count}`, FILE)), copy));
});

test("whichever call fails while the pages, the lock or the tables of a registry are looked at, the reason is told", () => {
  const path = join(makeScratchFolder(), FILE);
  visit(path);
  expectKnown(collectErrors(() => findDamage(path)));
  expectKnown(collectErrors(() => isWriteLocked(path, 0)));
  expectKnown(collectErrors(() => checkRecords(path, null)));
  const target = `${path}.new`;
  const again = () => rmSync(target, { force: true });
  expectKnown(collectErrors(() => rebuildRegistry(path, target), again));
});

test("a folder in the place of a registry is told, whoever looks at it", () => {
  const folder = makeScratchFolder();
  const why = expect.objectContaining({ code: "registry-unusable" });
  expect(() => findDamage(folder)).toThrow(why);
  expect(() => isWriteLocked(folder, 0)).toThrow(why);
  expect(() => openSqliteRegistry(folder)).toThrow(why);
  expect(() => openSqliteRegistry(folder, { readOnly: true })).toThrow(why);
});

test.each([false, true])("a path that no file can have is told: readOnly %s", (readOnly) => {
  const root = makeScratchFolder();
  symlinkSync("loop", join(root, "loop"));
  for (const path of [join(root, "a".repeat(300)), join(root, "loop", FILE)]) {
    expect(() => openSqliteRegistry(path, { readOnly }), path).toThrow(RegistryError);
  }
});

interface Stage {
  registry: Registry;
  history: History;
  session: SessionId;
  run: RunId;
}

type Question = (stage: Stage) => unknown;

const OWNER: SessionOwner = { pid: 1, start_time: 1, boot_id: "b", host: "h" };

function askPlaces({ session }: Stage): HoldRequest {
  const places = [{ path: "/a", suffix: null, access: "write" as const }];
  const names = { session_id: session, run: null, run_id: null, epoch: null };
  return { holder: "h", act: "gc", places, owner: OWNER, ...names, time: "2026-11-23T21:04:54.666Z" };
}

/** Every method of a registry, so that none is left out; `placeNow` alone asks nothing of SQLite. */
const QUESTIONS: Record<Exclude<keyof Registry, "holds" | "placeNow">, Question> &
  Record<`holds.${keyof Registry["holds"]}`, Question> = {
  together: ({ registry }) => registry.together(() => registry.chainHead()),
  listSessions: ({ registry }) => registry.listSessions(),
  listRuns: ({ registry, session }) => registry.listRuns({ session }),
  sessionPage: ({ registry }) => registry.sessionPage({}, { after: null, limit: 1 }),
  runPage: ({ registry, session }) => registry.runPage({ session }, { after: null, limit: 1 }),
  runPages: ({ registry, session }) => [...registry.runPages({ session })],
  findSession: ({ registry }) => registry.findSession("latest"),
  findSessionHead: ({ registry, session }) => registry.findSessionHead(session),
  findRun: ({ registry, run }) => registry.findRun(run),
  findRecords: ({ registry, run }) => registry.findRecords([run]),
  runsOf: ({ registry, session }) => registry.runsOf([session]),
  findHeads: ({ registry, run }) => registry.findHeads([run]),
  attemptsOf: ({ registry, session }) => registry.attemptsOf([{ session_id: session, run: "a" }]),
  ownershipOf: ({ registry, session }) => registry.ownershipOf(session),
  attemptsOfSession: ({ registry, session }) => registry.attemptsOfSession(session),
  pinsOf: ({ registry, run }) => registry.pinsOf([run]),
  versionsOf: ({ registry, run }) => registry.versionsOf([run]),
  writersBefore: ({ registry, run }) => registry.writersBefore([{ dataset: "d", run_id: run }], 1),
  adoptedAs: ({ registry }) => registry.adoptedAs(["v"]),
  versionsOfContent: ({ registry }) => registry.versionsOfContent([{ dataset: "d", hash: "h" }]),
  loadsOf: ({ registry, run }) => registry.loadsOf([run]),
  loads: ({ registry, session }) => [...registry.loads(null), ...registry.loads(session)],
  lastWriters: ({ registry, history }) => registry.lastWriters([{ location: "/a/b", until: history.time }]),
  findEnvironment: ({ registry }) => registry.findEnvironment("d"),
  aliasMoves: ({ registry }) => [...registry.aliasMoves(), ...registry.aliasMoves("best")],
  verdicts: ({ registry }) => registry.verdicts(),
  placesOf: ({ registry, run }) => registry.placesOf([run]),
  publicationsOf: ({ registry, run }) => registry.publicationsOf([run]),
  attemptsLike: ({ registry }) => registry.attemptsLike("f", 1),
  latestFingerprint: ({ registry }) => registry.latestFingerprint({ workflow: "w", workflow_file: null }, "a"),
  fingerprintOf: ({ registry, run }) => registry.fingerprintOf(run),
  undoingsOf: ({ registry, session }) => registry.undoingsOf(session),
  retentionFacts: ({ registry }) => registry.retentionFacts(),
  discardsOf: ({ registry, run }) => registry.discardsOf([run]),
  readersOf: ({ registry, run }) => registry.readersOf([run]),
  links: ({ registry, session }) => [...registry.links({}), ...registry.links({ session })],
  chainHead: ({ registry }) => registry.chainHead(),
  homes: ({ registry }) => registry.homes(),
  requestsOf: ({ registry, session }) => registry.requestsOf(session),
  othersMark: ({ registry }) => registry.othersMark(),
  follow: ({ registry, session }) => [...registry.follow({ after: 0 }), ...registry.follow({ after: 1, session })],
  changeMark: ({ registry }) => registry.changeMark(),
  events: ({ registry, session }) => [...registry.events(), ...registry.events(session)],
  runsNamed: ({ registry }) => registry.runsNamed("a"),
  runNames: ({ registry }) => registry.runNames(),
  append: ({ history }) => history.startSession(),
  decide: ({ registry, session }) => registry.decide(() => [], { session_id: session, epoch: 1 }),
  renewLease: ({ registry, session }) =>
    registry.renewLease({ session_id: session, epoch: 1, lease_until: "2026-11-23T21:05:54.666Z" }),
  settleHome: ({ registry, history }) => registry.settleHome(history.time),
  close: ({ registry }) => registry.close(),
  "holds.ask": (stage) => stage.registry.holds.ask(askPlaces(stage), []),
  "holds.before": ({ registry }) => registry.holds.before("h"),
  "holds.release": ({ registry }) => registry.holds.release("h", OWNER),
  "holds.list": ({ registry }) => registry.holds.list(),
};

test.each(Object.entries(QUESTIONS))(
  "whichever call fails in %s, the reason is told, and the registry goes on",
  (_name, ask) => {
    const registry = openSqliteRegistry(join(makeScratchFolder(), FILE));
    const history = new History((events) => registry.append(events));
    const session = history.startSession();
    const stage = { registry, history, session, run: history.nextId() as RunId };
    expectKnown(collectErrors(() => ask(stage)));
    expect(ask === QUESTIONS.close || registry.listSessions().length > 0).toBe(true);
    registry.close();
  },
);
