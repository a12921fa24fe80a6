import { defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/testing/longest-first.ts";
import { COMPILE_CACHE } from "./test/rig/compile-cache.ts";
import { TEST_KEYS } from "./test/rig/test-keys.ts";

/** Tests that compute, or work on files of their own: none changes anything in its process that another one sees. */
const STAGES = "test/{core,define,plan,resolve,execute,explain,report,versions}/**/*.test.ts";

export default defineConfig({
  test: {
    // They end what hangs, and no more: what is to be quick has a benchmark.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    // Half of them wait: for processes that start, for locks and leases.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    env: {
      KEDRO_DISABLE_TELEMETRY: "1",
      DO_NOT_TRACK: "1",
      NO_COLOR: "1",
      TZ: "UTC",
      RUNWEAVE_KEYS: TEST_KEYS,
      ...COMPILE_CACHE,
    },
    projects: [
      // A process for each file would cost more than the tests in it.
      { extends: true, test: { name: "stages", include: [STAGES], isolate: false } },
      { extends: true, test: { name: "parts", include: ["test/**/*.test.ts"], exclude: ["test/e2e/**", STAGES] } },
      {
        extends: true,
        test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], globalSetup: "test/rig/packed-package.ts" },
      },
    ],
  },
});
