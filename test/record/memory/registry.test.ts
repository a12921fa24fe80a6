import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { describeRegistry } from "../../suites/registry.suite.ts";

describeRegistry("memory", createMemoryRegistry);
