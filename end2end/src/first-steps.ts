// The first steps of a new user, from the set-up link to an empty list, with or without scripts.

import { randomUUID } from "node:crypto";

import { expect, test } from "@playwright/test";

import { containers } from "./docker.ts";
import { EXAMPLE, type Person } from "./person.ts";
import type { Server } from "./server.ts";

/** Takes all steps. */
export async function takeFirstSteps(person: Person, server: Server): Promise<void> {
  const { page } = person;
  let url = "";
  let first = "";

  await test.step("becomes the administrator", async () => {
    await person.setsUp();
    await person.findsTheForm();
    // It connects a moment later; the page must not go on saying that it is away.
    await person.sees(page.getByRole("link", { name: /^1 of 1\s*Runners connected$/ }));
    await expect.soft(page.getByLabel("Runner")).toContainText("this-machine (connected)");
  });

  await test.step("sees that this machine is a runner", async () => {
    await person.goesTo("Runners");
    await person.sees(person.row("Runners", "this-machine").getByText("Connected", { exact: true }));
    await person.goesTo("Home");
  });

  await test.step("deploys the example and opens it", async () => {
    await person.findsTheForm();
    first = await person.deploysTheExample();
    await person.seesLive(1);
    // An address to be copied and sent to others, so a tidy one.
    await expect.soft(page).toHaveURL(/\/workspace\/[0-9a-f-]{36}\/deployment\/[0-9a-f-]{36}$/);
    url = await person.opensTheApp(first);
  });

  await test.step("reads its log", async () => {
    await person.opensTab("Logs");
    const log = page.getByRole("log");
    await person.sees(log.getByText("listens on port 8080"));
    const path = `/healthz?${randomUUID()}`;
    await expect(log.getByText(path)).toBeHidden();
    await fetch(new URL(path, url));
    await person.sees(log.getByText(path));
  });

  await test.step("changes a setting", async () => {
    await person.opensTab("Settings");
    const greeting = `Good evening ${randomUUID()}`;
    await person.greets(greeting);
    await person.submits("Save settings");
    await person.seesLive(2);
    url = await person.opensTheApp(greeting);
  });

  await test.step("rolls back", async () => {
    await person.row("Earlier releases", "Release 1").getByRole("link").click();
    await expect(person.heading(`Release 1 of ${EXAMPLE.name}`)).toBeVisible();
    const changes = person.section("Roll back");
    await expect(changes.getByText("environment GREETING")).toBeVisible();
    await expect(changes.locator("ins")).toHaveText(first);
    await person.submits("Roll back to release 1");
    await person.seesLive(3);
    url = await person.opensTheApp(first);
  });

  await test.step("gives it a secret", async () => {
    const deployment = page.url();
    const value = `hush ${randomUUID()}`;
    await person.keepsASecret("KEY", value);
    await page.goto(deployment);
    await person.opensTab("Settings");
    await page.getByLabel("Name of variable 2").fill("KEY");
    await page.getByLabel("Source of variable 2").selectOption({ label: "Secret KEY" });
    await person.submits("Save settings");
    await person.seesLive(4);
    url = await person.opensTheApp(first);
    const environment = await fetch(new URL("/env", url));
    expect(await environment.text()).toContain(`KEY=${value}`);
    await person.opensTab("Settings");
    await expect(page.getByLabel("Name of variable 2")).toHaveValue("KEY");
    expect(await page.content()).not.toContain(value);
    await person.opensTab("Overview");
  });

  await test.step("stops and starts it", async () => {
    await person.submits("Stop");
    await person.seesStatus("Stopped");
    await expect(page.getByRole("link", { name: "Open" })).toBeHidden();
    await expect(fetch(url)).rejects.toThrow();
    await person.submits("Start");
    await person.seesStatus("Running");
    await person.opensTheApp(first);
  });

  await test.step("deletes it", async () => {
    await person.opensTab("Settings");
    const confirm = page.getByLabel("to confirm");
    await confirm.fill("hallo");
    await page.getByRole("button", { name: "Delete this deployment" }).click();
    await expect(person.heading(EXAMPLE.name)).toBeVisible();
    await confirm.fill(EXAMPLE.name);
    await person.submits("Delete this deployment");
    await expect(person.heading("Deployments")).toBeVisible();
    await person.sees(page.getByText("No deployments yet"));
    for (const runner of server.runners) {
      await expect.poll(() => containers(runner)).toEqual([]);
    }
  });

  await test.step("signs out", async () => {
    await person.signsOut();
    await page.goto("/");
    await expect(person.heading("Sign in")).toBeVisible();
  });
}
