import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { writeToyProject } from "./toy-project.ts";

const PIPELINES = `
def one(*data):
    return 1

def two(*data):
    return 1, 2

def chunk(data):
    yield 1

def register_pipelines():
    prep = Pipeline([
        node(one, "raw", "clean", name="clean_it", tags=["fast"]),
        node(one, "clean", "table", name="tabulate", tags=["slow"], namespace=None),
    ])
    return {
        "prep": prep,
        "train": Pipeline([
            node(one, ["table", "params:seed"], "model", name="fit"),
            node(one, ["model", "table"], "score", name="evaluate"),
        ]),
        "report": Pipeline([node(one, ["model", "score", "notes"], "report", name="write_report")]),
        "spaced": Pipeline([node(one, "a.in", "a.out", name="inner", namespace="a")]),
        "tables": Pipeline([node(one, "clean", "sql", name="to_sql")]),
        "from_tables": Pipeline([node(one, "sql", "extract", name="from_sql")]),
        "sides": Pipeline([node(one, "raw", "pair@csv", name="write_pair"), node(one, "pair@text", "seen", name="read_pair")]),
        "use_pair": Pipeline([node(one, "pair@text", "seen", name="see_pair")]),
        "moved": Pipeline([node(one, "raw", "movable", name="move")]),
        "read_moved": Pipeline([node(one, "movable", "seen", name="look")]),
        "history": Pipeline([node(one, "kept", "seen", name="look_back")]),
        "grow": Pipeline([node(one, ["notes", "raw"], "notes_out", name="grow_notes")]),
        "confirm": Pipeline([node(one, "incoming", "seen", name="take_in", confirms="incoming")]),
        "keep": Pipeline([node(one, "raw", "kept", name="keep_it")]),
        "alias": Pipeline([node(one, "table_again", "seen", name="look_again")]),
        "streams": Pipeline([node(one, "broken", "seen", name="read_broken")]),
        "lambdas": Pipeline([node(lambda raw: raw, "raw", "seen", name="anonymous")]),
        "chunks": Pipeline([node(chunk, "raw", "streamed", name="chunk_it")]),
        "caches": Pipeline([node(one, "raw", "cached", name="cache_it")]),
        "link": Pipeline([node(one, "raw", "linked", name="write_through_link")]),
        "parts": Pipeline([node(one, "parts", "seen", name="read_parts")]),
        "write_up": Pipeline([node(one, "raw", "journal", name="write_up")]),
        "write_twice": Pipeline([node(two, "raw", ["best", "tuned"], name="write_twice")]),
        "volatile": Pipeline([node(one, "raw", "scratch", name="scribble")]),
        "lake": Pipeline([node(one, "raw", "duck", name="fill_lake")]),
        "other_lake": Pipeline([node(one, "raw", "other_duck", name="fill_lake_too")]),
        "write_ping": Pipeline([node(one, "raw", "ping", name="send_ping")]),
        "write_pong": Pipeline([node(one, "raw", "pong", name="send_pong")]),
        "hooks": Pipeline([node(one, ["hooked_table", "hooked_old"], "seen", name="read_hooked")]),
        "write_odd": Pipeline([node(one, "raw", "odd", name="save_oddly")]),
        "wants": Pipeline([node(one, "params:sead", "seen", name="read_nothing")]),
        "__default__": prep,
    }
`;

const CATALOG = `
raw: {type: text.TextDataset, filepath: data/raw.txt}
clean: {type: json.JSONDataset, filepath: data/clean.json}
table: {type: json.JSONDataset, filepath: data/table.json}
table_again: {type: text.TextDataset, filepath: data/table.json}
model: {type: pickle.PickleDataset, filepath: data/model.pickle, versioned: true}
notes: {type: text.TextDataset, filepath: data/notes.txt}
report: {type: text.TextDataset, filepath: data/report.txt}
"{space}.in": {type: text.TextDataset, filepath: "data/{space}_in.txt"}
"{space}.out": {type: text.TextDataset, filepath: "data/{space}_out.txt"}
sql: {type: toy.io.TableDataset, table_name: t}
pair@csv: {type: json.JSONDataset, filepath: data/pair.txt}
pair@text: {type: text.TextDataset, filepath: data/pair.txt}
movable: {type: text.TextDataset, filepath: "data/\${runtime_params:place,plain}.txt"}
kept: {type: text.TextDataset, filepath: data/kept.txt, versioned: true}
streamed: {type: text.TextDataset, filepath: data/streamed.txt}
cached: {type: CachedDataset, dataset: {type: text.TextDataset, filepath: data/cached.txt}}
linked: {type: text.TextDataset, filepath: data/link/table.json}
parts: {type: partitions.PartitionedDataset, path: data, dataset: text.TextDataset, filename_suffix: able.json}
duck: {type: toy.io.TableDataset, table_name: a, connection: {backend: duckdb, database: data/lake.duckdb}}
other_duck: {type: toy.io.TableDataset, table_name: b, connection: {backend: duckdb, database: data/link/lake.duckdb}}
broken: {type: toy.io.NoSuchDataset, filepath: data/broken.txt}
incoming: {type: partitions.IncrementalDataset, path: data/incoming, dataset: text.TextDataset}
notes_out: {type: text.TextDataset, filepath: data/notes.txt}
scratch: {type: text.TextDataset, filepath: "memory://scratch/s.txt"}
best: {type: text.TextDataset, filepath: data/best.txt}
tuned: {type: text.TextDataset, filepath: data/link/best.txt}
odd: {type: text.TextDataset, filepath: data/odd.txt, nonsense: 1}
ping: {type: toy.io.SignalDataset}
pong: {type: toy.io.SignalDataset}
journal: {type: text.TextDataset, filepath: data/journal.txt, fs_args: {open_args_save: {mode: a}}}
`;

const IO = `
from kedro.io import AbstractDataset
class TableDataset(AbstractDataset):
    def __init__(self, table_name, connection=None): self._table_name = table_name
    def load(self): return 1
    def save(self, data): pass
    def _describe(self): return {}
class SignalDataset(AbstractDataset):
    def load(self): return 1
    def save(self, data): pass
    def _describe(self): return {}
`;

const SETTINGS = `
from kedro.framework.hooks import hook_impl
from kedro.io import Version
class Adds:
    @hook_impl
    def after_catalog_created(self, catalog):
        from kedro_datasets.text import TextDataset
        from toy.io import TableDataset
        catalog["hooked_table"] = TableDataset("t")
        catalog["hooked_old"] = TextDataset(filepath="/nowhere/old.txt", version=Version(None, None))
HOOKS = (Adds(),)
`;

/** A project with everything that a workflow can be mistaken about. */
export function writeMistakenProject(folder: string): void {
  const files = {
    "src/toy/io.py": IO,
    "data/raw.txt": "raw",
    "data/incoming/p1": "1",
    "conf/prod/catalog.yml": "notes: {type: text.TextDataset, filepath: data/prod_notes.txt}\n",
    "conf/prod/.gitkeep": "",
  };
  writeToyProject({
    folder,
    pipelines: PIPELINES,
    catalog: CATALOG,
    parameters: "seed: 1\n",
    settings: SETTINGS,
    files,
  });
  symlinkSync(join(folder, "data"), join(folder, "data/link"));
}
