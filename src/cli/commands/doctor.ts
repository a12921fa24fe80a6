import { checkMachine, type Finding, findProject, type ProjectAddress } from "../../compose/check-machine.ts";
import { locateState } from "../../compose/locate-state.ts";
import { openProbe } from "../../compose/prepare/open-probe.ts";
import type { WorkflowDefinition } from "../../define/definition.ts";
import { forgetColdProjects } from "../../runners/kedro/cold-projects.ts";
import type { ExitCode } from "../errors.ts";
import { folderOf, readWorkflow } from "../read-workflow.ts";
import { writeJson, writeLines } from "../terminal.ts";

/** `runweave doctor [FILE]`: exit 3 if something is missing. */
export async function printDiagnosis(
  file: string | null,
  flags: { json?: boolean; registry?: string; forgetCold?: boolean },
): Promise<ExitCode> {
  const definition = file === null ? null : (await readWorkflow(file)).definition;
  const here = findProject(process.cwd());
  const addresses = definition === null ? (here === null ? [] : [here]) : listProjects(definition);
  const { probe, close } = openProbe();
  try {
    const from = file === null ? process.cwd() : folderOf(file);
    const location = { registry: flags.registry, environment: process.env, from };
    if (flags.forgetCold) forgetColdProjects(locateState(location).root);
    const findings = await checkMachine(location, { addresses, probe });
    const ok = findings.every((finding) => finding.ok);
    if (flags.json) writeJson({ ok, findings });
    else writeLines(process.stdout, findings.flatMap(describeFinding));
    return ok ? 0 : 3;
  } finally {
    await close();
  }
}

/** Each project of the workflow once per Python, env and configuration. */
function listProjects({ runs }: WorkflowDefinition): ProjectAddress[] {
  const addresses = runs.flatMap((run) => {
    if (run.kind !== "kedro") return [];
    const { project: project_path, python, env, conf_source } = run;
    return [{ project_path, python, env, conf_source }];
  });
  return [...new Map(addresses.map((address) => [JSON.stringify(address), address])).values()];
}

function describeFinding({ what, ok, detail, hint }: Finding): string[] {
  const lines = [`${ok ? "ok   " : "FAIL "} ${what}: ${detail}`];
  return ok || hint === null ? lines : [...lines, `      hint: ${hint}`];
}
