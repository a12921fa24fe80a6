import { utimesSync } from "node:fs";
import { join } from "node:path";
import { findTestPython } from "./test-python.ts";
import { writeFiles } from "./toy-project.ts";

/** Everything that an edit may change in one cell of the project: each a choice of three. */
export const KNOBS = [
  ...[
    "constant",
    "helper",
    "table",
    "argument",
    "attribute",
    "partial",
    "decorator",
    "raw",
    "param",
    "nested",
    "indent",
  ],
  ...["script", "word", "variable"],
  // These change no result.
  ...["unused", "comment", "docstring", "spacing", "spare", "touched"],
] as const;

export type Knob = (typeof KNOBS)[number];
/** How one cell is: a pipeline of three nodes in two runs, and a command, which nothing else shares. */
export type Cell = Readonly<Record<Knob, number>>;

export const FIRST_CELL = Object.fromEntries(KNOBS.map((knob) => [knob, 0])) as Cell;

/** Writes the project and the workflow as the cells are; returns the workflow file. */
export function writeEdited(folder: string, cells: readonly Cell[]): string {
  const project = join(folder, "project");
  writeFiles(project, {
    "pyproject.toml": PYPROJECT,
    "src/cells/__init__.py": "",
    "src/cells/settings.py": "",
    "src/cells/pipeline_registry.py": writeRegistry(cells.length),
    "conf/base/catalog.yml": cells.map(writeCatalog).join(""),
    "conf/base/parameters.yml": cells.map(writeParameters).join(""),
    "conf/local/.gitkeep": "",
  });
  for (const [at, cell] of cells.entries()) {
    writeFiles(project, {
      [`src/cells/nodes_${at}.py`]: writeNodes(at, cell),
      [`src/cells/helpers_${at}.py`]: writeHelpers(cell),
    });
    writeFiles(folder, { [`project/data/raw_${at}.txt`]: `raw ${cell.raw}\n`, [`script_${at}.sh`]: writeScript(cell) });
    const time = 1_700_000_000 + cell.touched * 1_000 + cell.raw;
    utimesSync(join(project, `data/raw_${at}.txt`), time, time);
  }
  writeFiles(folder, { "workflow.json": JSON.stringify(describeWorkflow(cells)) });
  return join(folder, "workflow.json");
}

const PYPROJECT = `[tool.kedro]
package_name = "cells"
project_name = "cells"
kedro_init_version = "1.4.0"
source_dir = "src"
`;

function writeRegistry(count: number): string {
  const cells = Array.from({ length: count }, (_, at) => at);
  const imports = cells.map((at) => `from . import nodes_${at}`).join("\n");
  const pipelines = cells.map((at) => `        **nodes_${at}.pipelines(),`).join("\n");
  return `${imports}\n\ndef register_pipelines():\n    return {\n${pipelines}\n    }\n`;
}

function writeNodes(at: number, cell: Cell): string {
  const gap = "\n".repeat(1 + cell.spacing);
  return `from functools import partial
${gap}from kedro.pipeline import Pipeline, node
from . import helpers_${at} as helpers
from .helpers_${at} import shared
${"# a comment\n".repeat(cell.comment)}
CONSTANT = ${cell.constant}
TABLE = {"key": [${cell.table}]}

def clean(raw, given=${cell.argument}):
    """${"Words. ".repeat(cell.docstring)}Cleans."""
    return {"raw": raw.strip(), "constant": CONSTANT, "given": given}
${gap}
@helpers.decorated
def fit(table, param, nested):
    kind = helpers.Kind()
    return {**table, "table": TABLE["key"], "param": param, "nested": nested, "kind": kind.attribute, "shared": shared()}

def tell(prefix, model):
    return f"{prefix}{sorted(model.items())}"

def unused():
    return ${cell.unused}

def pipelines():
    prep = Pipeline([node(clean, "raw_${at}", "table_${at}", name="clean_${at}")])
    train = Pipeline([
        node(fit, ["table_${at}", "params:param_${at}", "params:options_${at}.nested"], "model_${at}", name="fit_${at}"),
        node(partial(tell, "${cell.partial}"), "model_${at}", "told_${at}", name="tell_${at}"),
    ])
    return {"prep_${at}": prep, "train_${at}": train}
`;
}

function writeHelpers(cell: Cell): string {
  return `def deep():
    return ${cell.helper}

def shared():
    return deep()

class Kind:
    attribute = ${cell.attribute}

def decorated(function):
    def wrapper(*values):
        return {**function(*values), "decorator": ${cell.decorator}}
    return wrapper
`;
}

function writeCatalog(cell: Cell, at: number): string {
  return `raw_${at}: { type: text.TextDataset, filepath: data/raw_${at}.txt }
table_${at}: { type: json.JSONDataset, filepath: data/table_${at}.json, save_args: { indent: ${cell.indent} } }
model_${at}: { type: pickle.PickleDataset, filepath: data/model_${at}.pkl }
told_${at}: { type: text.TextDataset, filepath: data/told_${at}.txt }
`;
}

function writeParameters(cell: Cell, at: number): string {
  return `param_${at}: ${cell.param}\nspare_${at}: ${cell.spare}\noptions_${at}: { nested: ${cell.nested}, spare: ${cell.spare} }\n`;
}

function writeScript(cell: Cell): string {
  return `cat "$1" >"$2"; echo "${cell.script} $3 $VARIABLE" >>"$2"\n`;
}

function describeWorkflow(cells: readonly Cell[]): object {
  const runs = cells.flatMap((cell, at) => [
    [`prep_${at}`, { pipeline: `prep_${at}`, outputs: [`table_${at}`] }],
    [
      `train_${at}`,
      { pipeline: `train_${at}`, consumes: { [`table_${at}`]: `prep_${at}` }, outputs: [`model_${at}`, `told_${at}`] },
    ],
    [
      `page_${at}`,
      {
        command: ["sh", `script_${at}.sh`, `\${inputs.told_${at}.path}`, "${outputs.page.path}", `word ${cell.word}`],
        environment: { VARIABLE: String(cell.variable) },
        consumes: { [`told_${at}`]: `train_${at}` },
        outputs: ["page"],
      },
    ],
  ]);
  return { name: "edited", project: "project", python: findTestPython(), runs: Object.fromEntries(runs) };
}
