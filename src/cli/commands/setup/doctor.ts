import { type Command, Option } from "commander";
import { diagnoseMachine, rebuildRecords, settleStateFolder } from "../../../compose/actions/diagnose-machine.ts";
import type { Finding } from "../../../compose/doctor/finding.ts";
import type { RebuiltState } from "../../../compose/doctor/rebuild-state.ts";
import { cleanText } from "../../../report/text/clean-text.ts";
import { toProblemJson } from "../../answers/problem-json.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { useNearest } from "../../find/choose-workflow.ts";
import { writeLines, writeProblems } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `doctor`. */
export function declareDoctor(command: Command, done: Done): void {
  command
    .description("check that this machine has what runs need, and that the state folder is complete")
    .argument("[file]", "a workflow file, to check what it needs too (default: the nearest, if there is one)")
    .option(
      "--settle",
      "accept a state folder that was copied or moved here, or a registry that is older than its data",
    )
    .addOption(
      new Option(
        "--rebuild <file>",
        "make the registry anew from its log, in this new file, and say where the old one differs",
      ).conflicts(["settle", "forgetCold"]),
    )
    .option("--end-workers", "end the Kedro workers that `--keep-worker` has left waiting")
    .option("--forget-cold", "let projects that `run --verify-warm` keeps cold run warm again")
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(["runweave doctor"], ["runweave doctor churn.yaml", "also its project and its Python"]),
    )
    .action(async (file, flags) => done(await doctorByCommand(file, flags)));
}

export interface DoctorFlags extends RegistryFlag {
  json?: boolean;
  forgetCold?: boolean;
  endWorkers?: boolean;
  settle?: boolean;
  /** The new file. */
  rebuild?: string;
}

/** `runweave doctor [FILE]`: exit 3 if something is missing or broken, 2 if it is only the file. */
export async function doctorByCommand(said: string | undefined, flags: DoctorFlags): Promise<ExitCode> {
  const { registry, forgetCold, endWorkers, json } = flags;
  if (flags.rebuild !== undefined) return rebuild(flags.rebuild, flags);
  if (flags.settle) return await settleByCommand(flags);
  const file = said ?? useNearest() ?? undefined;
  const { findings, problems, broken } = await diagnoseMachine(
    { registry },
    { file, forgetCold, endWorkers },
    toContext({ json }),
  );
  if (json) writeAnswer("doctor", { ok: broken === null, findings, problems: problems.map(toProblemJson) });
  else {
    writeLines(process.stdout, findings.flatMap(describeFinding).map(cleanText));
    writeProblems(process.stderr, problems);
  }
  return broken === null ? 0 : broken === "file" ? 2 : 3;
}

const LEVEL: Readonly<Record<Finding["level"], string>> = { ok: "ok   ", warn: "warn ", fail: "FAIL " };

function describeFinding({ what, level, detail, hint }: Finding): string[] {
  const lines = [`${LEVEL[level]} ${what}: ${detail}`];
  return level === "ok" || hint === null ? lines : [...lines, `      hint: ${hint}`];
}

/** `runweave doctor --settle`: accepts the state folder and its registry as they are now. */
async function settleByCommand({ registry, json }: DoctorFlags): Promise<ExitCode> {
  const settled = await settleStateFolder({ registry }, toContext({ json }));
  const { movedFrom: moved_from, ended, lost, root } = settled;
  if (json) writeAnswer("doctor-settle", { settled: root, moved_from, ended, lost });
  else writeLines(process.stdout, describeSettled(settled).map(cleanText));
  return 0;
}

function describeSettled({ movedFrom, ended, lost, root }: Awaited<ReturnType<typeof settleStateFolder>>): string[] {
  const home = `${root} is a state folder of its own from now on; what lies at ${movedFrom} is not touched from here`;
  return [
    ...(movedFrom === null ? [] : [home]),
    ...ended.map((sessionId) => `session ${sessionId} was under way at ${movedFrom}: here it counts as cancelled`),
    ...(lost === 0
      ? []
      : [`the registry counts as it is: ${lost === 1 ? "1 session" : `${lost} sessions`} that it does not know`]),
    ...(movedFrom === null && lost === 0 ? [`nothing is to be settled: ${root} is where it was made`] : []),
  ];
}

/** `runweave doctor --rebuild FILE`: exit 1 if the registry is not as its log says. */
function rebuild(target: string, { registry, json }: DoctorFlags): ExitCode {
  const rebuilt = rebuildRecords({ registry }, target);
  if (json) writeAnswer("doctor-rebuild", rebuilt);
  else writeLines(process.stdout, describeRebuilt(rebuilt).map(cleanText));
  return rebuilt.findings.length === 0 ? 0 : 1;
}

function describeRebuilt({ rebuilt, registry, events, findings }: RebuiltState): string[] {
  const made = `${rebuilt} has what the ${events} events of the log say`;
  if (findings.length === 0) return [`${made}; ${registry} has the same`];
  return [
    ...findings.map(({ code, message }) => `differs  ${code}: ${message}`),
    `${made}; ${registry} has something else at ${findings.length} ${findings.length === 1 ? "place" : "places"}`,
    "to use the new one: end all that runs, move the old file away with its -wal and -shm, and put the new one in its place",
  ];
}
