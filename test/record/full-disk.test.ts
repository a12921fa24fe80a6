import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { RegistryError } from "../../src/core/error/registry-error.ts";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { fillDisk, mountSmallDisk } from "../chaos/real/small-disk.ts";
import { makeScratchFolder } from "./scratch.ts";

it("a registry that is made while the disk is full is there whole, or not at all", ({ skip }) => {
  const disk = mountSmallDisk(join(makeScratchFolder(), "disk"), 2_000_000);
  if (disk === null) return skip("only root may mount a tmpfs");
  try {
    const seen = new Set<string>();
    for (let left = 0; left < 700_000; left += 20_000) {
      fillDisk(disk, left);
      seen.add(makeRegistry(disk.folder));
      rmSync(join(disk.folder, "ballast"));
      openSqliteRegistry(join(disk.folder, "registry.sqlite")).close();
      rmSync(join(disk.folder, "registry.sqlite"));
    }
    expect([...seen].sort()).toEqual(["made", "refused"]);
  } finally {
    disk.remove();
  }
});

it("a registry that can't be read, as nothing has room beside it, is told as a full disk", ({ skip }) => {
  const disk = mountSmallDisk(join(makeScratchFolder(), "disk"), 2_000_000);
  if (disk === null) return skip("only root may mount a tmpfs");
  try {
    const path = join(disk.folder, "registry.sqlite");
    openSqliteRegistry(path).close();
    fillDisk(disk, 0);
    const read = () => openSqliteRegistry(path, { readOnly: true }).findSession("latest");
    expect(read).toThrow(expect.objectContaining({ code: "registry-full" }));
  } finally {
    disk.remove();
  }
});

function makeRegistry(folder: string): "made" | "refused" {
  try {
    openSqliteRegistry(join(folder, "registry.sqlite")).close();
    return "made";
  } catch (error) {
    expect(error).toBeInstanceOf(RegistryError);
    return "refused";
  }
}
