import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findTestPython } from "./test-python.ts";

/** A real S3 server on this machine, and the one key that it accepts. */
export interface S3Server {
  endpoint: string;
  key: string;
  secret: string;
  close(): Promise<void>;
}

/** Starts one with these buckets, on a port of its own. */
export async function startS3Server(...buckets: string[]): Promise<S3Server> {
  const script = join(import.meta.dirname, "s3_server.py");
  const child = spawn(findTestPython(), [script, ...buckets], { stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const close = async () => {
      child.stdin.end();
      await ended;
    };
    return { ...(JSON.parse(line) as Omit<S3Server, "close">), close };
  }
  throw new Error("the S3 server did not start");
}

/** `credentials.yml` of a project whose entries name `store`. */
export function writeCredentials({ endpoint, key, secret }: Omit<S3Server, "close">): string {
  return JSON.stringify({
    store: { key, secret, client_kwargs: { endpoint_url: endpoint, region_name: "us-east-1" } },
  });
}
