import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addAnchor, readAnchors } from "../../../src/compose/anchor/anchor-places.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const envelope = { payloadType: "text", payload: "", signatures: [] };

function makePlace() {
  const folder = makeTemporaryFolder();
  return { folder, place: join(folder, "runweave-anchors.jsonl"), state: { root: join(folder, ".runweave") } };
}

test("anchors are lines of a file, in their order", async () => {
  const { place, state } = makePlace();
  for (const payload of ["a", "b"]) await addAnchor(place, { ...envelope, payload }, state);
  expect(await readAnchors(place, state)).toMatchObject([{ payload: "a" }, { payload: "b" }]);
});

test.each(["kept.txt", "new.txt"])("a link to %s is not followed", async (name) => {
  const { folder, place, state } = makePlace();
  writeFileSync(join(folder, "kept.txt"), "mine");
  symlinkSync(name, place);
  await expect(addAnchor(place, envelope, state)).rejects.toMatchObject({ code: "anchor-unusable" });
  expect(readFileSync(join(folder, "kept.txt"), "utf8")).toBe("mine");
  expect(existsSync(join(folder, "new.txt"))).toBe(false);
});

test("a pipe is not waited for", async () => {
  const { place, state } = makePlace();
  execFileSync("mkfifo", [place]);
  await expect(addAnchor(place, envelope, state)).rejects.toMatchObject({ code: "anchor-unusable" });
});
