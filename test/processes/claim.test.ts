import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claimPath, giveUpAttempt, readClaim, readOwner, writeClaim } from "../../src/processes/claim.ts";
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
  expect(readOwner(makeTemporaryFolder())).toBeNull();
});

test("the owner is who began the attempt: not who gave it up, nor a pid that any process may have", () => {
  const [begun, givenUp, foreign] = [makeTemporaryFolder(), makeTemporaryFolder(), makeTemporaryFolder()];
  writeClaim(begun, me);
  expect(readOwner(begun)).toEqual(me);
  expect(giveUpAttempt(givenUp)).toBe(true);
  expect(readClaim(givenUp)).toEqual({ owner: me, isGivenUp: true });
  expect(readOwner(givenUp)).toBeNull();
  writeFileSync(claimPath(foreign), JSON.stringify({ pid: process.pid }));
  expect(readOwner(foreign)).toBeNull();
});

test("an attempt is given up though its folder is gone, or a file stands there", () => {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, "file"), "");
  for (const name of ["missing", "file"]) {
    expect(giveUpAttempt(join(folder, name))).toBe(true);
    expect(giveUpAttempt(join(folder, name))).toBe(false);
  }
});

test.each(["", "{", '{"pid":1}', "[]"])("a claim that reads %j is a claim by someone unknown", (content) => {
  const folder = makeTemporaryFolder();
  writeFileSync(claimPath(folder), content);
  expect(readClaim(folder)).toEqual({ owner: null, isGivenUp: false });
  expect(writeClaim(folder, me)).toBe(false);
});
