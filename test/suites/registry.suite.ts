import { describe } from "vitest";
import type { Registry } from "../../src/core/port/registry.ts";
import { describeChain } from "./registry-chain.suite.ts";
import { describeDisposal } from "./registry-disposal.suite.ts";
import { useRegistry } from "./registry-fixture.ts";
import { describeHolds } from "./registry-holds.suite.ts";
import { describeLists } from "./registry-lists.suite.ts";
import { describeLog } from "./registry-log.suite.ts";
import { describeNames } from "./registry-names.suite.ts";
import { describeOwnership } from "./registry-ownership.suite.ts";
import { describeRecords } from "./registry-records.suite.ts";
import { describeRefusals } from "./registry-refusals.suite.ts";
import { describeRequests } from "./registry-requests.suite.ts";
import { describeReuse } from "./registry-reuse.suite.ts";
import { describeVerdicts } from "./registry-verdicts.suite.ts";
import { describeVersions } from "./registry-versions.suite.ts";

/** The contract of every registry. `open` makes an empty one. */
export function describeRegistry(name: string, open: () => Registry): void {
  describe(`${name} registry`, () => {
    const on = useRegistry(open);
    describeRecords(on);
    describeLists(on);
    describeVersions(on);
    describeReuse(on);
    describeLog(on);
    describeRefusals(on);
    describeRequests(on);
    describeChain(on);
    describeNames(on);
    describeDisposal(on);
    describeVerdicts(on);
    describeOwnership(on);
    describeHolds(on);
  });
}
