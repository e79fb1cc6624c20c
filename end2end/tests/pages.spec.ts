// Every page: accessible, responsive and small.

import { AxeBuilder } from "@axe-core/playwright";

import { expect, test } from "../src/test.ts";
import { visitEveryPage } from "../src/visit.ts";
import { weigh } from "../src/weight.ts";

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

const KIB = 1024;
/** Size limit of the sign-in page and its files. */
const SIGN_IN_BUDGET = 20 * KIB;
/** Size limit of the first page after it; the goal is 200 KiB. */
const FIRST_PAGE_BUDGET = 330 * KIB;

for (const width of [360, 1440]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`at ${width} px in ${colorScheme} colors`, () => {
      test.use({ viewport: { width, height: 900 }, colorScheme });

      test("every page meets WCAG 2.2 AA and fits the screen", async ({
        page,
        person,
        problems,
        server,
      }) => {
        test.setTimeout(480_000);
        problems.expect(/status of (401|404|422) /);
        await visitEveryPage(person, server, async (name) => {
          const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
          const found = violations.flatMap(({ id, nodes }) =>
            nodes.map((node) => `${id}: ${node.html} ${node.any[0]?.message ?? ""}`),
          );
          expect.soft(found, `axe on ${name}`).toEqual([]);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          expect.soft(wide, `width of ${name}`).toBeLessThanOrEqual(width);
        });
      });
    });
  }
}

test("pages are within their size budgets, and sign-in loads no program", async ({
  page,
  person,
  server,
}, testInfo) => {
  await person.setsUp();
  await person.findsTheForm();
  const first = await weigh(page, async () => {
    await page.reload();
    await person.findsTheForm();
  });
  await page.context().clearCookies();
  const signIn = await weigh(page, async () => {
    await page.goto(`${server.url}/sign-in`);
  });
  const report = { first: Object.fromEntries(first.files), signIn: Object.fromEntries(signIn.files) };
  await testInfo.attach("weights", {
    body: JSON.stringify(report, undefined, 2),
    contentType: "application/json",
  });

  expect([...signIn.files.keys()].filter((path) => /\.(wasm|js)$/.test(path))).toEqual([]);
  expect(signIn.bytes).toBeLessThanOrEqual(SIGN_IN_BUDGET);
  expect([...first.files.keys()].filter((path) => path.endsWith(".wasm"))).toHaveLength(1);
  expect(first.bytes).toBeLessThanOrEqual(FIRST_PAGE_BUDGET);
});
