import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // They end what hangs, and no more: what is to be quick has a benchmark.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    maxWorkers: 2,
    env: { KEDRO_DISABLE_TELEMETRY: "1", DO_NOT_TRACK: "1", NO_COLOR: "1" },
    projects: [
      { extends: true, test: { name: "parts", include: ["test/**/*.test.ts"], exclude: ["test/e2e/**"] } },
      {
        extends: true,
        test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], globalSetup: "test/rig/packed-package.ts" },
      },
    ],
  },
});
