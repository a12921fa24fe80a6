import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { RemoteStorageError } from "../../../../src/core/port/remote-storage.ts";
import type { RunId } from "../../../../src/core/run-id.ts";
import { KedroRunner } from "../../../../src/runners/kedro/kedro-runner.ts";
import { MarkedProcesses } from "../../../rig/marked-processes.ts";
import { memoryHolds } from "../../../rig/memory-holds.ts";
import { makeStateFolders } from "../../../rig/resolved-run.ts";
import { writeCredentials } from "../../../rig/s3-server.ts";
import { makeTemporaryFolder } from "../../../rig/temporary-folder.ts";
import { findTestPython } from "../../../rig/test-python.ts";
import { writeToyProject } from "../../../rig/toy-project.ts";

const RUN = "2026-11-23T21.04.54.666Z-0000d783fb92" as RunId;

/** Something that has the place of a storage, and ends whoever comes. */
async function listenForCallers(onCaller: () => void): Promise<string> {
  const server = createServer((socket) => {
    onCaller();
    socket.destroy();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a worker that dies over remote data is told as storage that is out of reach", async () => {
  const folder = makeTemporaryFolder();
  const processes = new MarkedProcesses();
  const endpoint = await listenForCallers(() => {
    for (const line of processes.list()) process.kill(Number.parseInt(line, 10), "SIGKILL");
  });
  const project_path = writeToyProject({
    folder: join(folder, "toy"),
    pipelines: 'def register_pipelines():\n    return {"__default__": Pipeline([])}\n',
    files: { "conf/local/credentials.yml": writeCredentials({ endpoint, key: "a", secret: "b" }) },
  });
  const environment = { ...process.env, ...processes.environment };
  const kedro = new KedroRunner({ holds: memoryHolds(), folders: makeStateFolders(folder), environment });
  onTestFinished(() => kedro.close());
  const task = { project_path, python: findTestPython(), env: null, conf_source: null, runtime_params: {} };
  const config = { type: "text.TextDataset", filepath: "s3://bucket/x", credentials: "store" };
  const place = { location: `s3://bucket/x/${RUN}`, entry: { config, versioned: true } };
  const looking = kedro.reachObjects(async () => task, RUN).look(place);
  await expect(looking).rejects.toThrow(RemoteStorageError);
  await expect(looking).rejects.toMatchObject({ code: "worker-died" });
});
