import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** What an edit may change, each a choice of three: 0 is as the project begins. */
export const PROBE_KNOBS = [
  ...["parameter", "nested", "typed", "catalogPath", "catalogType", "factory", "versioned", "globals", "credentials"],
  ...["localParameters", "prodParameters", "localCatalog", "extraFile", "subfolder", "jsonParameters", "linked"],
  ...["node", "constant", "helper", "pipelineAdded", "pipelineBroken", "datasetClass", "hook", "settings", "pyproject"],
  ...["library", "shadowInRoot", "shadowInSource", "shadowPackage", "installed", "logging"],
  ...["resolverTable", "resolverFlag", "resolverTime", "variable", "terminal", "dataLink"],
  ...["refusal", "added"],
  // These are no reason to ask again.
  ...["version", "dataFile", "byteCode", "otherFile"],
] as const;

export type ProbeKnob = (typeof PROBE_KNOBS)[number];
export type ProbeState = Readonly<Record<ProbeKnob, number>>;
/** How a file is changed. */
export type EditStyle = "write" | "replace" | "sameTimes";

export const FIRST_PROBE_STATE = Object.fromEntries(PROBE_KNOBS.map((knob) => [knob, 0])) as ProbeState;

const BYTE_CODE = ["libs", "project/src/probed", "project/src/probed/pipelines/main"].map((of) => `${of}/__pycache__`);

/** Makes the project in `folder/project` what a state says, touching only what differs; gives the worker's variables. */
export function writeProbed(folder: string, state: ProbeState, style: EditStyle): Record<string, string> {
  for (const [path, text] of Object.entries(listFiles(state))) {
    if (text === null) rmSync(join(folder, path), { recursive: true, force: true });
    else writeStyled(join(folder, path), text, style);
  }
  link(join(folder, "project/conf/base/parameters_linked.yml"), join(folder, `shared/linked_${state.linked}.yml`));
  mkdirSync(join(folder, `stores/${state.dataLink}`), { recursive: true });
  link(join(folder, "project/linked_data"), join(folder, `stores/${state.dataLink}`));
  if (state.byteCode > 0) for (const place of BYTE_CODE) rmSync(join(folder, place), { recursive: true, force: true });
  const time = 1_700_000_000 + state.resolverTime * 1_000;
  const stamp = join(folder, "project/stamp.txt");
  if (statSync(stamp).mtimeMs !== time * 1_000) utimesSync(stamp, time, time);
  return {
    PYTHONPATH: join(folder, "libs"),
    PYTHONDONTWRITEBYTECODE: "",
    GREETING: `hello ${state.variable}`,
    SHLVL: String(1 + state.terminal),
    COLUMNS: String(80 + state.terminal),
  };
}

function writeStyled(path: string, text: string, style: EditStyle): void {
  mkdirSync(dirname(path), { recursive: true });
  const before = existsSync(path) ? statSync(path) : null;
  if (before !== null && readFileSync(path, "utf8") === text) return;
  if (style !== "replace") writeFileSync(path, text);
  else {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }
  if (style === "sameTimes" && before !== null) utimesSync(path, before.atime, before.mtime);
}

function link(path: string, target: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined && readlinkSync(path) === target) return;
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

const when = <T>(is: boolean | number, text: T): T | null => (is ? text : null);

