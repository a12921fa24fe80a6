import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { RegistryReader } from "../../core/port/registry.ts";
import { type Pin, type RunRecord, type SessionRecord, TERMINAL_STATUSES, type VersionRecord } from "../../core/run.ts";
import { findPinHashes } from "../pin-hash.ts";
import { mediaTypeOf } from "./media-type.ts";

interface Reference {
  "@id": string;
}

interface Entity extends Reference {
  "@type": string | string[];
  [key: string]: unknown;
}

/** The content of `ro-crate-metadata.json`. */
export interface RoCrate {
  "@context": string[];
  "@graph": Entity[];
}

const PROFILES: readonly (readonly [id: string, name: string, version: string])[] = [
  ["https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"],
  ["https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"],
  ["https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate", "1.0"],
];
/** Profile that the main workflow itself conforms to. */
const WORKFLOW_PROFILE = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE";
const LANGUAGE = "#runweave";

/**
 * A session as a Workflow Run RO-Crate (w3id.org/ro/wfrun/workflow/0.5): the workflow file, the one action that ran it, what it
 * took from outside, and every version that it saved. Data stay where they are; the crate refers to them.
 */
export function toRoCrate(registry: RegistryReader, session: SessionRecord): RoCrate {
  const results = session.runs.flatMap((run) =>
    Object.entries(run.outputs).map(([dataset, version]) => describeVersion(run, dataset, version)),
  );
  const objects = uniqueById(session.runs.flatMap((run) => listObjects(registry, run)));
  const workflow = describeWorkflow(session, { objects, results });
  const data = uniqueById([...objects, ...results]);
  const files = [workflow, ...data].filter(({ "@type": type }) => type !== "PropertyValue");
  return {
    "@context": ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"],
    "@graph": [
      {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        conformsTo: [
          refer("https://w3id.org/ro/crate/1.1"),
          refer("https://w3id.org/workflowhub/workflow-ro-crate/1.0"),
        ],
        about: refer("./"),
      },
      describeRoot(session, { workflow, files }),
      ...PROFILES.map(([id, name, version]) => ({ "@id": id, "@type": "CreativeWork", name, version })),
      { "@id": WORKFLOW_PROFILE, "@type": "CreativeWork", name: "Bioschemas ComputationalWorkflow", version: "1.0" },
      workflow,
      {
        "@id": LANGUAGE,
        "@type": "ComputerLanguage",
        name: "runweave",
        version: session.origin?.runweave ?? "unknown",
      },
      ...describeParameters([...objects, ...results]),
      describeAction(session, { workflow, objects, results }),
      ...describeAgent(session),
      ...data,
    ],
  };
}

interface Parts {
  objects: readonly Entity[];
  results: readonly Entity[];
}

function describeRoot(
  session: SessionRecord,
  { workflow, files }: { workflow: Entity; files: readonly Entity[] },
): Entity {
  const { session_id, workflow: name, start_time, end_time } = session;
  return {
    "@id": "./",
    "@type": "Dataset",
    name: `${name}, session ${session_id}`,
    description: `One execution of the workflow ${name}, with the exact versions that it read and saved`,
    datePublished: toTime(end_time ?? start_time),
    ...oneOrNone("author", describeAgent(session)),
    license: "not stated",
    conformsTo: PROFILES.map(([id]) => refer(id)),
    hasPart: files.map(({ "@id": id }) => refer(id)),
    mainEntity: refer(workflow["@id"]),
    mentions: refer(actionId(session)),
  };
}

function describeWorkflow(session: SessionRecord, { objects, results }: Parts): Entity {
  const { workflow, workflow_file } = session;
  const version = session.git_commit ?? session.origin?.plan;
  const file = workflow_file === null ? {} : { url: toUrl(workflow_file), ...describeFormat(workflow_file) };
  return {
    "@id": workflow_file === null ? `urn:runweave:script:${encodeURIComponent(workflow)}` : toUrl(workflow_file),
    "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
    conformsTo: refer(WORKFLOW_PROFILE),
    name: workflow_file === null ? workflow : basename(workflow_file),
    ...(version == null ? {} : { version }),
    ...file,
    programmingLanguage: refer(LANGUAGE),
    input: uniqueById(objects.flatMap(parameterOf)),
    output: uniqueById(results.flatMap(parameterOf)),
  };
}

function describeAction(session: SessionRecord, { workflow, objects, results }: Parts & { workflow: Entity }): Entity {
  const { status, start_time, end_time, runs, command_line } = session;
  const failed = runs.find((run) => run.status === "failed");
  const error =
    failed === undefined ? {} : { error: `${failed.run}: ${failed.exception?.type ?? failed.reason ?? "failed"}` };
  return {
    "@id": actionId(session),
    "@type": "CreateAction",
    name: `Run of ${session.workflow}`,
    description: command_line.length === 0 ? undefined : `runweave ${command_line.join(" ")}`,
    instrument: refer(workflow["@id"]),
    startTime: toTime(start_time),
    ...(end_time === null ? {} : { endTime: toTime(end_time) }),
    actionStatus: `http://schema.org/${STATUSES[status] ?? "ActiveActionStatus"}`,
    ...(status === "failed" ? error : {}),
    ...oneOrNone("agent", describeAgent(session)),
    object: objects.map(({ "@id": id }) => refer(id)),
    result: results.map(({ "@id": id }) => refer(id)),
  };
}

