// The pages of projects and environments.

import { expect } from "@playwright/test";

import type { Person } from "../person.ts";
import type { PageCheck } from "./check.ts";

/** Opens every page of projects and environments, and the lists that they split. */
export async function visitTheEnvironments(person: Person, check: PageCheck): Promise<void> {
  const { page } = person;
  await person.goesTo("Secrets");
  // A workspace with one environment never mentions it.
  await expect(page.getByRole("combobox", { name: "Environment" })).toHaveCount(0);
  await person.goesToTheProjects();
  await check("projects");
  await page.getByRole("link", { name: "New project" }).first().click();
  await expect(page.getByLabel("First environment")).toHaveValue("production");
  await check("new-project");
  await page.goBack();
  await page.getByRole("link", { name: "main", exact: true }).click();
  await expect(person.heading("main")).toBeVisible();
  await check("project");
  await page.getByRole("link", { name: "New environment" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Not a name");
  await person.submits("Create environment");
  await expect(page.getByLabel("Name", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await check("new-environment-refused");
  await page.getByLabel("Name", { exact: true }).fill("staging");
  await person.submits("Create environment");
  await expect(person.heading("staging")).toBeVisible();
  await check("environment");

  await page.getByRole("main").getByRole("link", { name: /Secrets/ }).click();
  await expect(page.getByText("No secrets yet")).toBeVisible();
  await page.getByRole("link", { name: "New secret" }).first().click();
  await expect(page.getByRole("combobox", { name: "Environment" })).toBeVisible();
  await check("new-secret-in-environment");
  await page.getByLabel("Name", { exact: true }).fill("STRIPE_KEY");
  await page.getByLabel("Value").fill("a value of the staging environment");
  await person.submits("Save secret");
  await expect(person.heading("STRIPE_KEY")).toBeVisible();
  await expect(page.getByRole("link", { name: "main / staging" })).toBeVisible();
  await check("secret-in-environment");
  await person.goesTo("Secrets");
  await expect(person.row("Secrets", "main / staging")).toHaveCount(1);
  await expect(person.row("Secrets", "main / production")).toHaveCount(1);
  await check("secrets-of-environments");
  await page.getByRole("combobox", { name: "Environment" }).selectOption("main / production");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(person.row("Secrets", "STRIPE_KEY")).toHaveCount(1);
  await check("secrets-of-one-environment");
  await person.goesTo("Deployments");
  await page.goto(`${page.url()}/new`);
  await person.findsTheForm();
  await page.getByText("Environment: main / production").click();
  await check("new-deployment-in-environment");
}
