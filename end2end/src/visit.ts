// Every page there is, in the order in which a newcomer could see them.

import { type Page, expect } from "@playwright/test";

import { EXAMPLE, type Person } from "./person.ts";
import type { Server } from "./server.ts";
import type { Look } from "./visit/look.ts";
import {
  visitALostVolume,
  visitTheRegistries,
  visitTheSecrets,
  visitTheVolumes,
} from "./visit/resources.ts";
import { visitTheRunners } from "./visit/runners.ts";

/** Opens every page, and makes what must be there to be seen. */
export async function visitEveryPage(person: Person, server: Server, look: Look): Promise<void> {
  const { page } = person;
  await page.goto("/");
  await expect(person.heading("Berth is not set up yet")).toBeVisible();
  await look("not-set-up");
  const link = await server.setUpLink();
  await page.goto(link);
  await expect(person.heading("Set up Berth")).toBeVisible();
  await look("set-up");
  await page.getByLabel("Your name").fill(person.name);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill("short");
  await person.submits("Create account");
  await expect(page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
  await look("set-up-refused");

  await person.setsUp();
  await person.findsTheForm();
  await look("home-empty");
  await person.goesTo("Deployments");
  await expect(page.getByText("No deployments yet")).toBeVisible();
  await look("deployments-empty");
  await page.goto(page.url() + "/new");
  await person.findsTheForm();
  await look("new-deployment");
  await page.getByLabel("Name", { exact: true }).fill("Not a name");
  await person.submits("Deploy");
  await expect(page.getByLabel("Name", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await look("new-deployment-refused");
  await page.getByLabel("Name", { exact: true }).fill(EXAMPLE.name);
  await person.deploysTheExample();
  await look("deployment-under-way");
  await person.seesLive(1);
  await look("deployment");
  await person.opensTab("Logs");
  await expect(page.getByRole("log").getByText("listens on port 8080")).toBeVisible();
  await look("deployment-logs");
  await page.getByLabel("Search").fill("listens on");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByRole("link", { name: "Show all" })).toBeVisible();
  await look("deployment-logs-found");
  await person.opensTab("Metrics");
  // The first numbers come while the page is open.
  await expect(page.getByRole("img", { name: /^CPU from/ })).toBeVisible({ timeout: 30_000 });
  await look("deployment-metrics");
  await person.opensTab("Runs");
  await expect(page.getByText("No runs yet")).toBeVisible();
  await look("deployment-runs-empty");
  await page.getByLabel("Entry point").fill("/bin/nothing");
  await person.submits("Run task");
  await page.getByRole("link", { name: "Run 1" }).click();
  await expect(page.getByText("Run 1 failed")).toBeVisible();
  await look("deployment-run-failed");
  await page.getByRole("link", { name: /^Runs of/ }).click();
  await expect(page.getByRole("list", { name: "Runs" })).toBeVisible();
  await look("deployment-runs");
  await person.opensTab("Terminal");
  await expect(page.getByRole("button", { name: "Open a terminal" })).toBeVisible();
  await look("deployment-terminal");
  await person.opensTab("Settings");
  await expect(page.getByLabel("to confirm")).toBeVisible();
  await look("deployment-settings");
  await unfold(page);
  await look("deployment-settings-open");
  await page.getByLabel("Paste a .env file").fill('GREETING="Good night"\nLOG_LEVEL=debug');
  await person.submits("Fill in variables");
  await expect(page.getByText("Nothing is saved yet")).toBeVisible();
  await look("deployment-settings-pasted");
  await unfold(page);
  await page.getByLabel("Paste a .env file").fill("NAME WITHOUT A SIGN");
  await person.submits("Fill in variables");
  await expect(page.getByText("No variable was changed")).toBeVisible();
  await look("deployment-settings-paste-refused");
  await unfold(page);
  await page.getByLabel("Paste a .env file").fill("");
  await page.getByLabel("Probe type").first().selectOption("command");
  await person.submits("Save settings");
  await expect(page.getByText("Enter the command to run.")).toBeVisible();
  await look("deployment-settings-refused");
  await person.opensTab("Overview");
  await person.submits("Deploy");
  await person.seesLive(2);
  await person.row("Earlier releases", "Release 1").getByRole("link").click();
  await expect(person.heading(`Release 1 of ${EXAMPLE.name}`)).toBeVisible();
  await look("release");

  await visitAFailure(person, look);
  await person.goesTo("Deployments");
  await expect(person.row("Deployments", EXAMPLE.name)).toBeVisible();
  await look("deployments");
  await person.goesTo("Home");
  await expect(person.row("Deployments", EXAMPLE.name).first()).toBeVisible();
  await look("home");

  await visitTheSecrets(person, look);
  await visitTheRegistries(person, look);
  await visitTheVolumes(person, look);
  await visitALostVolume(person, look);
  await visitTheRunners(person, look);
  await visitTheRest(person, link, look);
}

/** Opens every part of a form that is folded away. */
async function unfold(page: Page): Promise<void> {
  await page.locator("form details").evaluateAll((all) => {
    for (const part of all) (part as HTMLDetailsElement).open = true;
  });
}

/** A release whose image does not exist. */
async function visitAFailure(person: Person, look: Look): Promise<void> {
  const { page } = person;
  await person.goesTo("Deployments");
  await page.getByRole("link", { name: "New deployment" }).click();
  await person.findsTheForm();
  await page.getByLabel("Name", { exact: true }).fill("broken");
  await page.getByRole("textbox", { name: "Image" }).fill("berth/there-is-no-such-image:latest");
  await person.submits("Deploy");
  await expect(page.getByText("Release 1 failed")).toBeVisible({ timeout: 40_000 });
  await look("deployment-failed");
}

async function visitTheRest(person: Person, link: string, look: Look): Promise<void> {
  const { page } = person;
  await page.goto("/workspace/new");
  await expect(person.heading("New workspace")).toBeVisible();
  await look("new-workspace");
  await page.getByRole("button", { name: /^Workspace: / }).click();
  await look("workspace-menu");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Account" }).click();
  await look("person-menu");
  await page.keyboard.press("Escape");
  await page.goto("/there/is/no/such/page");
  await expect(person.heading("Not found")).toBeVisible();
  await look("not-found");
  await page.goto("/components");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await look("components");
  await page.goto(link);
  await expect(person.heading("Berth is set up")).toBeVisible();
  await look("set-up-already");
  await page.context().clearCookies({ name: "berth" });
  await page.goto("/");
  await expect(person.heading("Sign in")).toBeVisible();
  await look("sign-in");
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill("not the right one");
  await person.submits("Sign in");
  await expect(page.getByRole("alert")).toBeVisible();
  await look("sign-in-refused");
}
