import type { Command } from "commander";
import { type Verification, type VerifyRequest, verifyRecords } from "../../../compose/actions/verify-records.ts";
import { nameVersion } from "../../../explain/taint.ts";
import { formatFinding, listUnknown } from "../../../explain/text/finding-text.ts";
import { showName } from "../../../explain/text/show-name.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry, SESSION_OR_RUN, session } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { writeLines } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `verify`. */
export function declareVerify(command: Command, done: Done): void {
  command
    .description(
      "check that nothing recorded was changed: the log's hash chain, every table against the log, every byte of the outputs",
    )
    .argument("[id]", `${SESSION_OR_RUN} (default: the newest session)`)
    .addOption(session())
    .option("--all", "check every run of the registry, every table and the whole log")
    .option("--expect <hash>", "check the whole log, which must contain this hash: its last one, noted earlier")
    .option(
      "--anchor [place]",
      "compare the whole log with its signed heads: a file, or git-note (default: as anchor keeps them)",
    )
    .option("--require-signed", "every event has to be signed; implies --anchor")
    .option("--public-key <file>", "the key that signed them (default: your own)")
    .option("--allow-unsealed", "events without a hash are no fault: for a registry from before events had hashes")
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(["runweave verify", "the newest session"], ["runweave verify --all", "every run"]),
    )
    .action(async (id, flags) => done(await verifyByCommand(id, flags)));
}

export interface VerifyFlags extends RegistryFlag, Omit<VerifyRequest, "id"> {
  json?: boolean;
}

/** `runweave verify [RUN|SESSION|--all]`: exit 1 if anything does not hold. */
export async function verifyByCommand(
  id: string | undefined,
  { registry, json, ...asked }: VerifyFlags,
): Promise<ExitCode> {
  const verification = await verifyRecords({ registry }, { ...asked, id }, toContext({ json }));
  const { runs, ...rest } = verification;
  if (json) writeAnswer("verify", { ...rest, certificates: runs.map(({ certificate }) => certificate) });
  else writeLines(process.stdout, describe(verification));
  return verification.ok ? 0 : 1;
}

function describe({ runs, log, anchor, findings, tainted, unchecked }: Verification): string[] {
  const broken = findings.filter(({ verdict }) => verdict === "broken");
  const unknown = findings.filter(({ verdict }) => verdict === "unknown");
  const outputs = runs.reduce((sum, { certificate }) => sum + Object.keys(certificate.outputs).length, 0);
  const chain = log === null ? "" : `, ${log.events} events of the log`;
  return [
    ...broken.map((finding) => `BROKEN   ${formatFinding(finding)}`),
    ...listUnknown(unknown),
    ...tainted.map((bad) => `tainted  ${showName(nameVersion(bad))} ${showName(bad.what)}`),
    `${broken.length === 0 ? "verified" : "NOT verified"}: ${runs.length} runs, ${outputs} versions${chain}; ${broken.length} broken, ${unknown.length} unknown`,
    ...(anchor === null || anchor.seq === null
      ? []
      : [`signed up to event ${anchor.seq}, at ${anchor.time}, with key ${anchor.keyid}`]),
    ...(unchecked.length === 0 ? [] : [`not checked: ${unchecked.join("; ")}`]),
    ...(log?.head == null
      ? []
      : [`head ${log.head}  (note it: \`verify --expect HASH\` checks later that the log up to here is unchanged)`]),
  ];
}
