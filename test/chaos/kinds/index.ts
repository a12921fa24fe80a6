import type { TrialKind } from "../trial.ts";
import { changedAfterKill } from "./changed-after-kill.ts";
import { changedInputs } from "./changed-inputs.ts";
import { copiedFolder } from "./copied-folder.ts";
import { crashPoints, resumeCrashPoints } from "./crash-points.ts";
import { diskFull } from "./disk-full.ts";
import { disposalPoints } from "./disposal-points.ts";
import { earlySignals } from "./early-signals.ts";
import { eventsCut } from "./events-cut.ts";
import { fileCallFails } from "./file-call-fails.ts";
import { fullDiskEmptied } from "./full-disk-emptied.ts";
import {
  exampleKilled,
  kedroChildKilled,
  kedroCutOff,
  kedroEventsCut,
  kedroKilled,
  workerEnded,
  workerKilled,
  workerWedged,
} from "./kedro.ts";
import { killedActs } from "./killed-acts.ts";
import { killedChild } from "./killed-child.ts";
import { killedOrchestrator, killedResume } from "./killed-orchestrator.ts";
import { nested } from "./nested.ts";
import { orphanBeside } from "./orphan-beside.ts";
import { outputKinds } from "./output-kinds.ts";
import { overtakenOwner } from "./overtaken-owner.ts";
import { clockJumps, rebooted, reusedPidResumed, severalResumers, stoppedOwner } from "./ownership.ts";
import { pairs } from "./pairs.ts";
import { powerLoss } from "./power-loss.ts";
import { registryCallFails } from "./registry-call-fails.ts";
import { reusedPid } from "./reused-pid.ts";
import { simulatedCrash, simulatedFaults } from "./simulated-crash.ts";
import { simulatedKills } from "./simulated-kills.ts";
import { sqliteCallFails } from "./sqlite-call-fails.ts";
import { staleLocks } from "./stale-locks.ts";
import { stubbornChildren } from "./stubborn-children.ts";
import { terminalSignals } from "./terminal-signals.ts";
import { tornLog } from "./torn-log.ts";
import { writtenBetween } from "./written-between.ts";

/** Everything that the harness does to runweave, the cheap ones first. */
export const TRIAL_KINDS: readonly TrialKind[] = [
  eventsCut,
  simulatedFaults,
  simulatedCrash,
  simulatedKills,
  registryCallFails,
  tornLog,
  reusedPid,
  killedOrchestrator,
  killedResume,
  crashPoints,
  resumeCrashPoints,
  sqliteCallFails,
  disposalPoints,
  pairs,
  killedActs,
  overtakenOwner,
  orphanBeside,
  changedAfterKill,
  changedInputs,
  writtenBetween,
  outputKinds,
  copiedFolder,
  staleLocks,
  fileCallFails,
  nested,
  killedChild,
  earlySignals,
  terminalSignals,
  stubbornChildren,
  diskFull,
  fullDiskEmptied,
  powerLoss,
  severalResumers,
  stoppedOwner,
  clockJumps,
  rebooted,
  reusedPidResumed,
  kedroKilled,
  exampleKilled,
  kedroChildKilled,
  kedroCutOff,
  workerKilled,
  workerEnded,
  workerWedged,
  kedroEventsCut,
];
