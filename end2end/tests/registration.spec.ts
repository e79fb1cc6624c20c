// Registration of a runner without a token: it shows a code, and a person approves it.

import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Server } from "../src/server.ts";
import { Person } from "../src/person.ts";
import { Program } from "../src/program.ts";
import { runnerProgram, startRunner } from "../src/runner.ts";
import { expect, test } from "../src/test.ts";

/** What the runner shows: a link and the code in it. */
const SHOWN = /^\s+(http\S+\/register\?code=([B-Z]{4}-[B-Z]{4}))$/m;

/** Starts a runner that was given nothing but the server's address and a folder. */
function startWithoutToken(server: Server, folder: string): Program {
  const program = runnerProgram("berth-runner-docker");
  return new Program(program, ["--server", server.url, "--state-dir", folder]);
}

/** A folder for a runner, and the runners that were started in it. */
class RunnerHost {
  readonly #server: Server;
  readonly #runners: Program[] = [];
  #folder = "";

  constructor(server: Server) {
    this.#server = server;
  }

  /** Starts the runner, the first time or again. */
  async start(): Promise<Program> {
    this.#folder ||= await mkdtemp(join(tmpdir(), "berth-runner-"));
    const runner = startWithoutToken(this.#server, this.#folder);
    this.#runners.push(runner);
    return runner;
  }

  /** The stored token of the runner; the server's log must not contain it. */
  async token(): Promise<string> {
    const path = join(this.#folder, "token");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const token = await readFile(path, "utf8");
    this.#server.secrets.add(token);
    return token;
  }

  async remove(): Promise<void> {
    for (const runner of this.#runners) await runner.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

for (const scripts of [true, false]) {
  test.describe(scripts ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled: scripts });

    test("a runner without a token is approved by its code and keeps its token", async ({
      page,
      person,
      server,
    }) => {
      await person.setsUp();
      const host = new RunnerHost(server);
      try {
        const first = await host.start();
        const [, link = "", code = ""] = await first.prints(SHOWN);
        await page.goto(link);
        await expect(person.heading("Enter a code")).toBeVisible();
        await expect(page.getByLabel("Code")).toHaveValue(code);
        await person.submits("Continue");

        await expect(person.heading("Runner registration")).toBeVisible();
        await expect(page.getByText("only if you started it yourself")).toBeVisible();
        await expect(page.getByText("127.0.0.1").first()).toBeVisible();
        await page.getByLabel("Name", { exact: true }).fill("build-box");
        await person.submits("Approve runner");

        await expect(person.heading("build-box")).toBeVisible();
        await person.sees(page.getByText("Connected", { exact: true }));
        await expect(page.getByText("No deployments on this runner.")).toBeVisible();
        const token = await host.token();
        expect(first.output).not.toContain(token);

        await first.kill();
        await person.sees(page.getByText("Disconnected", { exact: true }));
        const second = await host.start();
        await person.sees(page.getByText("Connected", { exact: true }));
        expect(second.output).not.toMatch(SHOWN);
        expect(await host.token()).toBe(token);

        await person.submits("Remove this runner");
        await expect(person.heading("Runners")).toBeVisible();
        await expect(person.row("Runners", "build-box")).toBeHidden();
      } finally {
        await host.remove();
      }
    });
  });
}

test("a page shows that the runner disconnected, and a denied runner exits", async ({
  page,
  person,
  problems,
  server,
}) => {
  problems.expect(/status of 422 .*FindRegistration/);
  await person.setsUp();
  await person.goesTo("Runners");
  await page.getByRole("link", { name: "Enter a code" }).click();
  const entering = page.url();
  const host = new RunnerHost(server);
  try {
    const first = await host.start();
    const [, , gone = ""] = await first.prints(SHOWN);
    await page.getByLabel("Code").fill(gone.toLowerCase().replace("-", " "));
    await person.submits("Continue");
    await expect(page.getByRole("button", { name: "Approve runner" })).toBeVisible();
    await first.stop(10_000);
    await expect(page.getByText("This runner disconnected")).toBeVisible();
    await expect(page.getByRole("button", { name: "Approve runner" })).toBeHidden();

    const second = await host.start();
    const [, , code = ""] = await second.prints(SHOWN);
    expect(code).not.toBe(gone);
    await page.goto(entering);
    await page.getByLabel("Code").fill(gone);
    await person.submits("Continue");
    await expect(page.getByLabel("Code")).toHaveAttribute("aria-invalid", "true");
    await page.getByLabel("Code").fill(code);
    await person.submits("Continue");
    await person.submits("Deny runner");
    await expect(person.heading("Runners")).toBeVisible();
    await second.prints(/An operator denied this registration/);
  } finally {
    await host.remove();
  }
});

test("the home page shows the first runner and its connection while someone types", async ({
  context,
  page,
  person,
  server,
}) => {
  await person.setsUp();
  await person.findsTheForm();
  await person.goesTo("Runners");
  await person.row("Runners", "this-machine").getByRole("link", { name: "this-machine" }).click();
  await person.submits("Remove this runner");
  await expect(page.getByText("No runners yet")).toBeVisible();
  await person.goesTo("Home");
  await expect(page.getByText("No runner yet")).toBeVisible();

  const other = new Person(await context.newPage(), server, true);
  await other.page.goto(page.url());
  await other.page.getByRole("link", { name: "Add a runner" }).click();
  await other.page.getByLabel("Name", { exact: true }).fill("build-box");
  const command = await other.addsTheRunner();
  const name = page.getByLabel("Name", { exact: true });
  await name.fill("typed");
  const waits = page.getByText("No runner is connected");
  await expect(waits).toBeVisible();
  const runner = startRunner(command);
  try {
    await expect(waits).toBeHidden();
    await expect(name).toHaveValue("typed");
  } finally {
    await runner.kill();
  }
});
