import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { REPOSITORY } from "../setup-python.ts";

/** Which no-op project to make. */
export interface KedroProjectOptions {
  /** How many entries its catalog has; at least two. */
  readonly entries: number;
  /** Plain handlers of Python's logging, or what Kedro does if a project says nothing (rich). */
  readonly logging: "plain" | "kedro";
}

const PYPROJECT = `[tool.kedro]
package_name = "noop"
project_name = "No-op"
kedro_init_version = "1.7.0"
source_dir = "src"
`;

const MEASURING = `"""One pipeline of one node, which says how long the text is that it was given."""

from kedro.pipeline import Pipeline, node


def register_pipelines():
    measure = Pipeline([node(len, "large", "length", name="measure")])
    return {"measure": measure, "__default__": measure}
`;

const REGISTRY = `"""One pipeline of one node, which hands on what it was given."""

from kedro.pipeline import Pipeline, node


def hand_on(start):
    return start


def register_pipelines():
    noop = Pipeline([node(hand_on, "start", "result", name="hand_on")])
    return {"noop": noop, "__default__": noop}
`;

const PLAIN_LOGGING = `version: 1
disable_existing_loggers: false
formatters: { simple: { format: "%(asctime)s %(name)s %(levelname)s %(message)s" } }
handlers: { console: { class: logging.StreamHandler, formatter: simple, stream: ext://sys.stdout } }
loggers: { kedro: { level: INFO } }
root: { level: INFO, handlers: [console] }
`;

/** Generates a Kedro project whose pipeline `noop` reads `start` and writes `result`, and gives its folder. */
export function makeNoopProject(folder: string, options: KedroProjectOptions): string {
  return writeProject(folder, {
    "src/noop/pipeline_registry.py": REGISTRY,
    "conf/base/catalog.yml": writeCatalog(options.entries),
    "data/start.json": '{"value": 1}\n',
    ...(options.logging === "plain" ? { "conf/logging.yml": PLAIN_LOGGING } : {}),
  });
}

/** Generates a Kedro project whose pipeline `measure` reads `data/large.txt`, and gives its folder. */
export function makeLoadingProject(folder: string): string {
  return writeProject(folder, {
    "src/noop/pipeline_registry.py": MEASURING,
    "conf/base/catalog.yml": "large:\n  type: text.TextDataset\n  filepath: data/large.txt\n",
    "conf/logging.yml": PLAIN_LOGGING,
    "data/.gitkeep": "",
  });
}

/** Generates a Kedro project whose pipeline `wide` has so many nodes, each with a module, a helper and a parameter of its own. */
export function makeWideProject(folder: string, nodes: number): string {
  const numbers = Array.from({ length: nodes }, (_, index) => index);
  const imports = numbers.map((index) => `from .steps import step_${index}`).join("\n");
  const steps = numbers.map((index) => `node(step_${index}.work, ["start", "params:p_${index}"], "out_${index}")`);
  const wide = `    wide = Pipeline([${steps.join(", ")}])\n    return {"wide": wide, "__default__": wide}\n`;
  const modules = numbers.map((index) => [
    `src/noop/steps/step_${index}.py`,
    `SCALE = ${index}\n\ndef scaled(value):\n    return value * SCALE\n\ndef work(start, parameter):\n    return scaled(parameter)\n`,
  ]);
  const entries = ["start", ...numbers.map((index) => `out_${index}`)];
  return writeProject(folder, {
    "src/noop/pipeline_registry.py": `from kedro.pipeline import Pipeline, node\n${imports}\n\ndef register_pipelines():\n${wide}`,
    "src/noop/steps/__init__.py": "",
    ...Object.fromEntries(modules),
    "conf/base/catalog.yml": entries
      .map((name) => `${name}:\n  type: json.JSONDataset\n  filepath: data/${name}.json\n`)
      .join("\n"),
    "conf/base/parameters.yml": numbers.map((index) => `p_${index}: ${index}\n`).join(""),
    "conf/logging.yml": PLAIN_LOGGING,
    "data/start.json": '{"value": 1}\n',
  });
}

function writeProject(folder: string, own: Readonly<Record<string, string>>): string {
  const files: Record<string, string> = {
    "pyproject.toml": PYPROJECT,
    "src/noop/__init__.py": "",
    "src/noop/settings.py": 'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local"}\n',
    "conf/base/parameters.yml": "{}\n",
    "conf/local/.gitkeep": "",
    ...own,
  };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return folder;
}

function writeCatalog(entries: number): string {
  const names = ["start", "result", ...Array.from({ length: entries - 2 }, (_, index) => `unused_${index}`)];
  return names.map((name) => `${name}:\n  type: json.JSONDataset\n  filepath: data/${name}.json\n`).join("\n");
}

/** Copies the example project, without what runs have left in it, and gives its folder. */
export function copyTrainingProject(folder: string): string {
  const source = path.join(REPOSITORY, "workflows", "diabetes");
  const left = new Set(["data", ".runweave", "__pycache__"]);
  cpSync(source, folder, { recursive: true, filter: (file) => !left.has(path.basename(file)) });
  return folder;
}
