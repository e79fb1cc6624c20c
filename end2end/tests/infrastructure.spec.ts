// Failures below Berth: of the engine, the network between two hosts, a disk. Pages end up showing
// the true state, apps keep running, and nothing that was acknowledged is lost.

import { join } from "node:path";

import { Disk } from "../src/disk.ts";
import { FaultyProxy } from "../src/faulty-proxy.ts";
import { IsolatedHost } from "../src/isolated-host.ts";
import { EXAMPLE, Person } from "../src/person.ts";
import { freePort } from "../src/port.ts";
import { tokenOf } from "../src/runner.ts";
import { Server } from "../src/server.ts";
import { expect, test as base } from "../src/test.ts";

/** Name of the host's runner. */
const NAME = "far-away";
/** Time within which a page marks an observation as stale. */
const SOON = { timeout: 45_000 };

interface Fixtures {
  /** Another host, with a connected runner and the example app. */
  host: IsolatedHost;
}

const test = base.extend<Fixtures>({
  host: async ({ page, person, server }, use, testInfo) => {
    const host = await IsolatedHost.boot(EXAMPLE.image);
    let proxy: FaultyProxy | undefined;
    try {
      const port = await freePort();
      proxy = await FaultyProxy.start(port, () => server.port, host.address);
      await person.setsUp();
      await person.goesTo("Runners");
      await page.getByRole("link", { name: "Add a runner" }).click();
      await page.getByLabel("Name", { exact: true }).fill(NAME);
      host.startRunner(tokenOf(await person.addsTheRunner()), port);
      await person.goesTo("Runners");
      await person.sees(person.row("Runners", NAME).getByText("Connected", { exact: true }));
      await person.goesTo("Home");
      await person.findsTheForm();
      await page.getByLabel("Runner").selectOption({ label: `${NAME} (connected)` });
      await person.deploysTheExample();
      await person.seesLive(1);
      await use(host);
    } finally {
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach("runner", { body: host.runnersLog, contentType: "text/plain" });
      }
      await host.remove();
      await proxy?.remove();
    }
  },
});

test.skip(!IsolatedHost.possible, "network namespaces and mounts need root");

// Each test starts a host and waits for timeouts.
test.slow();

test("a killed engine loses nothing for good", async ({ host, person }) => {
  await host.killEngine();
  // Nobody can know how its containers are: the last word stays, with its age.
  await expect(person.status.getByText(/as of .+, the runner is disconnected/)).toBeVisible(SOON);
  await expect(person.status.getByText("Running", { exact: true })).toBeVisible();

  await host.startEngine();
  await expect(person.status.getByText("the runner is disconnected")).toBeHidden(SOON);
  await person.seesStatus("Running");
  await expect.poll(() => host.running(), SOON).toHaveLength(1);
  await person.opensTab("Logs");
  await expect(person.page.getByText("listens on port 8080").first()).toBeVisible();
});

test("a disconnected network makes observations stale and stops nothing", async ({
  host,
  person,
}) => {
  const [before = ""] = await host.running();

  await host.unplug();
  await expect(person.status.getByText(/as of .+, the runner is disconnected/)).toBeVisible(SOON);
  await expect(person.status.getByText("Running", { exact: true })).toBeVisible();
  expect(await host.running()).toEqual([before]);

  // Asked of a runner that cannot hear it, and done when it can.
  await person.submits("Stop");
  await expect(person.status.getByText("the runner is disconnected")).toBeVisible();
  expect(await host.running()).toEqual([before]);
  await host.plug();
  await expect.poll(() => host.running(), SOON).toEqual([]);
  await person.seesStatus("Stopped");
  await expect(person.status.getByText("the runner is disconnected")).toBeHidden();
});

test("an app that crashes while its runner is offline is restarted", async ({
  host,
  person,
}) => {
  const [before = ""] = await host.running();
  await host.unplug();
  await expect(person.status.getByText(/as of .+, the runner is disconnected/)).toBeVisible(SOON);

  await host.docker("kill", before.split(" ")[0] ?? "");
  await expect.poll(() => host.running(), SOON).toHaveLength(1);
  const after = await host.running();
  expect(after).not.toEqual([before]);

  await host.plug();
  await expect(person.status.getByText("the runner is disconnected")).toBeHidden(SOON);
  await person.seesStatus("Running");
  expect(await host.running()).toEqual(after);
  await person.opensTab("Logs");
  await expect(person.page.getByText("listens on port 8080")).toHaveCount(2);
});

test("a full disk of a runner fails a release with its cause, and not the app", async ({
  host,
  page,
  person,
}) => {
  const before = await host.running();

  await host.fillDisk();
  await person.opensTab("Settings");
  await person.greets("There is no room for me");
  await person.submits("Save settings");
  const failed = person.section("Release 2");
  await person.sees(failed.getByText(/The disk of the runner's host is full/));
  await person.seesStatus("Running");
  expect(await host.running()).toEqual(before);

  await host.freeDisk();
  await page.getByRole("button", { name: "Deploy", exact: true }).click();
  await person.seesLive(3);
  await expect.poll(() => host.running()).toHaveLength(1);
  const [address = ""] = (await host.docker("ps", "--format", "{{.Ports}}")).split("->");
  expect(await host.get(`http://${address}/`)).toContain("There is no room for me");
});

base("a full disk of the server refuses changes, allows reading and loses nothing", async ({
  browser,
}) => {
  const disk = await Disk.mount(24);
  const port = await freePort();
  const server = await Server.prepare("sqlite", port, join(disk.folder, "data"));
  const proxy = await FaultyProxy.start(port, () => server.port);
  try {
    await server.start();
    const context = await browser.newContext({ baseURL: server.url });
    const person = new Person(await context.newPage(), server, true);
    await person.setsUp();
    await person.keepsASecret("BEFORE", "kept");

    await disk.fill();
    await person.goesTo("Secrets");
    const full = person.page.getByText("The server's disk is full");
    await person.page.getByRole("link", { name: "New secret" }).first().click();
    await person.page.getByLabel("Name", { exact: true }).fill("DURING");
    await person.page.getByLabel("Value").fill("refused");
    await person.submits("Save secret");
    await expect(full).toBeVisible();
    // What was typed is still there, but for the secret itself.
    await expect(person.page.getByLabel("Name", { exact: true })).toHaveValue("DURING");
    await person.goesTo("Secrets");
    await expect(person.row("Secrets", "BEFORE")).toBeVisible();
    await expect(person.row("Secrets", "DURING")).toBeHidden();
    // There is room for those who sign in.
    await person.signsOut();
    await person.signsIn();
    await person.goesTo("Secrets");
    await expect(person.row("Secrets", "BEFORE")).toBeVisible();

    await disk.free();
    await person.keepsASecret("AFTER", "kept as well");
    await server.kill();
    await server.start();
    await person.goesTo("Secrets");
    await expect(person.row("Secrets", "BEFORE")).toBeVisible();
    await expect(person.row("Secrets", "AFTER")).toBeVisible();
    await expect(person.row("Secrets", "DURING")).toBeHidden();
    await context.close();
  } finally {
    await server.stop();
    await base.info().attach("berthd", { body: server.log, contentType: "text/plain" });
    await proxy.remove();
    await server.remove();
    await disk.remove();
  }
});
