// The pages of secrets, registries and volumes.

import { expect } from "@playwright/test";

import { importShell, removeVolume } from "../docker.ts";
import type { Person } from "../person.ts";
import type { Server } from "../server.ts";
import type { PageCheck } from "./check.ts";

/** Opens every page of secrets. */
export async function visitTheSecrets(person: Person, check: PageCheck): Promise<void> {
  const { page } = person;
  await person.goesTo("Secrets");
  await expect(page.getByText("No secrets yet")).toBeVisible();
  await check("secrets-empty");
  await page.getByRole("link", { name: "New secret" }).first().click();
  await expect(page.getByLabel("Value")).toBeVisible();
  await check("new-secret");
  await person.keepsASecret("STRIPE_KEY", "sk_test_not_a_real_one");
  await check("secret");
  await person.goesTo("Secrets");
  await expect(person.row("Secrets", "STRIPE_KEY")).toBeVisible();
  await check("secrets");
  await page.goto(page.url().replace("secret", "deployment/new"));
  await person.findsTheForm();
  await check("new-deployment-with-secrets");
}

/** Opens every page of registries. */
export async function visitTheRegistries(person: Person, check: PageCheck): Promise<void> {
  const { page } = person;
  await person.goesTo("Registries");
  await expect(page.getByText("No registries yet")).toBeVisible();
  await check("registries-empty");
  await page.getByRole("link", { name: "New registry" }).first().click();
  await page.getByLabel("Host").fill("https://ghcr.io/");
  await page.getByLabel("Username").fill("ada");
  await page.getByLabel("Password or token").fill("not a real one");
  await check("new-registry");
  await person.submits("Save registry");
  await expect(page.getByLabel("Host")).toHaveAttribute("aria-invalid", "true");
  await check("new-registry-refused");
  await page.getByLabel("Host").fill("ghcr.io");
  await page.getByLabel("Password or token").fill("not a real one");
  await person.submits("Save registry");
  await expect(person.heading("ghcr.io")).toBeVisible();
  await check("registry");
  await person.goesTo("Registries");
  await expect(person.row("Registries", "ghcr.io")).toBeVisible();
  await check("registries");
}

/** Opens every page of API tokens, and calls the API with one. */
export async function visitTheApiTokens(
  person: Person,
  server: Server,
  check: PageCheck,
): Promise<void> {
  const { page } = person;
  await person.goesToTheApiTokens();
  await expect(page.getByText("No API tokens yet")).toBeVisible();
  await check("api-tokens-empty");
  await page.getByRole("link", { name: "New API token" }).first().click();
  await expect(page.getByLabel("Access")).toBeVisible();
  await check("new-api-token");
  const token = await person.createsAnApiToken("ci");
  await check("new-api-token-shown");
  const [, workspace] = /workspace\/([^/]+)/.exec(page.url()) ?? [];
  const calls = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${server.url}/api/v1/workspace/${workspace}/secret`, { headers })).status;
  };
  expect(await calls()).toBe(200);
  await person.goesToTheApiTokens();
  await expect(person.row("API tokens", "ci")).toBeVisible();
  await check("api-tokens");
  await person.row("API tokens", "ci").getByRole("link").first().click();
  await expect(person.heading("ci")).toBeVisible();
  await check("api-token");
  await page.getByLabel("to confirm").fill("ci");
  await person.submits("Delete this token");
  expect(await calls()).toBe(401);
}

/** Opens every page of volumes. */
export async function visitTheVolumes(person: Person, check: PageCheck): Promise<void> {
  const { page } = person;
  await person.goesTo("Volumes");
  await expect(page.getByText("No volumes yet")).toBeVisible();
  await check("volumes-empty");
  await page.getByRole("link", { name: "New volume" }).first().click();
  await page.getByLabel("Name", { exact: true }).fill("database");
  await check("new-volume");
  await person.submits("Create volume");
  await expect(person.heading("database")).toBeVisible();
  await check("volume");
  await page.goto(page.url().replace(/volume\/.*$/, "deployment/new"));
  await person.findsTheForm();
  await page.getByText("Volumes", { exact: true }).last().click();
  await expect(page.getByLabel("Directory of volume 1")).toBeVisible();
  await check("new-deployment-with-volumes");
  await person.goesTo("Volumes");
  await person.row("Volumes", "database").getByRole("link").first().click();
  await page.getByLabel("to confirm").fill("database");
  await person.submits("Move to trash");
  await expect(page.getByText("This volume is in the trash")).toBeVisible();
  await check("volume-in-trash");
  await person.goesTo("Volumes");
  await expect(person.row("Trash", "database")).toBeVisible();
  await check("volumes");
}

/** Opens the pages of an app whose image declares a volume, which is then lost. */
export async function visitALostVolume(person: Person, check: PageCheck): Promise<void> {
  const { page } = person;
  const image = await importShell();
  await person.goesTo("Deployments");
  await page.getByRole("link", { name: "New deployment" }).first().click();
  await person.findsTheForm();
  await page.getByLabel("Name", { exact: true }).fill("keeper");
  await page.getByRole("textbox", { name: "Image" }).fill(image);
  await person.submits("Deploy");
  await person.seesLive(1);
  await expect(page.getByRole("heading", { name: "From the image" })).toBeVisible();
  await check("deployment-unkept-folder");
  await person.submits("Create volume for /data");
  await check("deployment-settings-with-volume");
  await person.submits("Save settings");
  await person.seesLive(2);
  await person.submits("Stop");
  await person.seesStatus("Stopped");
  await person.goesTo("Volumes");
  await person.row("Volumes", "keeper-data").getByRole("link").first().click();
  await expect(person.heading("keeper-data")).toBeVisible();
  const volume = page.url();
  await removeVolume(volume.split("/").at(-1) ?? "");
  await person.goesTo("Deployments");
  await person.row("Deployments", "keeper").getByRole("link").first().click();
  await person.submits("Start");
  await person.sees(page.getByText(/volume at \/data/i).first());
  await check("deployment-lost-volume");
  await page.goto(volume);
  await expect(page.getByText("This volume is lost")).toBeVisible();
  await check("volume-lost");
}
