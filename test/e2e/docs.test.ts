import { execFile } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { runCli, runEvents } from "../rig/cli.ts";
import { listBlocks, PAGES, type PageBlock, readPage } from "../rig/page-blocks.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The project that the pages speak of: the datasets between its pipelines are neither versioned nor all in the catalog. */
const PROJECT = {
  pipelines: `
def tabulate(): return {"rows": 3}
def train(table, options): return {"r2": table["rows"] / (options["random_state"] + 1)}
def compare(a, b): return {"a": a["r2"], "b": b["r2"]}

def register_pipelines():
    processing = Pipeline([node(tabulate, None, "model_input_table")])
    science = Pipeline([node(train, ["model_input_table", "params:model_options"], "metrics")])
    reporting = Pipeline([node(compare, ["metrics_a", "metrics_b"], "report_table")])
    return {"data_processing": processing, "data_science": science, "reporting": reporting, "__default__": processing}
`,
  catalog: `
model_input_table: { type: json.JSONDataset, filepath: data/model_input_table.json }
report_table: { type: json.JSONDataset, filepath: data/report_table.json }
`,
  parameters: "model_options: { random_state: 0 }\n",
};

/** The fenced blocks of all pages in a language; those that are files of the tutorial are run by its own test. */
function listExamples(language: string): PageBlock[] {
  return PAGES.flatMap((page) => listBlocks(page)).filter(
    (block) => block.language === language && block.file === null,
  );
}

describe("the examples of README and docs", () => {
  const folder = makeSuiteFolder();
  beforeAll(() => {
    writeToyProject({ folder: join(folder, "project"), ...PROJECT });
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(inject("packageFolder"), join(folder, "node_modules/runweave"));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    for (const { text } of listExamples("ts")) {
      const [, name] = /^\/\/ (\S+\.ts)\n/.exec(text) ?? [];
      if (name !== undefined) writeFileSync(join(folder, name), text);
    }
  });
  const environment = () => ({ ...process.env, VIRTUAL_ENV: join(findTestPython(), "../..") });

  it.each(listExamples("yaml").filter(({ text }) => text.startsWith("name:")))(
    "run: the workflow in $page",
    async ({ text }) => {
      writeFileSync(join(folder, "workflow.yaml"), text);
      const { exitCode, stderr, events } = await runEvents("workflow.yaml", { cwd: folder, env: environment() });
      expect(stderr).toBe("");
      expect(exitCode).toBe(0);
      expect(events.at(-1)).toMatchObject({ type: "session.finished", status: "success" });
    },
  );

  it.each(listExamples("ts"))("run: the script in $page", async ({ text }) => {
    writeFileSync(join(folder, "script.ts"), text);
    const options = { cwd: folder, env: environment() };
    const { stderr } = await promisify(execFile)(process.execPath, ["script.ts"], options);
    expect(stderr).toBe("");
  });

  it("name commands that there are", async () => {
    const { stdout } = await runCli(["--help"]);
    const commands = new Set([...stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name));
    for (const page of PAGES) {
      const named = [...readPage(page).matchAll(/`runweave ([a-z][a-z-]*)/g)].map(([, name]) => name);
      expect([page, named.filter((name) => !commands.has(name))]).toEqual([page, []]);
    }
  });

  it("link only to pages and headings that there are", () => {
    for (const page of PAGES) {
      for (const [, path = "", anchor] of readPage(page).matchAll(/\]\(([^)#:]*)(?:#([^)]+))?\)/g)) {
        const target = path === "" ? page : join(page, "..", path);
        expect([page, target, existsSync(join(ROOT, target))]).toEqual([page, target, true]);
        if (anchor !== undefined)
          expect([page, target, listAnchors(target)]).toEqual([page, target, expect.arrayContaining([anchor])]);
      }
    }
  });
});

/** The anchors of a page's headings, as GitHub makes them. */
function listAnchors(page: string): string[] {
  const headings = readPage(page).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, text = ""]) =>
    text
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}
