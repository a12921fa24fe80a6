import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { removeTree } from "../../../src/versions/tree/remove-tree.ts";
import {
  evaluateAsOrdinary,
  giveToOrdinary,
  isRoot,
  makeOrdinaryFolder,
  shellAsOrdinary,
} from "../../rig/ordinary-user.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

function remove(path: string): unknown {
  return evaluateAsOrdinary("versions/tree/remove-tree.ts", `own.removeTree(${JSON.stringify(path)})`);
}

const DEEPER = `
import os, sys
for at in range(60):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
open("file", "w").close()
os.chmod(".", 0o500)
`;

describe("removing a tree", () => {
  it("nothing is there: nothing happens", async () => {
    await removeTree(join(makeTemporaryFolder(), "absent"));
  });

  it.each([0o500, 0o300, 0o000])("folders in it that their owner closed (mode %o) are opened", (mode) => {
    const folder = makeOrdinaryFolder();
    const bits = mode.toString(8);
    shellAsOrdinary(
      folder,
      `mkdir -p tree/a/b tree/c; touch tree/a/b/f tree/a/g tree/c/h; chmod ${bits} tree/a/b tree/a tree`,
    );
    expect(remove(join(folder, "tree"))).toBe(null);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("no link is followed, to open a folder neither", () => {
    const folder = makeOrdinaryFolder();
    shellAsOrdinary(
      folder,
      "mkdir -p outside tree/closed; touch outside/f tree/closed/f; ln -s ../../outside tree/closed/link; chmod 500 outside tree/closed",
    );
    expect(remove(join(folder, "tree"))).toBe(null);
    expect(readdirSync(folder)).toEqual(["outside"]);
    expect([statSync(join(folder, "outside")).mode & 0o777, readdirSync(join(folder, "outside"))]).toEqual([
      0o500,
      ["f"],
    ]);
    chmodSync(join(folder, "outside"), 0o700);
  });

  it("names in a closed folder need not be text", () => {
    const folder = makeOrdinaryFolder();
    shellAsOrdinary(folder, "mkdir -p tree/closed; touch \"tree/closed/$(printf 'a\\377')\"; chmod 500 tree/closed");
    expect(remove(join(folder, "tree"))).toBe(null);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("paths in it may be longer than the system takes", () => {
    const folder = makeOrdinaryFolder();
    writeFileSync(join(folder, "deeper.py"), DEEPER);
    shellAsOrdinary(folder, "mkdir tree; cd tree; python3 ../deeper.py");
    expect(remove(join(folder, "tree"))).toBe(null);
    expect(readdirSync(folder)).toEqual(["deeper.py"]);
  });

  it.runIf(isRoot)("what belongs to another user stays, is named with the reason, and all the rest goes", () => {
    const folder = makeOrdinaryFolder();
    const tree = join(folder, "tree");
    shellAsOrdinary(folder, "mkdir -p tree/a tree/z; touch tree/a/f tree/z/f; chmod 500 tree/a tree/z");
    mkdirSync(join(tree, "foreign"));
    writeFileSync(join(tree, "foreign", "file"), "x");
    const file = join(tree, "foreign", "file");
    expect(remove(tree)).toBe(`${file} can't be removed: ${join(tree, "foreign")} belongs to user 0`);
    expect(readdirSync(tree)).toEqual(["foreign"]);
    expect(existsSync(file)).toBe(true);
    giveToOrdinary(join(tree, "foreign"));
    expect(remove(tree)).toBe(null);
  });

  it("a link to a folder is removed, and not what it leads to", async () => {
    const folder = makeTemporaryFolder();
    mkdirSync(join(folder, "kept", "in"), { recursive: true });
    symlinkSync(join(folder, "kept"), join(folder, "link"));
    await removeTree(join(folder, "link"));
    expect(readdirSync(folder, { recursive: true })).toEqual(["kept", "kept/in"]);
  });
});
