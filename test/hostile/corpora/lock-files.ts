import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { holdVersions } from "../../../src/compose/freeze/hold-versions.ts";
import type { DatasetFacts, SliceFacts } from "../../../src/core/project-facts.ts";
import type { Json } from "../../../src/core/run.ts";
import type { LockedPin } from "../../../src/resolve/lock/lock.ts";
import type { Corpus } from "../corpus.ts";
import { spoilBytes } from "../documents/bytes.ts";
import { KEYS } from "../documents/keys.ts";
import { WRONG_VALUES } from "../documents/wrong-types.ts";
import { ESCAPES, listTraversals } from "../hostile-texts.ts";
import { lazily } from "../lazily.ts";
import type { Sandbox } from "../sandbox.ts";
import {
  addAt,
  cutText,
  listMappings,
  listPlaces,
  listTexts,
  namePlace,
  nest,
  replaceTexts,
  writeAt,
} from "../spoil-json.ts";
import { THINGS } from "../things.ts";

const CUTS = 60;
/** Of the values one in so many for each place, and of the places one in so many for each text; in turn. */
const VALUE_STEP = 3;
const TEXT_STEP = 25;
const TEXT_KEYS = ["note", "make", "."];
const RUN_ID = "2020-01-01T00.00.00.000Z-0000deadbeef";
const NO_DIGESTS = [
  "",
  "sha256:",
  "sha256:xyz",
  `md5:${"0".repeat(32)}`,
  `sha256:${"0".repeat(64)}`,
  "0".repeat(1_000_000),
];

/** A workflow that was locked, and what its lock file held then. */
interface Locked {
  file: string;
  lock: string;
  text: string;
  document: Json;
  sessions: number;
}

type Write = (locked: Locked) => string;

/** Lock files that somebody has edited, merged or cut, or put something else in the place of. */
export function lockFileCorpora(sandbox: Sandbox): Corpus[] {
  const lockedOnce = lazily(() => lockOnce(sandbox));
  const kinds: Record<string, { what: string; list(locked: Locked): Spoilt[] }> = {
    "lock-types": { what: "values of the wrong kind in every place of a lock file", list: listWrongTypes },
    "lock-keys": { what: "repeated keys, and keys with a meaning of their own, in every mapping", list: listKeys },
    "lock-texts": {
      what: "traversals, escapes, run_ids of nobody and digests that are none, as its texts and keys",
      list: (locked) => listEvilTexts(sandbox).flatMap((text, at) => placeText(locked, text, at)),
    },
    "lock-bytes": {
      what: "lock files cut anywhere, in other encodings, too deep, too large, or no file at all",
      list: (locked) => [...listBytes(locked), ...listThings(sandbox)],
    },
  };
  const ofFiles = Object.entries(kinds).map(([name, { what, list }]) => ({
    name,
    what,
    cases: async () => {
      const locked = await lockedOnce();
      return list(locked).map(([place, put]) => ({ name: place, check: () => judgeLock(sandbox, locked, put) }));
    },
  }));
  return [...ofFiles, heldVersions(sandbox)];
}

function heldVersions({ outside }: Sandbox): Corpus {
  return {
    name: "lock-versions",
    what: "versions of a lock file that lead out of their dataset's folder",
    cases: listTraversals(outside).map((text) => ({ name: text.slice(0, 80), check: () => judgeHeld(text) })),
  };
}

/** Name, and what puts it in the lock file's place. */
type Spoilt = readonly [name: string, put: (path: string) => void];

function spoilt(name: string, content: string | Buffer): Spoilt {
  return [name.slice(0, 120), (path) => writeFileSync(path, content)];
}

function listWrongTypes({ document }: Locked): Spoilt[] {
  return listPlaces(document).flatMap((place, at) =>
    WRONG_VALUES.filter((_, index) => index % VALUE_STEP === at % VALUE_STEP).map((value) =>
      spoilt(`${value} at ${namePlace(place)}`, writeAt(document, place, value)),
    ),
  );
}

function listKeys({ document }: Locked): Spoilt[] {
  return listMappings(document).flatMap((place) => {
    const added = (member: string) => spoilt(`${member} at ${namePlace(place)}`, addAt(document, place, member));
    const odd = KEYS.map((key, at) => added(`"${key}":${at % 2 === 0 ? '{"polluted":1}' : '"x"'}`));
    return [...odd, added('"k":{},"k":{}'), added('"rule":"value","rule":"value"')];
  });
}

/** In some of the places, others for each text. */
function placeText({ document }: Locked, text: string, at: number): Spoilt[] {
  const places = listTexts(document).filter((_, index) => index % TEXT_STEP === at % TEXT_STEP);
  const asKey = (key: string) => replaceTexts(document, (each, isKey) => (isKey && each === key ? text : each));
  const key = TEXT_KEYS[at % TEXT_KEYS.length] ?? "";
  return [
    ...places.map((place) => spoilt(`${text} at ${namePlace(place)}`, writeAt(document, place, JSON.stringify(text)))),
    spoilt(`${text} for ${key}`, JSON.stringify(asKey(key))),
  ];
}

function listBytes(locked: Locked): Spoilt[] {
  return [
    ...cutText(locked.text, CUTS).map((bytes) => spoilt(`cut at ${bytes.length}`, bytes)),
    ...Object.entries(spoilBytes(locked.text)).map(([name, content]) => spoilt(name, content)),
    ...Object.entries(BOMBS).map(([name, write]) => spoilt(name, write(locked))),
  ];
}

