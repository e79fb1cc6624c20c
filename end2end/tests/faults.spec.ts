// Crashes and lost connections: live pages end up showing the true state.

import type { Page } from "@playwright/test";

import { containers, killContainer, nextContainer } from "../src/docker.ts";
import { EXAMPLE, Person } from "../src/person.ts";
import type { Program } from "../src/program.ts";
import { startRunner } from "../src/runner.ts";
import type { Server } from "../src/server.ts";
import { expect, test } from "../src/test.ts";

/** Browser messages about an unreachable server. */
const UNREACHABLE = [/WebSocket connection to .* failed/, /net::ERR_/];

/** Notice of a page without a connection to the server. */
const lost = (page: Page) => page.getByText("Reconnecting…");

async function deploysFrom(person: Person): Promise<string> {
  await person.setsUp();
  await person.findsTheForm();
  const greeting = await person.deploysTheExample();
  await person.seesLive(1);
  return greeting;
}

/** Moments of interruption in a release. */
const moments = {
  "right after it was asked for": (page: Page) =>
    page.waitForResponse((answer) => answer.request().method() === "POST"),
  "while its container is made": (_: Page, runner: string) => nextContainer(runner),
};

for (const [moment, comes] of Object.entries(moments)) {
  test(`a server killed in a release, ${moment}, finishes it after its restart`, async ({
    context,
    person,
    problems,
    server,
  }) => {
    problems.expect(...UNREACHABLE);
    const greeting = await deploysFrom(person);
    const home = new Person(await context.newPage(), server, true);
    await home.page.goto("/");
    await expect(home.heading("Home")).toBeVisible();
    const hand = await context.newPage();
    await hand.goto(person.page.url());
    const [runner = ""] = server.runners;

    const moment = comes(hand, runner);
    await hand.getByRole("button", { name: "Deploy", exact: true }).click();
    await moment;
    await server.kill();
    await hand.close();
    await expect(lost(person.page)).toBeVisible();
    await expect(lost(home.page)).toBeVisible();
    // Or the server was killed too late.
    await expect(person.section("Release 2").getByText("Passed all checks")).toBeHidden();
    await server.start();

    await person.seesLive(2);
    await expect(lost(person.page)).toBeHidden();
    await person.opensTheApp(greeting);
    // What release 1 ran is gone, and nothing was made twice.
    await expect.poll(() => containers(runner)).toHaveLength(1);
    const row = home.row("Deployments", EXAMPLE.name).first();
    await expect(row.getByText("Running", { exact: true })).toBeVisible();
    await expect(row.getByText("release", { exact: true })).toBeHidden();
    await expect(lost(home.page)).toBeHidden();
  });
}

test("a server killed before a first release has begun carries it out after its restart", async ({
  page,
  person,
  problems,
  server,
}) => {
  problems.expect(...UNREACHABLE);
  await person.setsUp();
  await person.findsTheForm();
  const home = page.url();
  await page.getByLabel("Name", { exact: true }).fill("acknowledged");
  const accepted = page.waitForResponse((answer) => answer.request().method() === "POST");
  await page.getByRole("button", { name: "Deploy", exact: true }).click();
  expect((await accepted).status()).toBe(303);
  await server.kill();
  await server.start();

  await page.goto(home);
  await person.goesTo("Deployments");
  await page.getByRole("link", { name: "acknowledged" }).click();
  await person.seesLive(1);
});

test("a killed container is shown as crashed and runs again", async ({ person, server }) => {
  const greeting = await deploysFrom(person);
  const [container = ""] = await containers(server.runners[0] ?? "");
  const words = await wordsOf(person);

  await killContainer(container);
  await expect.poll(words).toContain("Crashed");
  await expect.poll(words).toMatch(/Crashed.*Running/);
  await person.seesStatus("Running");
  await person.opensTheApp(greeting);
  await person.opensTab("Logs");
  await expect(person.page.getByText("listens on port 8080")).toHaveCount(2);
});

