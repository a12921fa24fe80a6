import { execFileSync } from "node:child_process";
import { type S3Server, writeCredentials } from "./s3-server.ts";
import { findTestPython } from "./test-python.ts";

const SCRIPT = `
import json, sys, s3fs
given = json.load(sys.stdin)
fs = s3fs.S3FileSystem(**given["credentials"]["store"], use_listings_cache=False, skip_instance_cache=True)
what, path, text = given["what"], given["path"], given["text"]
if what == "list":
    found = {f"s3://{name}": fs.cat(name).decode() for name in sorted(fs.find(path, withdirs=False))}
    print(json.dumps(found))
elif what == "write":
    fs.pipe(path, text.encode())
elif what == "clear":
    for name in fs.find(path):
        fs.rm_file(name)
else:
    fs.rm_file(path)
`;

/** Objects on the server as they are, by a client of the test's own. */
export interface RemoteObjects {
  /** Every object below a prefix, with its text. */
  list(prefix: string): Record<string, string>;
  write(path: string, text: string): void;
  remove(path: string): void;
  /** Removes all of them below a prefix. */
  clear(prefix: string): void;
}

export function openObjects(server: S3Server): RemoteObjects {
  const credentials = JSON.parse(writeCredentials(server)) as unknown;
  const ask = (what: string, path: string, text = "") => {
    const input = JSON.stringify({ credentials, what, path, text });
    return execFileSync(findTestPython(), ["-c", SCRIPT], { input, encoding: "utf8" });
  };
  return {
    list: (prefix) => JSON.parse(ask("list", prefix)) as Record<string, string>,
    write: (path, text) => void ask("write", path, text),
    remove: (path) => void ask("remove", path),
    clear: (prefix) => void ask("clear", prefix),
  };
}
