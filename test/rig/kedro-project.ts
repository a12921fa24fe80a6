import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeTemporaryFolder } from "./temporary-folder.ts";

const NODES = `
import json, os, signal, socket, subprocess

def obey(path, name):
    """Do what a test says over a socket, as obedient-child.mjs does."""
    channel = socket.socket(socket.AF_UNIX)
    channel.connect(path)
    def say(**message):
        channel.sendall((json.dumps(message) + "\\n").encode())
    say(hello=name, pid=os.getpid())
    for line in channel.makefile():
        order = json.loads(line)
        if order["do"] == "return":
            return order["value"]
        if order["do"] == "raise":
            raise ValueError(order["text"]) from KeyError("cause")
        if order["do"] == "exit":
            os._exit(order["code"])
        if order["do"] == "ignore":
            signal.signal(signal.SIGINT, lambda *_: say(signal="SIGINT"))
        if order["do"] == "run":
            subprocess.Popen(order["argv"])
        if order["do"] == "print":
            print(order["text"])
        if order["do"] == "overwrite":
            folder = os.environ["RUNWEAVE_ATTEMPT_FOLDER"]
            open(os.path.join(folder, order["file"]), "w").write(order["text"])
        say(done=True)

def make():
    return {"answer": 42}

def double(table):
    return {"answer": 2 * table["answer"]}
`;

const REGISTRY = `
from kedro.pipeline import Pipeline, node
from .nodes import double, make, obey

def register_pipelines():
    return {
        "make": Pipeline([node(make, None, "table", name="make")]),
        "double": Pipeline([node(double, "table", "doubled", name="double")]),
        "obey": Pipeline([node(obey, ["params:socket", "params:name"], "obeyed", name="obey")]),
        "__default__": Pipeline([]),
    }
`;

const CATALOG = ["table", "doubled", "obeyed"]
  .map((name) => `${name}:\n  type: json.JSONDataset\n  filepath: data/${name}.json\n`)
  .join("");

const FILES = {
  "pyproject.toml":
    '[tool.kedro]\npackage_name = "demo"\nproject_name = "demo"\nkedro_init_version = "1.7.0"\nsource_dir = "src"\n',
  "src/demo/__init__.py": "",
  "src/demo/settings.py": "",
  "src/demo/nodes.py": NODES,
  "src/demo/pipeline_registry.py": REGISTRY,
  "conf/base/catalog.yml": CATALOG,
  "conf/base/parameters.yml": "socket: unset\nname: unset\n",
  "conf/local/.gitkeep": "",
};

/** A small Kedro project. Pipelines: `make`, `double`, and `obey`, whose node does what the test says. */
export function writeKedroProject(project: string, changes: Record<string, string> = {}): void {
  for (const [path, content] of Object.entries({ ...FILES, ...changes })) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), content);
  }
}

/** Such a project, gone with the test. */
export function makeKedroProject(changes: Record<string, string> = {}): string {
  const project = makeTemporaryFolder();
  writeKedroProject(project, changes);
  return project;
}
