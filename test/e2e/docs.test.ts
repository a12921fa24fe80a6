import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { runCli, runEvents } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { findTestPython } from "../rig/test-python.ts";
import { writeToyProject } from "../rig/toy-project.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGES = ["README.md", ...readdirSync(join(ROOT, "docs")).map((page) => `docs/${page}`)];

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

interface Example {
  page: string;
  language: string;
  text: string;
}

/** The fenced blocks of all pages in a language. */
function listExamples(language: string): Example[] {
  return PAGES.flatMap((page) => {
    const blocks = readFileSync(join(ROOT, page), "utf8").matchAll(/^```(\w+)\n(.*?)^```$/gms);
    return [...blocks].flatMap(([, tag, text = ""]) => (tag === language ? [{ page, language, text }] : []));
  });
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
    const named = readFileSync(join(ROOT, "README.md"), "utf8").matchAll(/`runweave ([a-z]+)/g);
    for (const [, command] of named) expect(stdout).toContain(`\n  ${command} `);
  });

  it("link only to pages that there are", () => {
    for (const page of PAGES) {
      const links = readFileSync(join(ROOT, page), "utf8").matchAll(/\]\(([^)#:]+)\)/g);
      for (const [, link = ""] of links)
        expect([page, link, existsSync(join(ROOT, page, "..", link))]).toEqual([page, link, true]);
    }
  });
});
