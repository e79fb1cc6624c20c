// `npm run pictures`: every page as a picture, to be looked at by people.

import base from "./playwright.config.ts";

const schemes = ["light", "dark"] as const;
const widths = [360, 1440];

// Not merged by `defineConfig`: that would keep the projects of the tests.
export default {
  ...base,
  testDir: "src",
  testMatch: "pictures.ts",
  timeout: 300_000,
  projects: schemes.flatMap((colorScheme) =>
    widths.map((width) => ({
      name: `${width}-${colorScheme}`,
      use: { colorScheme, viewport: { width, height: 900 } },
    })),
  ),
};
