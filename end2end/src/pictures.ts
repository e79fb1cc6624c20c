// Takes a picture of every page into `pictures`.

import { test } from "./test.ts";
import { visitEveryPage } from "./visit.ts";

test("pictures of every page", async ({ page, person, problems, server }, testInfo) => {
  problems.expect(/status of (401|404|422) /);
  await visitEveryPage(person, server, async (name) => {
    await page.screenshot({
      path: `pictures/${name}-${testInfo.project.name}.png`,
      fullPage: true,
      animations: "disabled",
    });
  });
});
