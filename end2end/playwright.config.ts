// Every test runs against the server that `cargo xtask serve` builds, in the system's Chromium, once
// for each database.

import { defineConfig } from "@playwright/test";

import type { Options } from "./src/test.ts";

const chromium = process.env.BERTH_TEST_CHROMIUM ?? "/usr/bin/chromium";

export default defineConfig<Options>({
  testDir: "tests",
  outputDir: "test-results",
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // A test that passes at the second try has found a bug.
  retries: 0,
  workers: 2,
  // Room for a slow machine: what a step waits for is limited below.
  timeout: 180_000,
  expect: { timeout: 15_000 },
  use: {
    // Far less than a test may take, so that it says what it waited for.
    actionTimeout: 20_000,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromium,
      // No sandbox: it needs user namespaces, which containers and root's processes lack.
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "sqlite", use: { database: "sqlite" } },
    ...(process.env.BERTH_TEST_POSTGRES_URL
      ? [
          {
            name: "postgres",
            use: { database: "postgres" as const },
            // Pages, cookies, terminals and runs use the database only through the API, whose own
            // tests have run on both databases.
            testMatch: ["api.spec.ts", "faults.spec.ts", "registration.spec.ts", "first-steps.spec.ts"],
          },
        ]
      : []),
  ],
});
