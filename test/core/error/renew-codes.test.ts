import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renewCodes } from "../../../src/core/error/renew-codes.ts";
import type { ExceptionRecord } from "../../../src/core/run.ts";
import { PAGES } from "../../rig/page-blocks.ts";

const ROOT = join(import.meta.dirname, "../../..");
const CAPITALS = /["'`]([A-Z]{2,}(?:_[A-Z]+)+)(?![A-Z_])/g;
/** Names in capitals that are no codes: variables of the environment, and codes of SQLite, Node and the YAML library. */
const OTHER_NAMES =
  /^(?:RUNWEAVE|KEDRO|ERR|SQLITE|SSH|TERM|XDG|DBUS|VTE|TMUX)_|^(?:VIRTUAL_ENV|DISABLE_HOOKS_FOR_PLUGINS|CONDA_PREFIX|UV_PROJECT_ENVIRONMENT|DO_NOT_TRACK|NO_COLOR|FORCE_COLOR|CUDA_VISIBLE_DEVICES|BAD_INDENT|BLOCK_AS_IMPLICIT_KEY|MULTILINE_IMPLICIT_KEY|TAB_AS_INDENT|TAG_RESOLVE_FAILED|PF_KTHREAD|PF_EXITING|PR_SET_PDEATHSIG|READ_BYTES|EXIT_PATIENCE_S|NODE_COMPILE_CACHE|INIT_CWD|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_EXEC_PID|TYPE_CHECKING)$/;
const FORMER_KEDRO_CODE = /^KEDRO_(?:MISSING|TOO_OLD)$/;

function listCapitals(text: string): string[] {
  const names = Array.from(text.matchAll(CAPITALS), ([, name = ""]) => name);
  return names.filter((name) => FORMER_KEDRO_CODE.test(name) || !OTHER_NAMES.test(name));
}

function fail(type: string, message: string, cause: ExceptionRecord | null = null): ExceptionRecord {
  return { type, message, node: null, traceback: null, cause };
}

describe("a code", () => {
  it("is in small letters in the source and on the pages", () => {
    const sources = globSync("src/**/*.{ts,py}", { cwd: ROOT }).filter(
      (file) => !file.endsWith("core/error/renew-codes.ts"),
    );
    const pages = PAGES.filter((page) => page !== "CHANGELOG.md");
    const found = [...sources, ...pages].flatMap((file) => {
      return listCapitals(readFileSync(join(ROOT, file), "utf8")).map((name) => `${file}: ${name}`);
    });
    expect(found).toEqual([]);
  });
});

describe("what an older version recorded", () => {
  it.each([
    ["EnvironmentError", "KEDRO_MISSING: no Kedro", "kedro-missing: no Kedro"],
    ["ProjectError", "UNKNOWN_PIPELINE: there is none", "unknown-pipeline: there is none"],
    ["SettleError", "CATALOG: one (hint)\nINPUT_CHANGED: two", "catalog: one (hint)\ninput-changed: two"],
    ["SettleError", "the code CATALOG: is not at the beginning", "the code CATALOG: is not at the beginning"],
    ["ProjectError", "KEDRO_ENV: is no code", "KEDRO_ENV: is no code"],
    ["ValueError", "CATALOG: words of the user's own", "CATALOG: words of the user's own"],
  ])("of %s, %j, reads %j", (type, message, renewed) => {
    expect(renewCodes(fail(type, message)).message).toBe(renewed);
    expect(renewCodes(fail("ValueError", "outer", fail(type, message))).cause?.message).toBe(renewed);
  });
});
