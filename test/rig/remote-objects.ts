import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type S3Server, writeCredentials } from "./s3-server.ts";
import { findTestPython } from "./test-python.ts";

const SCRIPT = `
import json, sys, s3fs
given = json.loads(sys.stdin.readline())
fs = s3fs.S3FileSystem(**given["store"], use_listings_cache=False, skip_instance_cache=True)

def read(name):
    return fs.cat_file(name).decode() if fs.size(name) < 1000 else "large"

for line in sys.stdin:
    what, path, text = json.loads(line)
    found = None
    if what == "list":
        found = {f"s3://{name}": read(name) for name in sorted(fs.find(path))}
    elif what == "write":
        fs.pipe_file(path, text.encode())
    elif what == "write in parts":
        with fs.open(path, "wb", block_size=5 << 20) as file:
            file.write(b"x" * (11 << 20))
    elif what == "clear":
        for name in fs.find(path):
            fs.rm_file(name)
    else:
        fs.rm_file(path)
    print(json.dumps(found), flush=True)
`;

/** Objects on the server as they are, by a client of the test's own. */
export interface RemoteObjects {
  /** Every object below a prefix, with its text; `large` if it is. */
  list(prefix: string): Promise<Record<string, string>>;
  write(path: string, text: string): Promise<void>;
  /** Writes a large one as S3 wants them: in parts, by which its checksum is another one than that of its bytes. */
  writeInParts(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Removes all of them below a prefix. */
  clear(prefix: string): Promise<void>;
  close(): void;
}

export function openObjects(server: S3Server): RemoteObjects {
  const client = spawn(findTestPython(), ["-c", SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  client.stdin.write(`${writeCredentials(server)}\n`);
  /** One after the other. */
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (...question: string[]): Promise<unknown> => {
    const turn = last.then(async () => {
      client.stdin.write(`${JSON.stringify(question)}\n`);
      const { value } = await answers.next();
      if (value === undefined) throw new Error(`the client of the S3 server has ended: ${question.join(" ")}`);
      return JSON.parse(value) as unknown;
    });
    last = turn.catch(() => {});
    return await turn;
  };
  return {
    list: async (prefix) => (await ask("list", prefix, "")) as Record<string, string>,
    write: async (path, text) => void (await ask("write", path, text)),
    writeInParts: async (path) => void (await ask("write in parts", path, "")),
    remove: async (path) => void (await ask("remove", path, "")),
    clear: async (prefix) => void (await ask("clear", prefix, "")),
    close: () => client.stdin.end(),
  };
}
