import { writeToyProject } from "./toy-project.ts";

const PIPELINES = `
import json, os, socket

def gate(label, node, path):
    """Wait until the test opens this gate; a run without a label has none."""
    if label:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(path)
            channel.sendall((json.dumps({"hello": f"{label}/{node}", "pid": os.getpid()}) + "\\n").encode())
            channel.makefile().readline()

def gated(name, work):
    def run(label, path, *data):
        gate(label, name, path)
        return work(*data)
    run.__name__ = name
    return run

def step(name, work, inputs, outputs):
    return node(gated(name, work), ["params:label", "params:socket", *inputs], outputs, name=name)

def register_pipelines():
    return {
        # An unversioned file, a versioned one and a result, each read back by the next node.
        "chain": Pipeline([
            step("chain_1", lambda word: {"by": word}, ["params:word"], "table"),
            step("chain_2", lambda table: {**table, "kept": True}, ["table"], "kept"),
            step("chain_3", lambda table, kept: json.dumps([table, kept]), ["table", "kept"], "result"),
        ]),
        # The same file under another name, and a dataset that is only in memory.
        "alias": Pipeline([
            step("alias_1", lambda word: {"by": word, "alias": 1}, ["params:word"], "table"),
            step("alias_2", lambda text: [text, len(text)], ["table_as_text"], "loose"),
            step("alias_3", lambda loose: json.dumps(loose), ["loose"], "result"),
        ]),
        # A folder of partitions, which all runs share, and a transcoded pair.
        "parts": Pipeline([
            step("parts_1", lambda word: {word: word, "same": word * 2}, ["params:word"], "parts"),
            step("parts_2", lambda parts: {name: parts[name]() for name in sorted(parts)}, ["parts"], "pair@json"),
            step("parts_3", lambda pair: pair, ["pair@text"], "result"),
        ]),
        # What another run saved, by its pin, and a versioned dataset of its own of the same name elsewhere.
        "consumer": Pipeline([
            step("consumer_1", lambda kept, word: {"from": kept, "by": word}, ["kept", "params:word"], "table"),
            step("consumer_2", lambda table, kept: [table, kept], ["table", "kept"], "mine"),
            step("consumer_3", lambda mine, kept: json.dumps([mine, kept]), ["mine", "kept"], "result"),
        ]),
    }
`;

const CATALOG = `
table: {type: json.JSONDataset, filepath: data/table.json}
table_as_text: {type: text.TextDataset, filepath: data/table.json}
kept: {type: json.JSONDataset, filepath: data/kept.json, versioned: true}
mine: {type: json.JSONDataset, filepath: data/mine.json, versioned: true}
parts: {type: partitions.PartitionedDataset, path: data/parts, dataset: text.TextDataset, filename_suffix: .txt}
pair@json: {type: json.JSONDataset, filepath: data/pair.json}
pair@text: {type: text.TextDataset, filepath: data/pair.json}
result: {type: text.TextDataset, filepath: data/result.txt}
`;

export const GATED_PIPELINES = ["chain", "alias", "parts", "consumer"] as const;
export const GATED_NODES = 3;

/** Pipelines whose nodes wait at gates that the test opens, over datasets that they all share. */
export function writeGatedProject(folder: string): void {
  writeToyProject({ folder, pipelines: PIPELINES, catalog: CATALOG, parameters: 'label: ""\nsocket: ""\nword: a\n' });
}
