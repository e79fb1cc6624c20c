// The pages of runners.

import { expect } from "@playwright/test";

import type { Person } from "../person.ts";
import type { PageCheck } from "./check.ts";

/** Opens every page of runners. */
export async function visitTheRunners(person: Person, check: PageCheck): Promise<void> {
  const { page } = person;
  await person.goesTo("Runners");
  await expect(person.row("Runners", "this-machine")).toContainText("Connected");
  await check("runners");
  await person.row("Runners", "this-machine").getByRole("link", { name: "this-machine" }).click();
  await expect(person.heading("this-machine")).toBeVisible();
  await check("runner");
  await person.goesTo("Runners");
  await page.getByRole("link", { name: "Enter a code" }).click();
  await page.getByLabel("Code").fill("BCDF-GHJK");
  await person.submits("Continue");
  await expect(page.getByLabel("Code")).toHaveAttribute("aria-invalid", "true");
  await check("enter-code-refused");
  await person.goesTo("Runners");
  await page.getByRole("link", { name: "Add a runner" }).click();
  await page.getByLabel("Name", { exact: true }).fill("build-box");
  await check("new-runner");
  await person.addsTheRunner();
  await expect(page.getByRole("button", { name: "Copy" })).toBeVisible();
  await check("new-runner-token");
  await page.getByRole("link", { name: "Go to runners" }).click();
  await person.row("Runners", "build-box").getByRole("link", { name: "build-box" }).click();
  await expect(page.getByRole("button", { name: "Remove this runner" })).toBeVisible();
  await check("runner-never-connected");
  await page.getByRole("link", { name: "New token" }).click();
  await expect(page.getByRole("button", { name: "Create token" })).toBeVisible();
  await check("runner-token");
}
