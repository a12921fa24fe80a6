import { statSync } from "node:fs";
import type { KedroTask } from "../../core/port/runner.ts";
import type { TaskKind } from "../../core/port/task-kind.ts";
import { repeatKedro } from "./repeat-kedro.ts";
import { fingerprintCode, fingerprintSources } from "./source-fingerprint.ts";

/** Kedro runs: their process has loaded a project. */
export const KEDRO_KIND: TaskKind<KedroTask> = {
  sourcesOf: ({ project_path, conf_source }) => ({
    key: JSON.stringify([project_path, conf_source]),
    folder: project_path,
    fingerprint: () => fingerprintSources(project_path, conf_source),
    fingerprintCode: () => fingerprintCode(project_path, conf_source),
  }),
  findFault: ({ project_path }) => {
    const isThere = statSync(project_path, { throwIfNoEntry: false })?.isDirectory() === true;
    return isThere ? null : { what: `there is no folder ${project_path}`, hint: null };
  },
  formatRepeat: repeatKedro,
};
