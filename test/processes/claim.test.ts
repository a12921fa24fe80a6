import { readdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { claimPath, readClaim, writeClaim } from "../../src/processes/claim.ts";
import { identifyProcess } from "../../src/processes/identity.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const me = identifyProcess(process.pid);

test("the first to claim has it, and stays the owner", () => {
  const folder = makeTemporaryFolder();
  expect(writeClaim(folder, me)).toBe(true);
  expect(writeClaim(folder, { ...me, pid: 4 })).toBe(false);
  expect(readClaim(folder)).toEqual({ owner: me, isGivenUp: false });
  expect(readdirSync(folder)).toEqual(["claim"]);
});

test("nobody has claimed an empty folder", () => {
  expect(readClaim(makeTemporaryFolder())).toBeNull();
});

test.each(["", "{", '{"pid":1}', "[]"])("a claim that reads %j is a claim by someone unknown", (content) => {
  const folder = makeTemporaryFolder();
  writeFileSync(claimPath(folder), content);
  expect(readClaim(folder)).toEqual({ owner: null, isGivenUp: false });
  expect(writeClaim(folder, me)).toBe(false);
});