const STATUSES: Readonly<Record<string, string>> = {
  success: "CompletedActionStatus",
  failed: "FailedActionStatus",
  cancelled: "FailedActionStatus",
};

function describeAgent({ origin }: SessionRecord): Entity[] {
  return origin === null
    ? []
    : [{ "@id": `#agent-${encodeURIComponent(origin.user)}`, "@type": "Person", name: origin.user }];
}

/** Lists a run's inputs from outside its session: versions, files, values, and its parameters. */
function listObjects(registry: RegistryReader, run: RunRecord): Entity[] {
  if (run.run_id === null || !TERMINAL_STATUSES.has(run.status)) return [];
  const outside = registry.pinsOf([run.run_id]).filter(({ rule }) => !["own", "resumed", "consumed"].includes(rule));
  const params = Object.entries(run.runtime_params).map(([name, value]): Entity => {
    const id = `${encodeURIComponent(run.run)}/${encodeURIComponent(name)}`;
    return {
      "@id": `#value/${id}`,
      "@type": "PropertyValue",
      name,
      value: toText(value),
      exampleOfWork: refer(`#parameter/${id}`),
    };
  });
  const reads = outside.map((pin) => ({ pin, reader: pin }));
  const hashes = findPinHashes(registry, reads);
  return [...outside.map((pin, at) => describePin(pin, hashes[at] ?? null, run)), ...params];
}

function describePin(pin: Pin, hash: string | null, { run }: RunRecord): Entity {
  const { dataset, version, rule, from_dataset } = pin;
  const about = { name: dataset, version, exampleOfWork: refer(parameterId(run, dataset)) };
  if (rule === "value") return { "@id": `urn:runweave:${version}`, "@type": "PropertyValue", ...about, value: version };
  const id =
    (rule === "file" || rule === "plain") && from_dataset !== null
      ? toUrl(from_dataset)
      : `urn:runweave:${version}:${encodeURIComponent(from_dataset ?? dataset)}`;
  return { "@id": id, "@type": "File", ...about, ...describeFormat(from_dataset ?? ""), ...describeHash(hash) };
}

function describeVersion(
  { run }: RunRecord,
  dataset: string,
  { version, location, bytes, hash, beside }: VersionRecord,
): Entity {
  // Size and hash are left out if there are files beside it: they are of all files together.
  const content = { ...(bytes === null ? {} : { contentSize: String(bytes) }), ...describeHash(hash) };
  return {
    "@id": toUrl(location),
    "@type": "File",
    name: dataset,
    version,
    exampleOfWork: refer(parameterId(run, dataset)),
    ...describeFormat(location),
    ...(beside === undefined ? content : {}),
  };
}

function describeHash(hash: string | null): { sha256?: string } {
  return hash === null ? {} : { sha256: hash.replace("sha256:", "") };
}

function describeParameters(data: readonly Entity[]): Entity[] {
  const described = data.flatMap((entity): Entity[] =>
    parameterOf(entity).map(({ "@id": id }) => {
      const additionalType = entity["@type"] === "PropertyValue" ? "Text" : "File";
      return { "@id": id, "@type": "FormalParameter", name: entity.name, additionalType };
    }),
  );
  return uniqueById(described);
}

function parameterOf({ exampleOfWork }: Entity): Reference[] {
  return exampleOfWork === undefined ? [] : [exampleOfWork as Reference];
}

function parameterId(run: string, dataset: string): string {
  return `#parameter/${encodeURIComponent(run)}/${encodeURIComponent(dataset)}`;
}

function actionId({ session_id }: SessionRecord): string {
  return `#session-${session_id}`;
}

function describeFormat(path: string): { encodingFormat?: string } {
  const encodingFormat = mediaTypeOf(path);
  return encodingFormat === null ? {} : { encodingFormat };
}

/** The profiles ask for an offset. */
function toTime(time: string): string {
  return time.replace(/Z$/, "+00:00");
}

function oneOrNone(name: string, [entity]: readonly Entity[]): Record<string, Reference> {
  return entity === undefined ? {} : { [name]: refer(entity["@id"]) };
}

function refer(id: string): Reference {
  return { "@id": id };
}

function uniqueById<T extends Reference>(entities: readonly T[]): T[] {
  return [...new Map(entities.map((entity) => [entity["@id"], entity])).values()];
}

function toUrl(location: string): string {
  return location.startsWith("/") ? pathToFileURL(location).href : location;
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
