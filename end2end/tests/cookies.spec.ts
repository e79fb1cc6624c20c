// Cookies that a browser sends to apps on the server's own host.

import type { Page } from "@playwright/test";

import type { Program } from "../src/program.ts";
import { startRunner } from "../src/runner.ts";
import { expect, test } from "../src/test.ts";

/** Request headers, as the example app shows them. */
async function headersAt(page: Page, url: string): Promise<string> {
  await page.goto(new URL("/headers", url).href);
  const text = await page.locator("body").innerText();
  expect(text, "the app shows headers").toContain("user-agent: ");
  return text;
}

/** The warning for administrators. */
const warning = (page: Page) => page.getByText(/can take over the sessions/);

test("an app on this machine is sent no cookie of the dashboard", async ({
  context,
  page,
  person,
  server,
}) => {
  await person.setsUp();
  await person.findsTheForm();
  const greeting = await person.deploysTheExample();
  await person.seesLive(1);
  const url = await person.opensTheApp(greeting);
  const { hostname, port } = new URL(url);
  expect(hostname).not.toBe(new URL(server.url).hostname);

  const app = await context.newPage();
  expect(await headersAt(app, url)).not.toMatch(/^cookie:/m);

  // A hostile app would lead its visitors to itself under the dashboard's name. Nobody is there.
  for (const name of ["localhost", "127.0.0.1", "[::1]"]) {
    // Each in a page of its own: the browser's error page interrupts what follows in the same one.
    const refused = await context.newPage();
    const opening = refused.goto(`http://${name}:${port}/headers`);
    await expect(opening).rejects.toThrow(/ERR_CONNECTION_REFUSED/);
    await refused.close();
  }
  // Nor is there a dashboard under a name that an app could have, and a session neither.
  for (const name of ["127.0.0.1", "berth.localhost"]) {
    const answer = await app.goto(`http://${name}:${server.port}/`);
    expect(answer?.status()).toBe(421);
    await expect(app.getByRole("link", { name: server.url })).toBeVisible();
  }
  for (const cookie of await context.cookies()) expect(cookie.domain).toBe("localhost");

  await app.close();
  await person.goesTo("Runners");
  await expect(warning(page)).toBeHidden();
});

test("a warning names a runner whose apps share the dashboard's host name", async ({
  context,
  page,
  person,
  server,
}) => {
  await person.setsUp();
  await person.goesTo("Runners");
  await page.getByRole("link", { name: "Add a runner" }).click();
  await page.getByLabel("Name", { exact: true }).fill("build-box");
  const command = await person.addsTheRunner();
  await person.goesTo("Runners");
  let runner: Program | undefined;
  try {
    // It publishes on 127.0.0.1 unless it is told otherwise.
    runner = startRunner(command);
    await person.sees(person.row("Runners", "build-box").getByText("Connected", { exact: true }));
    await person.sees(warning(page).filter({ hasText: "build-box" }));
    await person.goesTo("Home");
    await expect(warning(page)).toBeVisible();

    // What it warns of is true, which also shows that the other test could fail.
    await person.findsTheForm();
    await page.getByLabel("Runner").selectOption({ label: "build-box (connected)" });
    const greeting = await person.deploysTheExample();
    await person.seesLive(1);
    const { port } = new URL(await person.opensTheApp(greeting));
    const app = await context.newPage();
    expect(await headersAt(app, `http://localhost:${port}`)).toMatch(/^cookie: .*berth=\(hidden\)/m);
    await app.close();
  } finally {
    await runner?.kill();
  }
  expect(server.log).toContain("apps on this runner share the dashboard's host name");
});