function listThings(sandbox: Sandbox): Spoilt[] {
  return Object.entries(THINGS).map(([name, put]) => [name, (path) => put(path, sandbox)]);
}

/** Lock files that would take long, or much. */
const BOMBS: Readonly<Record<string, Write>> = {
  "lists in one another": () => nest("[", 50_000),
  "mappings in one another": () => nest("{", 50_000),
  "lists without an end": () => "[".repeat(500_000),
  ...Object.fromEntries(
    ["runs.make.task.command", "runs.use.pins.note.value", "runs.make.parameters", "runs.arms.arms"].flatMap((place) =>
      (["[", "{"] as const).map((open): [string, Write] => [
        `${open} in one another at ${place}`,
        ({ document }) => writeAt(document, place.split("."), nest(open, 5_000)),
      ]),
    ),
  ),
  "a long text": ({ document }) => writeAt(document, ["workflow", "name"], JSON.stringify("x".repeat(20_000_000))),
  "a long key": ({ document }) => addAt(document, ["runs"], `"${"k".repeat(5_000_000)}":{}`),
  "many runs": ({ document }) =>
    addAt(document, ["runs"], Array.from({ length: 10_000 }, (_, at) => `"r${at}":{}`).join(",")),
  "a long number": ({ document }) => writeAt(document, ["runweave_lock"], "9".repeat(1_000_000)),
  "too large": ({ text }) => text + " ".repeat(65 << 20),
};

function listEvilTexts({ outside }: Sandbox): string[] {
  return [...listTraversals(outside), ...ESCAPES, ...NO_DIGESTS, RUN_ID, "${env:HOME}", "${env:NONE}"];
}

async function lockOnce(sandbox: Sandbox): Promise<Locked> {
  writeFileSync(sandbox.path("note.txt"), "note\n");
  const out = '"${outputs.data.path}"';
  const make = { command: ["sh", "-c", `echo 1 >${out}`], outputs: ["data"], sources: ["note.txt"] };
  const use = {
    command: ["cat", "${inputs.data.path}"],
    consumes: { data: "make", note: { value: { a: [1, "x"] } }, file: { file: "note.txt" }, old: { alias: "locked" } },
  };
  const arms = { command: ["true"], matrix: { seed: [1, 2] }, environment: { SEED: "${matrix.seed}" } };
  await sandbox.say(["run", sandbox.workflow("before.json", { name: "before", runs: { old: make } })]);
  await sandbox.say(["alias", "set", "locked", "data@old"]);
  const file = sandbox.workflow("locked.json", { name: "locked", runs: { make, use, arms } });
  const said = await sandbox.say(["lock", file]);
  if (said.exitCode !== 0) throw new Error(said.stderr);
  const lock = sandbox.path("locked.lock.json");
  const text = readFileSync(lock, "utf8");
  return { file, lock, text, document: JSON.parse(text), sessions: await countSessions(sandbox) };
}

async function countSessions(sandbox: Sandbox): Promise<number> {
  return (JSON.parse((await sandbox.say(["sessions", "--json"])).stdout) as { sessions: unknown[] }).sessions.length;
}

/** What is not the lock is refused by `--locked`, which then starts nothing; nobody but who is asked to writes it again. */
async function judgeLock(sandbox: Sandbox, locked: Locked, put: (path: string) => void): Promise<string[]> {
  rmSync(locked.lock, { recursive: true, force: true });
  put(locked.lock);
  const before = fingerprint(locked.lock);
  const complaints = await sandbox.judge(["run", locked.file, "--locked"]);
  const sessions = await countSessions(sandbox);
  if (sessions !== locked.sessions && before !== null && !isSame(before, locked))
    complaints.push("a session was started though it is not what was locked");
  locked.sessions = sessions;
  if (fingerprint(locked.lock) !== before) complaints.push("the lock file was written by who only reads it");
  const isOdd = (before ?? "").length % 2 === 1;
  complaints.push(...(await sandbox.judge(["lock", locked.file, ...(isOdd ? ["--check"] : [])])));
  if ("polluted" in {}) complaints.push("the prototype of objects was changed");
  return complaints;
}

/** Null for what is no file. */
function fingerprint(path: string): string | null {
  return existsSync(path) && lstatSync(path).isFile() ? readFileSync(path, "latin1") : null;
}

/** White space, a byte order mark and escapes in texts change nothing of a document. */
function isSame(latin1: string, { document }: Locked): boolean {
  try {
    const text = new TextDecoder("utf-8").decode(Buffer.from(latin1, "latin1"));
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(document);
  } catch {
    return false;
  }
}

/** A version that is held is a folder beside the newest one, whatever the lock file says. */
function judgeHeld(text: string): string[] {
  const known = { versioned: true, location: "/", latest_version: "2026-01-01T00.00.00.000Z" } as DatasetFacts;
  const slice = { inputs: ["data"], datasets: { data: known } } as unknown as SliceFacts;
  const pin: LockedPin = { rule: "frozen", version: text };
  const { facts } = holdVersions(
    new Map([["run", { ...slice, datasets: { data: { ...known, location: "remote" } } }]]),
    () => pin,
  );
  const version = facts.get("run")?.datasets.data?.latest_version ?? "";
  const isComponent = /^[^/\0]+$/.test(version) && version !== "." && version !== "..";
  return isComponent ? [] : [`${JSON.stringify(version)} is asked of the project`];
}
