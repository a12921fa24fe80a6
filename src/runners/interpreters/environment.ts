import { hash } from "node:crypto";
import type { EnvironmentCaptured } from "../../core/event/attempt-event.ts";
import type { EnvironmentFacts } from "../../core/run.ts";

export type EnvironmentSignal = Pick<EnvironmentCaptured, "type" | "digest" | "facts">;

/** Facts that an interpreter has told of itself; a worker of an older protocol does not tell all. */
export type ToldEnvironment = Pick<EnvironmentFacts, "python" | "kedro"> & {
  [Name in "platform" | "packages"]?: EnvironmentFacts[Name] | undefined;
};

/** Environment of a process, as an event; its facts only the first time. Null for a worker that does not tell. */
export type DescribeEnvironment = (told: ToldEnvironment) => EnvironmentSignal | null;

export function createEnvironmentTeller(): DescribeEnvironment {
  const told = new Set<string>();
  return ({ python, kedro, platform, packages }) => {
    if (platform === undefined || packages === undefined) return null;
    const facts: EnvironmentFacts = { python, kedro, platform, packages: Object.fromEntries(sortByName(packages)) };
    const digest = digestEnvironment(facts);
    const isNew = told.size < told.add(digest).size;
    return { type: "environment.captured", digest, facts: isNew ? facts : null };
  };
}

/** The digest under which an environment is on record: `sha256:` and 64 hexadecimal digits. */
export function digestEnvironment({ python, kedro, platform, packages }: EnvironmentFacts): string {
  const text = JSON.stringify([python, kedro, platform, sortByName(packages)]);
  return `sha256:${hash("sha256", text, "hex")}`;
}

function sortByName(packages: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1));
}
