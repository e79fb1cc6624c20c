// The first steps of a new user, with JavaScript disabled.

import { expect, test } from "../src/test.ts";
import { takeFirstSteps } from "../src/first-steps.ts";

test.use({ javaScriptEnabled: false });

test("a new user takes the first steps without scripts", async ({ person, problems, server }) => {
  problems.expect(/berth\.wasm was preloaded using link preload but not used/);
  await takeFirstSteps(person, server);
});

test("a refused form shows the errors and keeps the input", async ({
  page,
  person,
  problems,
  server,
}) => {
  problems.expect(/status of 422 .*CompleteSetup/, /status of 401 .*SignIn/);
  await page.goto(await server.setUpLink());
  await page.getByLabel("Your name").fill(person.name);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill("too short");
  await person.submits("Create account");
  const password = page.getByLabel("Password");
  await expect(password).toHaveAttribute("aria-invalid", "true");
  await expect(password).toHaveValue("");
  await expect(page.getByLabel("Email")).toHaveValue(person.email);

  await password.fill(person.password);
  await person.submits("Create account");
  await expect(person.heading("Home")).toBeVisible();
  await person.signsOut();
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill("not the right one");
  await person.submits("Sign in");
  await expect(page.getByRole("alert")).toBeVisible();
  await person.signsIn();
  await expect(person.heading("Home")).toBeVisible();
});
