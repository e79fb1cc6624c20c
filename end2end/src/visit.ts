// Every page, in the order in which a new user could see them.

import { type Page, expect } from "@playwright/test";

import { EXAMPLE, type Person } from "./person.ts";
import type { Server } from "./server.ts";
import type { PageCheck } from "./visit/check.ts";
import { visitTheEnvironments } from "./visit/environments.ts";
import {
  visitALostVolume,
  visitTheApiTokens,
  visitTheRegistries,
  visitTheSecrets,
  visitTheVolumes,
} from "./visit/resources.ts";
import { visitTheRunners } from "./visit/runners.ts";

/** Opens every page, and creates what it shows. */
export async function visitEveryPage(
  person: Person,
  server: Server,
  check: PageCheck,
): Promise<void> {
  const { page } = person;
  await page.goto("/");
  await expect(person.heading("Berth is not set up yet")).toBeVisible();
  await check("not-set-up");
  const link = await server.setUpLink();
  await page.goto(link);
  await expect(person.heading("Set up Berth")).toBeVisible();
  await check("set-up");
  await page.getByLabel("Your name").fill(person.name);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill("short");
  await person.submits("Create account");
  await expect(page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
  await check("set-up-refused");

  await person.setsUp();
  await person.findsTheForm();
  await check("home-empty");
  await person.goesTo("Deployments");
  await expect(page.getByText("No deployments yet")).toBeVisible();
  await check("deployments-empty");
  await page.goto(page.url() + "/new");
  await person.findsTheForm();
  await check("new-deployment");
  await page.getByLabel("Name", { exact: true }).fill("Not a name");
  await person.submits("Deploy");
  await expect(page.getByLabel("Name", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await check("new-deployment-refused");
  await page.getByLabel("Name", { exact: true }).fill(EXAMPLE.name);
  await person.deploysTheExample();
  await check("deployment-under-way");
  await person.seesLive(1);
  await check("deployment");
  await person.opensTab("Logs");
  await expect(page.getByRole("log").getByText("listens on port 8080")).toBeVisible();
  await check("deployment-logs");
  await page.getByLabel("Search").fill("listens on");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByRole("link", { name: "Show all" })).toBeVisible();
  await check("deployment-logs-found");
  await person.opensTab("Metrics");
  // The first numbers come while the page is open.
  await expect(page.getByRole("img", { name: /^CPU from/ })).toBeVisible({ timeout: 30_000 });
  await check("deployment-metrics");
  await person.opensTab("Runs");
  await expect(page.getByText("No runs yet")).toBeVisible();
  await check("deployment-runs-empty");
  await page.getByLabel("Entry point").fill("/bin/nothing");
  await person.submits("Run task");
  await page.getByRole("link", { name: "Run 1" }).click();
  await expect(page.getByText("Run 1 failed")).toBeVisible();
  await check("deployment-run-failed");
  await page.getByRole("link", { name: /^Runs of/ }).click();
  await expect(page.getByRole("list", { name: "Runs" })).toBeVisible();
  await check("deployment-runs");
  await person.opensTab("Terminal");
  await expect(page.getByRole("button", { name: "Open a terminal" })).toBeVisible();
  await check("deployment-terminal");
  await person.opensTab("Settings");
  await expect(page.getByLabel("to confirm")).toBeVisible();
  await check("deployment-settings");
  await unfold(page);
  await check("deployment-settings-open");
  await page.getByLabel("Paste a .env file").fill('GREETING="Good night"\nLOG_LEVEL=debug');
  await person.submits("Fill in variables");
  await expect(page.getByText("Nothing is saved yet")).toBeVisible();
  await check("deployment-settings-pasted");
  await unfold(page);
  await page.getByLabel("Paste a .env file").fill("NAME WITHOUT A SIGN");
  await person.submits("Fill in variables");
  await expect(page.getByText("No variable was changed")).toBeVisible();
  await check("deployment-settings-paste-refused");
  await unfold(page);
  await page.getByLabel("Paste a .env file").fill("");
  await page.getByLabel("Probe type").first().selectOption("command");
  await person.submits("Save settings");
  await expect(page.getByText("Enter the command to run.")).toBeVisible();
  await check("deployment-settings-refused");
  await person.opensTab("Overview");
  await person.submits("Deploy");
  await person.seesLive(2);
  await person.row("Earlier releases", "Release 1").getByRole("link").click();
  await expect(person.heading(`Release 1 of ${EXAMPLE.name}`)).toBeVisible();
  await check("release");

  await visitAFailure(person, check);
  await person.goesTo("Deployments");
  await expect(person.row("Deployments", EXAMPLE.name)).toBeVisible();
  await check("deployments");
  await person.goesTo("Home");
  await expect(person.row("Deployments", EXAMPLE.name).first()).toBeVisible();
  await check("home");

  await visitTheSecrets(person, check);
  await visitTheRegistries(person, check);
  await visitTheApiTokens(person, server, check);
  await visitTheEnvironments(person, check);
  await visitTheVolumes(person, check);
  await visitALostVolume(person, check);
  await visitTheRunners(person, check);
  await visitTheRest(person, link, check);
}

/** Opens every collapsed part of a form. */
async function unfold(page: Page): Promise<void> {
  await page.locator("form details").evaluateAll((all) => {
    for (const part of all) (part as HTMLDetailsElement).open = true;
  });
}

/** A release whose image does not exist. */
async function visitAFailure(person: Person, check: PageCheck): Promise<void> {
  const { page } = person;
  await person.goesTo("Deployments");
  await page.getByRole("link", { name: "New deployment" }).click();
  await person.findsTheForm();
  await page.getByLabel("Name", { exact: true }).fill("broken");
  await page.getByRole("textbox", { name: "Image" }).fill("berth/there-is-no-such-image:latest");
  await person.submits("Deploy");
  await expect(page.getByText("Release 1 failed")).toBeVisible({ timeout: 40_000 });
  await check("deployment-failed");
}

async function visitTheRest(person: Person, link: string, check: PageCheck): Promise<void> {
  const { page } = person;
  await page.goto("/workspace/new");
  await expect(person.heading("New workspace")).toBeVisible();
  await check("new-workspace");
  await page.getByRole("button", { name: /^Workspace: / }).click();
  await check("workspace-menu");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Account" }).click();
  await check("person-menu");
  await page.keyboard.press("Escape");
  await page.goto("/there/is/no/such/page");
  await expect(person.heading("Not found")).toBeVisible();
  await check("not-found");
  await page.goto("/components");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await check("components");
  await page.goto(link);
  await expect(person.heading("Berth is set up")).toBeVisible();
  await check("set-up-already");
  await page.context().clearCookies({ name: "berth" });
  await page.goto("/");
  await expect(person.heading("Sign in")).toBeVisible();
  await check("sign-in");
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill("not the right one");
  await person.submits("Sign in");
  await expect(page.getByRole("alert")).toBeVisible();
  await check("sign-in-refused");
}
