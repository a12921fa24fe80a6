import { v5 as uuidV5 } from "uuid";
import type { RunHead } from "../../core/port/registry.ts";
import type { RunStatus } from "../../core/run.ts";
import { type Lineage, type LineageEdge, type LineageVersion, versionKey } from "../lineage.ts";

const PRODUCER = "urn:runweave";
const SPEC = "https://openlineage.io/spec";

interface Facet {
  _producer: string;
  _schemaURL: string;
  [key: string]: unknown;
}

interface OpenLineageDataset {
  namespace: string;
  name: string;
  facets: Record<string, Facet>;
}

/** A RunEvent of OpenLineage 2-0-2 (github.com/OpenLineage/OpenLineage, spec/OpenLineage.json). */
export interface OpenLineageEvent {
  eventType: "START" | "COMPLETE" | "FAIL" | "ABORT";
  eventTime: string;
  producer: string;
  schemaURL: string;
  run: { runId: string; facets: Record<string, Facet> };
  job: { namespace: string; name: string; facets: Record<string, Facet> };
  inputs: OpenLineageDataset[];
  outputs: OpenLineageDataset[];
}

/**
 * The start and the end of every run of a lineage that started, with the exact versions that it read and wrote. The runId is
 * a UUID made of our run_id, so a run has the same one wherever it is told of.
 */
export function toOpenLineage(
  lineage: Pick<Lineage, "versions" | "edges">,
  heads: readonly RunHead[],
): OpenLineageEvent[] {
  const versions = new Map(lineage.versions.map((version) => [versionKey(version), version]));
  const workflows = new Map(heads.map((head) => [head.run_id as string, head.workflow]));
  const edges = Map.groupBy(lineage.edges, ({ run_id }) => run_id);
  return heads.flatMap((head) => {
    const describe = (kind: LineageEdge["kind"]): OpenLineageDataset[] =>
      (edges.get(head.run_id) ?? [])
        .filter((edge) => edge.kind === kind)
        .flatMap((edge) => {
          const version = versions.get(versionKey(edge));
          if (version === undefined) return [];
          return [describeDataset(version, workflows.get(version.writer ?? "") ?? head.workflow)];
        });
    return describeRun(head, { inputs: describe("read"), outputs: describe("wrote") });
  });
}

function describeRun(
  head: RunHead,
  { inputs, outputs }: Pick<OpenLineageEvent, "inputs" | "outputs">,
): OpenLineageEvent[] {
  const { start_time, end_time, status } = head;
  if (start_time === null) return [];
  const about = { producer: PRODUCER, schemaURL: `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`, ...identify(head) };
  const ended = END_TYPES[status];
  return [
    { eventType: "START", eventTime: start_time, ...about, inputs, outputs: [] },
    ...(ended === undefined || end_time === null
      ? []
      : [{ eventType: ended, eventTime: end_time, ...about, inputs, outputs }]),
  ];
}

const END_TYPES: Readonly<Partial<Record<RunStatus, "COMPLETE" | "FAIL" | "ABORT">>> = {
  success: "COMPLETE",
  failed: "FAIL",
  cancelled: "ABORT",
};

function identify({ run_id, session_id, run, workflow, attempt }: RunHead): Pick<OpenLineageEvent, "run" | "job"> {
  const namespace = nameSpace(workflow);
  const parent = { run: { runId: toUuid(session_id) }, job: { namespace, name: workflow } };
  return {
    run: {
      runId: toUuid(run_id),
      facets: {
        parent: facet("facets/1-0-1/ParentRunFacet.json", "ParentRunFacet", parent),
        runweave: { ...facet("2-0-2/OpenLineage.json", "RunFacet", { run_id, session_id, attempt }) },
      },
    },
    job: { namespace, name: run, facets: {} },
  };
}

function describeDataset({ dataset, version, origin, format }: LineageVersion, workflow: string): OpenLineageDataset {
  const isFile = origin === "file" && dataset.startsWith("/");
  return {
    namespace: isFile ? "file" : nameSpace(workflow),
    name: dataset,
    facets: {
      version: facet("facets/1-0-0/DatasetVersionDatasetFacet.json", "DatasetVersionDatasetFacet", {
        datasetVersion: version,
      }),
      ...(format === null ? {} : { runweave: facet("2-0-2/OpenLineage.json", "DatasetFacet", { type: format }) }),
    },
  };
}

function facet(file: string, definition: string, fields: Record<string, unknown>): Facet {
  return { _producer: PRODUCER, _schemaURL: `${SPEC}/${file}#/$defs/${definition}`, ...fields };
}

function nameSpace(workflow: string): string {
  return `runweave://${encodeURIComponent(workflow)}`;
}

function toUuid(id: string): string {
  return uuidV5(`${PRODUCER}:${id}`, uuidV5.URL);
}
