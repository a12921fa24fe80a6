import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { refuseForeign } from "../../../src/compose/home/trust-state.ts";
import { inFolder, locateState, makeStateFolders } from "../../../src/compose/locate-state.ts";
import { RegistryError } from "../../../src/core/error/registry-error.ts";
import { isRoot } from "../../rig/ordinary-user.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const NOBODY = 65534;

function makeState(name = ".runweave") {
  const folder = makeTemporaryFolder();
  const state = inFolder(join(folder, name));
  makeStateFolders(state);
  writeFileSync(state.registry, "", { mode: 0o600 });
  return { folder, state };
}

function faultOf(
  ...[state, options = { environment: {} }]: Parameters<typeof refuseForeign> | [ReturnType<typeof inFolder>]
) {
  try {
    refuseForeign(state, options);
    return null;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { code: error.code, message: error.message, hint: error.hint };
  }
}

test("a state folder that the user made is trusted; so is one that is not there yet", () => {
  const { folder, state } = makeState();
  expect(faultOf(state)).toBeNull();
  expect(faultOf(inFolder(join(folder, "new")))).toBeNull();
});

test("one of another user is not, whoever asks: the error says whose it is, and how to trust it", () => {
  const { state } = makeState();
  const fault = faultOf(state, { environment: {}, uid: NOBODY });
  expect(fault?.code).toBe("registry-not-trusted");
  expect(fault?.message).toContain(`${state.root} belongs to user ${process.getuid?.()}, and you are user ${NOBODY}`);
  expect(fault?.hint).toContain(`RUNWEAVE_TRUST=${state.root}`);
  expect(faultOf(state, { environment: { RUNWEAVE_TRUST: `/other:${state.root}` }, uid: NOBODY })).toBeNull();
  const fromHere = relative(process.cwd(), state.root);
  expect(faultOf(state, { environment: { RUNWEAVE_TRUST: fromHere }, uid: NOBODY })?.code).toBe("registry-not-trusted");
  expect(faultOf(state, { environment: { RUNWEAVE_TRUST: join(state.root, "..") }, uid: NOBODY })?.code).toBeDefined();
});

describe("what others may write to", () => {
  test.each([
    ["the folder itself", (root: string) => chmodSync(root, 0o777)],
    ["the folder itself, by its group", (root: string) => chmodSync(root, 0o720)],
    [
      "a folder in it that they can reach",
      (root: string) => {
        chmodSync(root, 0o755);
        chmodSync(join(root, "attempts"), 0o777);
      },
    ],
    [
      "the registry that they can reach",
      (root: string) => {
        chmodSync(root, 0o755);
        chmodSync(join(root, "registry.sqlite"), 0o666);
      },
    ],
  ])("is refused, with the command that mends it: %s", (_, open) => {
    const { state } = makeState();
    open(state.root);
    expect(faultOf(state)).toMatchObject({
      code: "registry-not-trusted",
      hint: expect.stringContaining("`chmod go-w "),
    });
  });

  test("does not matter in a folder that they can't reach", () => {
    const { state } = makeState();
    chmodSync(join(state.root, "attempts"), 0o777);
    chmodSync(state.registry, 0o666);
    expect(faultOf(state)).toBeNull();
  });

  test("a store elsewhere is looked at likewise", () => {
    const { folder, state } = makeState();
    const store = join(folder, "store");
    mkdirSync(store);
    chmodSync(store, 0o777);
    expect(faultOf({ ...state, store })?.message).toContain(store);
  });
});

/** A state folder, closed to others, whose registry is a link to a file in `there`. */
function makeLinked() {
  const { folder, state } = makeState();
  const there = join(folder, "there");
  mkdirSync(there);
  const target = join(there, "real.sqlite");
  renameSync(state.registry, target);
  symlinkSync(target, state.registry);
  return { state, there, target };
}

