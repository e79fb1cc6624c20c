// What breaks below Berth: the engine, the network between two machines, a disk. The truth ends up
// on the screen, what runs goes on, and nothing that was acknowledged is lost.

import { join } from "node:path";

import { Disk } from "../src/disk.ts";
import { Line } from "../src/line.ts";
import { Machine } from "../src/machine.ts";
import { EXAMPLE, Person } from "../src/person.ts";
import { freePort } from "../src/port.ts";
import { tokenOf } from "../src/runner.ts";
import { Server } from "../src/server.ts";
import { expect, test as base } from "../src/test.ts";

/** What the runner of the machine is called. */
const NAME = "far-away";
/** How old news may be until a page calls it old. */
const SOON = { timeout: 45_000 };

interface Fixtures {
  /** Another machine; its runner is connected, and the example runs on it. */
  machine: Machine;
}

const test = base.extend<Fixtures>({
  machine: async ({ page, person, server }, use, testInfo) => {
    const machine = await Machine.boot(EXAMPLE.image);
    let line: Line | undefined;
    try {
      const port = await freePort();
      line = await Line.lay(port, () => server.port, machine.host);
      await person.setsUp();
      await person.goesTo("Runners");
      await page.getByRole("link", { name: "Add a runner" }).click();
      await page.getByLabel("Name", { exact: true }).fill(NAME);
      machine.startRunner(tokenOf(await person.addsTheRunner()), port);
      await person.goesTo("Runners");
      await person.sees(person.row("Runners", NAME).getByText("Connected", { exact: true }));
      await person.goesTo("Home");
      await person.findsTheForm();
      await page.getByLabel("Runner").selectOption({ label: `${NAME} (connected)` });
      await person.deploysTheExample();
      await person.seesLive(1);
      await use(machine);
    } finally {
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach("runner", { body: machine.runnersLog, contentType: "text/plain" });
      }
      await machine.remove();
      await line?.remove();
    }
  },
});

test.skip(!Machine.possible, "network namespaces and disks of a test's own need root");

// A machine is booted, and being away takes its time to be sure of.
test.slow();

test("an engine that is killed takes nothing with it for good", async ({ machine, person }) => {
  await machine.killEngine();
  // Nobody can know how its containers are: the last word stays, with its age.
  await expect(person.status.getByText(/as of .+, the runner is disconnected/)).toBeVisible(SOON);
  await expect(person.status.getByText("Running", { exact: true })).toBeVisible();

  await machine.startEngine();
  await expect(person.status.getByText("the runner is disconnected")).toBeHidden(SOON);
  await person.seesStatus("Running");
  await expect.poll(() => machine.running(), SOON).toHaveLength(1);
  await person.opensTab("Logs");
  await expect(person.page.getByText("listens on port 8080").first()).toBeVisible();
});

test("a network that is unplugged makes news old and stops nothing", async ({
  machine,
  person,
}) => {
  const [before = ""] = await machine.running();

  await machine.unplug();
  await expect(person.status.getByText(/as of .+, the runner is disconnected/)).toBeVisible(SOON);
  await expect(person.status.getByText("Running", { exact: true })).toBeVisible();
  expect(await machine.running()).toEqual([before]);

  // Asked of a runner that cannot hear it, and done when it can.
  await person.submits("Stop");
  await expect(person.status.getByText("the runner is disconnected")).toBeVisible();
  expect(await machine.running()).toEqual([before]);
  await machine.plug();
  await expect.poll(() => machine.running(), SOON).toEqual([]);
  await person.seesStatus("Stopped");
  await expect(person.status.getByText("the runner is disconnected")).toBeHidden();
});

test("an app that crashes while its runner is unplugged runs again without being told", async ({
  machine,
  person,
}) => {
  const [before = ""] = await machine.running();
  await machine.unplug();
  await expect(person.status.getByText(/as of .+, the runner is disconnected/)).toBeVisible(SOON);

  await machine.docker("kill", before.split(" ")[0] ?? "");
  await expect.poll(() => machine.running(), SOON).toHaveLength(1);
  const after = await machine.running();
  expect(after).not.toEqual([before]);

  await machine.plug();
  await expect(person.status.getByText("the runner is disconnected")).toBeHidden(SOON);
  await person.seesStatus("Running");
  expect(await machine.running()).toEqual(after);
  await person.opensTab("Logs");
  await expect(person.page.getByText("listens on port 8080")).toHaveCount(2);
});

test("a runner's full disk fails a release, by name, and not the app", async ({
  machine,
  page,
  person,
}) => {
  const before = await machine.running();

  await machine.fillDisk();
  await person.opensTab("Settings");
  await person.greets("There is no room for me");
  await person.submits("Save settings");
  const failed = person.section("Release 2");
  await person.sees(failed.getByText(/The disk of the runner's host is full/));
  await person.seesStatus("Running");
  expect(await machine.running()).toEqual(before);

  await machine.freeDisk();
  await page.getByRole("button", { name: "Deploy", exact: true }).click();
  await person.seesLive(3);
  await expect.poll(() => machine.running()).toHaveLength(1);
  const [address = ""] = (await machine.docker("ps", "--format", "{{.Ports}}")).split("->");
  expect(await machine.get(`http://${address}/`)).toContain("There is no room for me");
});

base("a server's full disk refuses changes, shows what is there and loses nothing", async ({
  browser,
}) => {
  const disk = await Disk.mount(24);
  const port = await freePort();
  const server = await Server.prepare("sqlite", port, join(disk.folder, "data"));
  const line = await Line.lay(port, () => server.port);
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
    await line.remove();
    await server.remove();
    await disk.remove();
  }
});
