import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { moveAcross, movePath, PlaceTakenError } from "../../src/versions/move-path.ts";
import {
  evaluateAsOrdinary,
  giveToOrdinary,
  isRoot,
  makeOrdinaryFolder,
  shellAsOrdinary,
} from "../rig/ordinary-user.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

function setUp() {
  const folder = makeTemporaryFolder();
  const from = join(folder, "from");
  mkdirSync(join(from, "deep"), { recursive: true });
  writeFileSync(join(from, "deep", "file"), "data", { mode: 0o640 });
  symlinkSync("deep/file", join(from, "link"));
  return { folder, move: { from, to: join(folder, "a", "to"), marker: join(folder, "marker") } };
}

function mkdir(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

describe("moving a path", () => {
  it("moves a folder, and says so when nothing is left to move", async () => {
    const { move } = setUp();
    expect(await movePath(move)).toBe(true);
    expect(readFileSync(join(move.to, "deep", "file"), "utf8")).toBe("data");
    expect([existsSync(move.from), existsSync(move.marker)]).toEqual([false, false]);
    expect(await movePath(move)).toBe(false);
  });

  it("never moves over something", async () => {
    const { move } = setUp();
    mkdirSync(move.to, { recursive: true });
    await expect(movePath(move)).rejects.toThrow(PlaceTakenError);
    expect(existsSync(join(move.from, "link"))).toBe(true);
  });

  it("copies to another file system with permissions, times and links, and leaves nothing behind", async () => {
    const { move, folder } = setUp();
    mkdirSync(join(folder, "a"));
    const before = statSync(join(move.from, "deep", "file"));
    await moveAcross(move);
    const after = statSync(join(move.to, "deep", "file"));
    expect(after.mode).toBe(before.mode);
    expect(after.mtimeMs).toBeCloseTo(before.mtimeMs, 0);
    expect(readlinkSync(join(move.to, "link"))).toBe("deep/file");
    expect([existsSync(move.from), existsSync(move.marker)]).toEqual([false, false]);
  });

  it("copies no pipe and no socket to another file system, opens none, and keeps links that lead to nothing", async () => {
    const { move, folder } = setUp();
    mkdirSync(join(folder, "a"));
    execFileSync("mkfifo", [join(move.from, "deep", "pipe")]);
    symlinkSync("nowhere", join(move.from, "dangling"));
    await moveAcross(move);
    expect(readdirSync(move.to, { recursive: true }).sort()).toEqual(["dangling", "deep", "deep/file", "link"]);
    expect([existsSync(move.from), existsSync(move.marker)]).toEqual([false, false]);
  });

  it("finishes such a copy whose original was already being removed", async () => {
    const { move, folder } = setUp();
    mkdirSync(join(folder, "a"));
    cpSync(move.from, move.to, { recursive: true, verbatimSymlinks: true });
    execFileSync("mkfifo", [join(move.from, "deep", "pipe")]);
    writeFileSync(move.marker, "");
    expect(await movePath(move)).toBe(true);
    expect(existsSync(move.from)).toBe(false);
  });

  it("removes no pipe that took the place of what was moved, whatever marker there is", async () => {
    const { move } = setUp();
    renameSync(move.from, join(mkdir(dirname(move.to)), "to"));
    execFileSync("mkfifo", [move.from]);
    writeFileSync(move.marker, "");
    await expect(movePath(move)).rejects.toThrow(PlaceTakenError);
    expect(existsSync(move.from)).toBe(true);
  });

  it("refuses to copy a pipe that is all there is", async () => {
    const { folder, move } = setUp();
    mkdirSync(join(folder, "a"));
    const from = join(folder, "pipe");
    execFileSync("mkfifo", [from]);
    await expect(moveAcross({ ...move, from })).rejects.toThrow("is neither a file nor a folder");
    expect([existsSync(from), readdirSync(join(folder, "a"))]).toEqual([true, []]);
  });

  it("finishes a copy whose original was already being removed", async () => {
    const { move, folder } = setUp();
    mkdirSync(join(folder, "a"));
    cpSync(move.from, move.to, { recursive: true, verbatimSymlinks: true });
    writeFileSync(move.marker, "");
    rmSync(join(move.from, "link"));
    expect(await movePath(move)).toBe(true);
    expect([existsSync(move.from), existsSync(move.marker), readlinkSync(join(move.to, "link"))]).toEqual([
      false,
      false,
      "deep/file",
    ]);
  });

  it("removes nothing for a marker that somebody put there", async () => {
    const { move, folder } = setUp();
    mkdirSync(join(folder, "a", "to"), { recursive: true });
    writeFileSync(join(move.to, "other"), "x");
    writeFileSync(move.marker, "");
    await expect(movePath(move)).rejects.toThrow(PlaceTakenError);
    expect(readFileSync(join(move.from, "deep", "file"), "utf8")).toBe("data");
  });

  it("begins anew if the copy was cut off before it was whole", async () => {
    const { move, folder } = setUp();
    mkdirSync(join(folder, "a"));
    writeFileSync(join(folder, "a", ".to.runweave-moving"), "half");
    writeFileSync(move.marker, "");
    expect(await movePath(move)).toBe(true);
    expect(readFileSync(join(move.to, "deep", "file"), "utf8")).toBe("data");
  });
});

describe("moving a folder that is closed to its owner", () => {
  function setUpClosed() {
    const folder = makeOrdinaryFolder();
    shellAsOrdinary(folder, "mkdir -p from/closed to; touch from/closed/f; chmod 500 from/closed from");
    const move = { from: join(folder, "from"), to: join(folder, "to/it"), marker: join(folder, "marker") };
    return { folder, move, call: (name: string) => `own.${name}(${JSON.stringify(move)})` };
  }

  it.each(["movePath", "moveAcross"])("%s: it goes whole, stays closed, and nothing is left behind", (name) => {
    const { folder, move, call } = setUpClosed();
    evaluateAsOrdinary("versions/move-path.ts", call(name));
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(["to", "to/it", "to/it/closed", "to/it/closed/f"]);
    const modes = [move.to, join(move.to, "closed")].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o500, 0o500]);
    shellAsOrdinary(folder, "chmod -R u+w to");
  });

  it.runIf(isRoot)(
    "an original that stays is named and the copy is whole; the marker keeps the reason, and the next call goes on",
    () => {
      const { folder, move, call } = setUpClosed();
      const foreign = join(move.from, "foreign");
      mkdirSync(foreign);
      writeFileSync(join(foreign, "file"), "x");
      const reason = `${join(foreign, "file")} can't be removed: ${foreign} belongs to user 0`;
      expect(evaluateAsOrdinary("versions/move-path.ts", call("moveAcross"))).toBe(reason);
      expect(readFileSync(move.marker, "utf8")).toBe(reason);
      expect(readdirSync(move.to).sort()).toEqual(["closed", "foreign"]);
      expect(evaluateAsOrdinary("versions/move-path.ts", call("movePath"))).toBe(reason);
      giveToOrdinary(foreign);
      expect(evaluateAsOrdinary("versions/move-path.ts", call("movePath"))).toBe(true);
      expect([existsSync(move.from), existsSync(move.marker)]).toEqual([false, false]);
      shellAsOrdinary(folder, "chmod -R u+w to");
    },
  );
});
