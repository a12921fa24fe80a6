import { renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkState } from "../../../src/compose/doctor/check-state.ts";
import { inFolder } from "../../../src/compose/locate-state.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { History } from "../../suites/history.ts";

/** Opens the registry as a command does that writes. */
function write(project: string, work: (history: History) => void = () => {}): void {
  const registry = openSqliteRegistry(inFolder(join(project, ".runweave")).registry);
  work(new History((events) => registry.append(events)));
  registry.close();
}

const check = (project: string) =>
  checkState(inFolder(join(project, ".runweave")), 0).filter(({ what }) => what === "renamed");

test("a renamed project is told where its data are on record, until that path leads to it again", () => {
  const folder = makeTemporaryFolder();
  const [before, now, later] = ["before", "now", "later"].map((name) => join(folder, name)) as [string, string, string];
  write(before, (history) => void history.startSession());
  expect(check(before)).toEqual([]);
  renameSync(before, now);
  const told = (project: string) => [
    {
      what: "renamed",
      level: "warn",
      ok: true,
      detail: `data are on record below ${before}, which is not there: ${project} was renamed, and they are not found`,
      hint: `rename it back, or make a link: \`ln -s ${project} ${before}\``,
    },
  ];
  expect(check(now)).toEqual(told(now));
  write(now);
  expect(check(now)).toEqual(told(now));
  // Nothing was recorded at the path between.
  renameSync(now, later);
  write(later);
  expect(check(later)).toEqual(told(later));
  symlinkSync(later, before);
  expect(check(later)).toEqual([]);
});
