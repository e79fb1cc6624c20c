// Runs: one-off tasks of a deployment, each in its own container.

import { importShell } from "../src/docker.ts";
import type { Person } from "../src/person.ts";
import { expect, test } from "../src/test.ts";

async function runsAShell(person: Person, script: string, retries = "None"): Promise<void> {
  await person.page.getByLabel("Entry point").fill(JSON.stringify(["/bin/sh", "-c", script]));
  await person.page.getByLabel("Retries").selectOption(retries);
  await person.submits("Run task");
}

for (const scripts of [true, false]) {
  test.describe(scripts ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled: scripts });

    test("a task runs to its end, and its lines are in the log", async ({ page, person }) => {
      await person.setsUp();
      await person.findsTheForm();
      await page.getByRole("textbox", { name: "Image" }).fill(await importShell());
      await person.deploysTheExample();
      await person.seesLive(1);
      await person.opensTab("Runs");

      await runsAShell(person, "echo migrated 7 tables");
      await page.getByRole("link", { name: "Run 1", exact: true }).click();
      await person.sees(page.getByText("Exited with code 0").first());
      await page.getByRole("link", { name: "Log of attempt 1" }).click();
      await expect(page.getByText("migrated 7 tables")).toBeVisible();

      await person.opensTab("Runs");
      await runsAShell(person, "exit 3", "Once");
      await page.getByRole("link", { name: "Run 2", exact: true }).click();
      await person.sees(page.getByText("The task exited with code 3."));
      const attempts = page.getByRole("list", { name: "Attempts" }).getByRole("listitem");
      await expect(attempts).toHaveCount(2);

      await page.getByRole("link", { name: /^Runs of/ }).click();
      await runsAShell(person, "sleep 600");
      await page.getByRole("link", { name: "Run 3", exact: true }).click();
      await person.sees(page.getByRole("list", { name: "Attempts" }).getByText("Running").first());
      await page.getByRole("button", { name: "Cancel run" }).click();
      await person.sees(page.getByText("Canceled. The runner stops its instance."));
      await page.getByRole("link", { name: /^Runs of/ }).click();
      await person.opensTab("Overview");
      await person.seesLive(1);
    });
  });
}
