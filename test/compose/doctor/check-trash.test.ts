import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { finish, makeState, STRANGE } from "../../rig/checked-state.ts";

describe("the trash", () => {
  test("how much it holds, and nothing else where it is whole", async () => {
    const world = makeState();
    finish(world);
    await world.discard();
    expect(world.check()).toEqual([{ what: "trash", level: "ok", detail: "1 entry, 1 B", hint: null }]);
  });

  test.each<[name: string, spoil: (entry: string, trash: string) => void, detail: string]>([
    ["a manifest that is empty", (entry) => writeFileSync(join(entry, "manifest.json"), ""), "it is not a manifest"],
    ["a manifest that is cut", (entry) => cutFile(join(entry, "manifest.json")), "it is not a manifest"],
    ["a manifest of another entry", (entry) => renameSync(entry, `${entry}0`), "it is of"],
    [
      "a folder in a manifest's place",
      (entry) => replace(join(entry, "manifest.json"), mkdirSync),
      "it is not a regular file",
    ],
    [
      "a link in an item's place",
      (entry) => replace(join(entry, "items/0"), (path) => symlinkSync("/etc", path)),
      "is not the folder",
    ],
    ["an entry that is a link", (entry, trash) => symlinkSync(entry, join(trash, "gc-link")), "is not a folder"],
    ["a file that is no entry", (_, trash) => writeFileSync(join(trash, "notes"), "x"), "has no name of ours"],
    ["a copy that was cut off", (entry) => writeFileSync(join(entry, "0.in"), ""), "is half moved"],
    ["an entry that was cut off before its move", (entry) => putBack(entry), "is half moved"],
    ["an entry of another registry", (entry, trash) => forge(entry, trash), "the registry does not know 1 entry"],
    [
      "bytes of what was emptied",
      (_, trash) => mkdirSync(join(trash, ".gone-x")),
      "1 that was emptied still has bytes",
    ],
  ])("tells of %s, with what to do", async (_, spoil, detail) => {
    const world = makeState();
    finish(world);
    const entry = await world.discard();
    spoil(entry, world.state.trash);
    const found = world.check().filter(({ level }) => level !== "ok");
    expect(found).toEqual([
      { what: "trash", level: "warn", detail: expect.stringContaining(detail), hint: expect.stringMatching(/\w/) },
    ]);
  });

  test("that is no folder", () => {
    const world = makeState();
    finish(world);
    writeFileSync(world.state.trash, "");
    expect(world.check()).toMatchObject([{ level: "fail", detail: `${world.state.trash} is no folder` }]);
  });
});

function cutFile(path: string): void {
  writeFileSync(path, readFileSync(path, "utf8").slice(0, 40));
}

function replace(path: string, put: (path: string) => void): void {
  rmSync(path, { recursive: true });
  put(path);
}

function putBack(entry: string): void {
  const { items } = JSON.parse(readFileSync(join(entry, "manifest.json"), "utf8"));
  renameSync(join(entry, "items/0"), items[0].original);
}

/** As after an older registry was put back. */
function forge(entry: string, trash: string): void {
  const text = readFileSync(join(entry, "manifest.json"), "utf8");
  const { run_id } = JSON.parse(text);
  const other = join(trash, `gc-${STRANGE}`);
  mkdirSync(join(other, "items/0"), { recursive: true });
  writeFileSync(join(other, "manifest.json"), text.replaceAll(run_id, STRANGE));
}