describe("a registry that is a link", () => {
  test("to a file of the user, in a folder of the user, is trusted", () => {
    const { state, target } = makeLinked();
    for (const end of ["-wal", "-shm"]) writeFileSync(`${target}${end}`, "", { mode: 0o600 });
    expect(faultOf(state)).toBeNull();
  });

  test("is refused if others may write to its file, though they can't reach the state folder", () => {
    const { state, target } = makeLinked();
    chmodSync(target, 0o666);
    expect(faultOf(state)?.message).toContain(`other users may write to ${state.registry}`);
  });

  test.each([0o777, 0o1777])("is refused if others may make files beside its file (mode %o)", (mode) => {
    const { state, there } = makeLinked();
    chmodSync(there, mode);
    expect(faultOf(state)?.message).toContain(`other users may write to ${there}`);
  });

  test.each(["-wal", "-shm", "-journal"])(
    "is refused if others may write to what SQLite reads beside it: %s",
    (end) => {
      const { state, target } = makeLinked();
      writeFileSync(`${target}${end}`, "");
      chmodSync(`${target}${end}`, 0o666);
      expect(faultOf(state)?.message).toContain(`other users may write to ${target}${end}`);
    },
  );

  test("is refused if a link on the way lies where others may change it", () => {
    const { state, target, there } = makeLinked();
    const open = join(there, "open");
    mkdirSync(open);
    symlinkSync(target, join(open, "second"));
    rmSync(state.registry);
    symlinkSync(join(open, "second"), state.registry);
    expect(faultOf(state)).toBeNull();
    chmodSync(open, 0o1777);
    expect(faultOf(state)?.message).toContain(`other users may write to ${open}`);
  });

  test("that leads nowhere, or in a circle, is told by who opens it", () => {
    const { state, target } = makeLinked();
    rmSync(target);
    expect(faultOf(state)).toBeNull();
    symlinkSync(state.registry, target);
    expect(faultOf(state)).toBeNull();
  });
});

test("a folder of a state folder that is a link counts as reachable, though the state folder is closed", () => {
  const { folder, state } = makeState();
  const there = join(folder, "attempts");
  renameSync(state.attempts, there);
  symlinkSync(there, state.attempts);
  expect(faultOf(state)).toBeNull();
  chmodSync(there, 0o777);
  expect(faultOf(state)?.message).toContain(`other users may write to ${state.attempts}`);
});

describe.skipIf(!isRoot)("with a second user of the machine", () => {
  test.each(["-wal", "-shm", "folder"])("what they have beside a linked registry is refused: %s", (which) => {
    const { state, there, target } = makeLinked();
    const path = which === "folder" ? there : `${target}${which}`;
    if (which !== "folder") writeFileSync(path, "");
    chownSync(path, NOBODY, NOBODY);
    expect(faultOf(state)?.message).toContain(`${path} belongs to user ${NOBODY}`);
  });

  test.each(["attempts", "registry.sqlite", "key"])("%s of theirs in a folder of the user is refused", (name) => {
    const { state } = makeState();
    const path = join(state.root, name);
    if (name === "key") writeFileSync(path, "");
    chownSync(path, NOBODY, NOBODY);
    expect(faultOf(state)?.message).toContain(`${path} belongs to user ${NOBODY}`);
  });

  test("a link of the user to a folder of theirs is refused, a link to one of the user's own is not", () => {
    const { folder, state } = makeState();
    const [own, theirs] = [join(folder, "own"), join(folder, "theirs")];
    for (const path of [own, theirs]) mkdirSync(path);
    chownSync(theirs, NOBODY, NOBODY);
    const links = [own, theirs].map((path) => join(folder, `${path.endsWith("own") ? "a" : "b"}.link`));
    for (const [index, path] of [own, theirs].entries()) symlinkSync(path, links[index] ?? "");
    expect(faultOf({ ...state, store: links[0] ?? "" })).toBeNull();
    expect(faultOf({ ...state, store: links[1] ?? "" })?.message).toContain(`belongs to user ${NOBODY}`);
  });

  test("a folder above of another user is not searched, nor one where everybody may make something", () => {
    const folder = makeTemporaryFolder();
    chmodSync(folder, 0o777);
    const from = join(folder, "victim/flows");
    mkdirSync(from, { recursive: true });
    mkdirSync(join(folder, ".runweave"));
    expect(locateState({ environment: {}, from }).root).toBe(join(from, ".runweave"));
    chmodSync(folder, 0o755);
    chownSync(folder, NOBODY, NOBODY);
    expect(locateState({ environment: {}, from }).root).toBe(join(from, ".runweave"));
    const planted = join(folder, ".runweave");
    chownSync(planted, NOBODY, NOBODY);
    expect(() => locateState({ registry: planted, environment: {}, from })).toThrow("belongs to user");
  });
});