test("a killed runner leaves its last observation with its age, and the app keeps running", async ({
  context,
  page,
  person,
  server,
}) => {
  await person.setsUp();
  await person.findsTheForm();
  await person.goesTo("Runners");
  await page.getByRole("link", { name: "Add a runner" }).click();
  await page.getByLabel("Name", { exact: true }).fill("build-box");
  const command = await person.addsTheRunner();
  const runners = new Person(await context.newPage(), server, true);
  await runners.page.goto(page.url().replace(/\/new$/, ""));
  const box = runners.row("Runners", "build-box");
  await expect(box.getByText("Never connected")).toBeVisible();

  let runner: Program | undefined;
  try {
    runner = startRunner(command);
    await expect(box.getByText("Connected", { exact: true })).toBeVisible();
    await person.goesTo("Home");
    await person.findsTheForm();
    await page.getByLabel("Runner").selectOption({ label: "build-box (connected)" });
    const greeting = await person.deploysTheExample();
    await person.seesLive(1);
    const url = await person.opensTheApp(greeting);

    await runner.kill();
    const soon = { timeout: 45_000 };
    await expect(person.status.getByText(/as of .+, the runner is disconnected/)).toBeVisible(soon);
    await expect(person.status.getByText("Running", { exact: true })).toBeVisible();
    await expect(box.getByText("Disconnected", { exact: true })).toBeVisible(soon);
    await expect(box.getByText(/last seen \d/)).toBeVisible();
    expect(await (await fetch(url)).text()).toContain(greeting);

    runner = startRunner(command);
    await expect(person.status.getByText("the runner is disconnected")).toBeHidden(soon);
    await person.seesStatus("Running");
    await expect(box.getByText("Connected", { exact: true })).toBeVisible();
    expect(await person.opensTheApp(greeting)).toBe(url);
  } finally {
    await runner?.kill();
  }
});

test("a page that lost its connection catches up after it returns", async ({
  connection,
  page,
  person,
  problems,
  server,
}) => {
  problems.expect(...UNREACHABLE);
  await deploysFrom(person);

  connection.cut();
  await expect(lost(page)).toBeVisible();
  await expect(page.getByText(/last seen .+ ago/)).toBeVisible();
  await stopsElsewhere(page, server);
  await expect(person.status.getByText("Running", { exact: true })).toBeVisible();

  connection.restore();
  await person.seesStatus("Stopped");
  await expect(lost(page)).toBeHidden();
});

test("a rate-limited live page shows it, waits and continues", async ({
  page,
  person,
  problems,
  server,
}) => {
  problems.expect(/status of 429/);
  await deploysFrom(person);
  const address = page.url();

  let asked = 0;
  await page.route(address, (route) => {
    asked += 1;
    return route.fulfill({ status: 429, headers: { "retry-after": "3" }, body: "no page" });
  });
  await stopsElsewhere(page, server);
  const waiting = page.getByText("Waiting: too many requests");
  await expect(waiting).toBeVisible();
  await expect(person.heading(EXAMPLE.name)).toBeVisible();
  await expect(person.status.getByText("Running", { exact: true })).toBeVisible();
  await expect.poll(() => asked).toBeGreaterThan(1);
  expect(page.url()).toBe(address);

  await page.unroute(address);
  await person.seesStatus("Stopped");
  await expect(waiting).toBeHidden();
});

/** Stops the deployment of a page, bypassing that page's connection. */
async function stopsElsewhere(page: Page, server: Server): Promise<void> {
  const cookies = await page.context().cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const path = `/api/v1${new URL(page.url()).pathname}/stop`;
  const answer = await fetch(`http://localhost:${server.port}${path}`, {
    method: "POST",
    headers: { cookie, origin: server.url },
  });
  expect(answer.status).toBe(202);
}

/** Writes down every state that the top of the page shows from now on. */
async function wordsOf(person: Person): Promise<() => Promise<string>> {
  const words = await person.status.evaluateHandle((header) => {
    const seen: string[] = [];
    const write = () => seen.push(header.textContent);
    new MutationObserver(write).observe(header, {
      characterData: true,
      childList: true,
      subtree: true,
    });
    return seen;
  });
  return async () => (await words.jsonValue()).join(" ");
}