/** Every file by its path; null for one that is not there. Values have one digit each, so that sizes stay equal. */
function listFiles(s: ProbeState): Record<string, string | null> {
  return {
    "project/pyproject.toml": `[tool.kedro]
package_name = "probed"
project_name = "probed ${s.pyproject}"
kedro_init_version = "1.4.0"
source_dir = "src"
`,
    "project/src/probed/__init__.py": "",
    "project/src/probed/settings.py": writeSettings(s),
    "project/src/probed/hooks.py": `import pathlib
from kedro.framework.hooks import hook_impl
from kedro_datasets.text import TextDataset

ADDED = pathlib.Path(__file__).parents[2] / "added.txt"

class Hooks:
    kind = ${s.hook}

    @hook_impl
    def after_context_created(self, context):
        self.kind

    @hook_impl
    def after_catalog_created(self, catalog):
        catalog["added"] = TextDataset(filepath=ADDED.read_text())
`,
    "project/added.txt": `data/added_${s.added}.txt`,
    "project/refuse.txt": when(s.refusal, "refuse"),
    "project/src/probed/resolvers.py": RESOLVERS,
    "project/src/probed/datasets.py": `import pathlib
from kedro_datasets.text import TextDataset

REFUSE = pathlib.Path(__file__).parents[2] / "refuse.txt"

class Own(TextDataset):
    manner = ${s.datasetClass}

    def __init__(self, *values, **named):
        if REFUSE.exists():
            raise ValueError("it refuses")
        super().__init__(*values, **named)
`,
    "project/src/probed/helpers.py": `def shared():\n    return ${s.helper}\n`,
    "project/src/probed/pipeline_registry.py": `from kedro.framework.project import find_pipelines

def register_pipelines():
    pipelines = find_pipelines()
    pipelines["__default__"] = sum(pipelines.values())
    return pipelines
`,
    "project/src/probed/pipelines/__init__.py": "",
    "project/src/probed/pipelines/main/__init__.py": "from .pipeline import create_pipeline\n",
    "project/src/probed/pipelines/main/nodes.py": `import tables
from probed.helpers import shared

CONSTANT = ${s.constant}

def first(raw, kept, added, parameter, nested, greeting):
    return f"{raw}{kept}{parameter}{nested}{CONSTANT}{shared()}{tables.TABLE}{greeting}"

def second(table):
    return table
`,
    "project/src/probed/pipelines/main/pipeline.py": `from kedro.pipeline import Pipeline, node
from .nodes import first, second
import tables

def create_pipeline():
    values = ["raw", "kept", "added", "params:parameter", "params:options.nested", "params:greeting"]
    return Pipeline([
        node(first, values, "table", name="first_${s.node}"),
        node(second, "table", "made_by_factory", name=f"second_{tables.TABLE}"),
    ])
`,
    "project/src/probed/pipelines/more/__init__.py": when(s.pipelineAdded, "from .pipeline import create_pipeline\n"),
    "project/src/probed/pipelines/more/pipeline.py": when(
      s.pipelineAdded,
      `from kedro.pipeline import Pipeline, node
from probed.pipelines.main.nodes import second
${s.pipelineBroken > 0 && s.pipelineAdded > 1 ? "import there_is_no_such_module\n" : ""}
def create_pipeline():
    return Pipeline([node(second, "table", "more_${s.pipelineAdded}", name="more")])
`,
    ),
    "libs/tables.py": `TABLE = "library_${s.library}"\n`,
    "libs/other-1.0.dist-info/METADATA": when(s.installed, "Name: other\n"),
    "project/tables.py": when(s.shadowInRoot, `TABLE = "root_${s.shadowInRoot}"\n`),
    "project/src/tables.py": when(s.shadowInSource, `TABLE = "source_${s.shadowInSource}"\n`),
    "libs/tables/__init__.py": when(s.shadowPackage, `TABLE = "package_${s.shadowPackage}"\n`),
    "project/conf/logging.yml": when(s.logging, "version: 1\ndisable_existing_loggers: false\n"),
    "project/conf/base/catalog.yml": writeCatalog(s),
    "project/conf/base/parameters.yml": writeParameters(s),
    "project/conf/base/globals.yml": `folder: data${s.globals}\n`,
    "project/conf/base/credentials.yml": `login: { password: secret${s.credentials} }\n`,
    "project/conf/base/parameters_extra.yml": when(s.extraFile, `extra: ${s.extraFile}\n`),
    "project/conf/base/parameters/deep.yml": when(s.subfolder, `deep: ${s.subfolder}\n`),
    "project/conf/base/parameters_more.json": when(s.jsonParameters, `{"more": ${s.jsonParameters}}`),
    "project/conf/local/.gitkeep": "",
    "project/conf/local/parameters.yml": when(s.localParameters, `parameter: ${6 + s.localParameters}\n`),
    "project/conf/local/catalog.yml": when(
      s.localCatalog,
      `raw: { type: text.TextDataset, filepath: data/local_${s.localCatalog}.txt }\n`,
    ),
    "project/conf/prod/parameters.yml": `parameter: prod_${s.prodParameters}\n`,
    "project/conf/table.txt": `${s.resolverTable}`,
    "project/conf/flag.txt": when(s.resolverFlag, "flag"),
    "project/stamp.txt": "stamp",
    "project/notes.txt": `${s.otherFile}`,
    "project/data/raw_0.txt": when(s.dataFile, `${s.dataFile}`),
    "project/data/kept/kept.json/2024-01-02T00.00.00.000Z/kept.json": when(s.version, "1"),
    "project/data/kept/kept.json/2024-01-03T00.00.00.000Z/kept.json": when(s.version > 1, "2"),
    ...Object.fromEntries([0, 1, 2].map((n) => [`shared/linked_${n}.yml`, `linked: ${n}\n`])),
  };
}

const RESOLVERS = `import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

def table():
    with open(os.path.join(ROOT, "conf", "table.txt")) as file:
        return file.read()

def flag():
    return os.path.exists(os.path.join(ROOT, "conf", "flag.txt"))

def stamp():
    return int(os.path.getmtime(os.path.join(ROOT, "stamp.txt")))
`;

function writeSettings(s: ProbeState): string {
  return `from omegaconf.resolvers import oc
from .hooks import Hooks
from .resolvers import flag, stamp, table

HOOKS = (Hooks(),)
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "${s.settings === 2 ? "prod" : "local"}",
    "custom_resolvers": {"oc.env": oc.env, "table": table, "flag": flag, "stamp": stamp},
}
`;
}

function writeCatalog(s: ProbeState): string {
  const type = ["text.TextDataset", "json.JSONDataset", "probed.datasets.Own"][s.catalogType];
  return `raw: { type: ${type}, filepath: data/raw_${s.catalogPath}.txt }
table: { type: probed.datasets.Own, filepath: "\${globals:folder}/table.txt" }
kept: { type: json.JSONDataset, filepath: data/kept/kept.json, versioned: true }
"made_by_{name}": { type: json.JSONDataset, filepath: "linked_data/{name}_${s.factory}.json"${s.versioned ? ", versioned: true" : ""} }
`;
}

function writeParameters(s: ProbeState): string {
  return `parameter: ${s.typed === 0 ? s.parameter : `"${s.parameter}"`}
options: { nested: ${s.nested}, table: "\${table:}", flag: "\${flag:}", stamp: "\${stamp:}" }
greeting: "\${oc.env:GREETING}"
`;
}
