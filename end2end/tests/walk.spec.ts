// The way that pages go when the browser runs their program.

import { expect, test } from "../src/test.ts";
import { walk } from "../src/walk.ts";

declare global {
  interface Window {
    /** Lives as long as the document. */
    sameDocument?: boolean;
  }
}

test("a newcomer goes the whole way, and no page is ever loaded anew", async ({
  person,
  server,
}) => {
  const { page } = person;
  await walk(person, server, {
    onHome: () =>
      page.evaluate(() => {
        window.sameDocument = true;
      }),
    onEmptyList: async () => {
      expect(await page.evaluate(() => window.sameDocument)).toBe(true);
    },
  });
});
