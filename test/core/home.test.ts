import { expect, test } from "vitest";
import { type FolderIdentity, judgeHome, listMoves } from "../../src/core/home.ts";

const at = (path: string, inode: string, device = "1"): FolderIdentity => ({ path, device, inode });

test.each<
  [what: string, last: FolderIdentity | undefined, now: FolderIdentity, others: FolderIdentity[], change: string]
>([
  ["a registry without a place", undefined, at("/a", "1"), [], "made"],
  ["the same folder at its path", at("/a", "1"), at("/a", "1"), [], "none"],
  ["another folder at the path, as after a restore", at("/a", "1"), at("/a", "2"), [], "replaced"],
  ["the same folder under a new name", at("/a", "1"), at("/b", "1"), [], "renamed"],
  ["the same folder under a second path", at("/a", "1"), at("/b", "1"), [at("/a", "1")], "none"],
  ["a renamed folder whose old path has another one", at("/a", "1"), at("/b", "1"), [at("/a", "2")], "renamed"],
  ["another folder at another path", at("/a", "1"), at("/b", "2"), [at("/a", "1")], "copied"],
  ["another folder, to which the old path leads", at("/a", "1"), at("/b", "2"), [at("/a", "2")], "renamed"],
  ["another folder, and nothing at the old path", at("/a", "1"), at("/b", "2"), [], "copied"],
  ["a folder of another disk with the same number", at("/a", "1"), at("/b", "1", "2"), [], "copied"],
])("%s", (_, last, now, others, change) => {
  expect(judgeHome(last, now, (path) => others.find((each) => each.path === path) ?? null)).toBe(change);
});

const OF_A = { from: "/a/.runweave", to: "/b/.runweave" };
const PROJECT = { from: "/a", to: "/b" };
const AWAY = { from: "/state", to: "/b/.runweave" };

test.each<[what: string, formers: string[], now: string, moves: object[][]]>([
  ["a project that was renamed", ["/a/.runweave"], "/b/.runweave", [[OF_A, PROJECT]]],
  ["a state folder that was moved alone", ["/a/.runweave"], "/state", [[{ from: "/a/.runweave", to: "/state" }]]],
  ["one that was moved alone before it came into a project", ["/state"], "/b/.runweave", [[AWAY]]],
  ["one that was alone on its way", ["/a/.runweave", "/state"], "/b/.runweave", [[OF_A], [AWAY]]],
])("%s takes along what is its own", (_, formers, now, moves) => {
  expect(listMoves(formers, now)).toEqual(moves);
});
