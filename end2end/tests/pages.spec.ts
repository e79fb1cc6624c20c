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

/** Ways to look at a page. The visit goes on in the last one; other tests use wide windows. */
const LOOKS = [1440, 360].flatMap((width) =>
  (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })),
);

// One visit for all of them: making what the pages show takes longer than looking at it.
test("every page meets WCAG 2.2 AA and fits the screen, in both color schemes", async ({
  page,
  person,
  problems,
  server,
}) => {
  test.setTimeout(900_000);
  problems.expect(/status of (401|404|422) /);
  await visitEveryPage(person, server, async (name) => {
    for (const { width, colorScheme } of LOOKS) {
      const look = `${name} at ${width} px in ${colorScheme} colors`;
      await page.setViewportSize({ width, height: 900 });
      // Without motion, colors change at once.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.html} ${node.any[0]?.message ?? ""}`),
      );
      expect.soft(found, `axe on ${look}`).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect.soft(wide, `width of ${look}`).toBeLessThanOrEqual(width);
    }
  });
});

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
