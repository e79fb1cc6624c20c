// A person at the browser: their actions on pages, and the changes that they see.

import { randomUUID } from "node:crypto";

import { type Locator, type Page, expect } from "@playwright/test";

import { tokenOf } from "./runner.ts";
import type { Server } from "./server.ts";

/** The example app, as the form has it filled in. */
export const EXAMPLE = { name: "hello", image: "localhost/berth/hello:latest", port: 8080 };

// A release needs a container, an answer of its app and a few seconds in which it stays up.
const UNHURRIED = { timeout: 40_000 };

/** Destinations of a workspace's navigation. */
type Place = "Home" | "Deployments" | "Volumes" | "Secrets" | "Registries" | "Runners";

/** Labels of lists. */
type List = Exclude<Place, "Home"> | "API tokens" | "Earlier releases" | "Trash";

/** A person with an account. */
export class Person {
  readonly page: Page;
  readonly name = "Ada Lovelace";
  readonly email = "ada@example.org";
  readonly password = `a pass phrase ${randomUUID()}`;
  readonly #server: Server;
  readonly #scripts: boolean;

  constructor(page: Page, server: Server, scripts: boolean) {
    this.page = page;
    this.#server = server;
    this.#scripts = scripts;
    server.secrets.add(this.password);
  }

  /** Waits until something is visible; reloads the page if it is not live. */
  async sees(what: Locator): Promise<void> {
    if (this.#scripts) {
      const document = await this.page.evaluateHandle(() => window.document);
      await expect(what).toBeVisible(UNHURRIED);
      // A handle into a page that was loaded anew is dead.
      expect(await document.evaluate((then) => then === window.document)).toBe(true);
      return;
    }
    await expect(async () => {
      if (!(await what.isVisible())) await this.page.reload();
      await expect(what).toBeVisible({ timeout: 500 });
    }).toPass(UNHURRIED);
  }

  /** Submits a form and waits for the next page. */
  async submits(button: string): Promise<void> {
    const loaded = this.page.waitForEvent("load");
    await this.page.getByRole("button", { name: button, exact: true }).click();
    await loaded;
  }

  /** Opens the set-up link and becomes the administrator. */
  async setsUp(): Promise<void> {
    await this.page.goto(await this.#server.setUpLink());
    await this.page.getByLabel("Your name").fill(this.name);
    await this.page.getByLabel("Email").fill(this.email);
    await this.page.getByLabel("Password").fill(this.password);
    await this.submits("Create account");
    await expect(this.heading("Home")).toBeVisible();
    await this.#keepsTheSessionSecret();
  }

  /** Signs in where the page asks for it. */
  async signsIn(): Promise<void> {
    await this.page.getByLabel("Email").fill(this.email);
    await this.page.getByLabel("Password").fill(this.password);
    await this.submits("Sign in");
    await this.#keepsTheSessionSecret();
  }

  /** Signs out by the menu. */
  async signsOut(): Promise<void> {
    await this.page.getByRole("button", { name: "Account" }).click();
    await this.submits("Sign out");
    await expect(this.heading("Sign in")).toBeVisible();
  }

  /** Opens a page from the navigation. */
  async goesTo(place: Place): Promise<void> {
    const navigation = this.page.getByRole("navigation", { name: "Workspace" });
    await navigation.getByRole("link", { name: place }).click();
    await expect(this.heading(place)).toBeVisible();
  }

  /** Opens a tab of the deployment. */
  async opensTab(
    tab: "Overview" | "Logs" | "Metrics" | "Runs" | "Terminal" | "Settings",
  ): Promise<void> {
    const tabs = this.page.getByRole("navigation", { name: "Pages of" });
    await tabs.getByRole("link", { name: tab }).click();
    await expect(tabs.getByRole("link", { name: tab })).toHaveAttribute("aria-current", "page");
  }

  /** Waits for the deployment form, filled in with the example. */
  async findsTheForm(): Promise<void> {
    await this.sees(this.page.getByRole("textbox", { name: "Image" }));
    await expect(this.page.getByLabel("Name", { exact: true })).toHaveValue(EXAMPLE.name);
    await expect(this.page.getByRole("textbox", { name: "Image" })).toHaveValue(EXAMPLE.image);
    // The other ports are folded away.
    const port = this.page.getByRole("spinbutton", { name: /^Port/ });
    await expect(port).toHaveValue(String(EXAMPLE.port));
    await expect(this.page.getByLabel("Name of variable 1")).toHaveValue("GREETING");
    // Shown as soon as the page is taken over: from then on nothing is loaded anew.
    const add = this.page.getByRole("button", { name: "Add variable" });
    if (this.#scripts) await expect(add).toBeVisible();
    else await expect(add).toBeHidden();
  }

  /** Deploys the example, from the form that is open. */
  async deploysTheExample(greeting = `Good day ${randomUUID()}`): Promise<string> {
    await this.greets(greeting);
    await this.submits("Deploy");
    await expect(this.heading(EXAMPLE.name)).toBeVisible();
    return greeting;
  }

  /** Types the greeting of the example app into the form that is open. */
  async greets(greeting: string): Promise<void> {
    this.#server.secrets.add(greeting);
    await this.page.getByLabel("Value of variable 1").fill(greeting);
  }

  /** Adds a runner by the form that is open, and gets the command that starts it. */
  async addsTheRunner(): Promise<string> {
    await this.submits("Add runner");
    const command = this.page.getByRole("group", { name: "Command to start the runner" });
    const text = await command.innerText();
    this.#server.secrets.add(tokenOf(text));
    return text;
  }

  /** Creates a secret, from any page with the navigation. */
  async keepsASecret(name: string, value: string): Promise<void> {
    this.#server.secrets.add(value);
    await this.goesTo("Secrets");
    await this.page.getByRole("link", { name: "New secret" }).first().click();
    await this.page.getByLabel("Name", { exact: true }).fill(name);
    await this.page.getByLabel("Value").fill(value);
    await this.submits("Save secret");
    await expect(this.heading(name)).toBeVisible();
  }

  /** Opens the list of projects from the workspace's menu. */
  async goesToTheProjects(): Promise<void> {
    await this.page.getByRole("button", { name: /^Workspace:/ }).click();
    await this.page.getByRole("link", { name: "Projects" }).first().click();
    await expect(this.heading("Projects")).toBeVisible();
  }

  /** Opens the list of API tokens from the account's menu. */
  async goesToTheApiTokens(): Promise<void> {
    await this.page.getByRole("button", { name: "Account" }).click();
    await this.page.getByRole("link", { name: "API tokens" }).first().click();
    await expect(this.heading("API tokens")).toBeVisible();
  }

  /** Creates an API token with read access; returns it. */
  async createsAnApiToken(name: string): Promise<string> {
    await this.goesToTheApiTokens();
    await this.page.getByRole("link", { name: "New API token" }).first().click();
    await this.page.getByLabel("Name", { exact: true }).fill(name);
    await this.page.getByRole("button", { name: "Create API token" }).click();
    const shown = this.page.getByText(/^export BERTH_TOKEN=/);
    await expect(shown).toBeVisible();
    const token = (await shown.innerText()).split("=")[1] ?? "";
    this.#server.secrets.add(token);
    return token;
  }

  /** Follows a release until all its phases are over. */
  async seesLive(release: number): Promise<void> {
    const section = this.section(`Release ${release}`);
    await this.sees(section.getByText("Passed all checks"));
    const phases = section.getByRole("list", { name: "Phases" }).getByRole("listitem");
    await expect(phases).toHaveText([/Queued/, /Pulling/, /Starting/, /Verifying/, /Switching/, /Live/]);
    await expect(section.getByText(/took \d/).first()).toBeVisible();
    await this.seesStatus("Running");
  }

  /** Waits for a status at the top of the deployment's page. */
  async seesStatus(word: string): Promise<void> {
    await this.sees(this.status.getByText(word, { exact: true }));
  }

  /** Opens the app in a tab of its own and reads its greeting. */
  async opensTheApp(greeting: string): Promise<string> {
    const opened = this.page.waitForEvent("popup");
    await this.page.getByRole("link", { name: "Open" }).click();
    const app = await opened;
    await expect(app.getByRole("heading", { name: greeting })).toBeVisible();
    const url = app.url();
    await app.close();
    return url;
  }

  /** The main heading of a page. */
  heading(title: string): Locator {
    return this.page.getByRole("heading", { level: 1, name: title, exact: true });
  }

  /** The part of the page under a heading. */
  section(title: string): Locator {
    const heading = this.page.getByRole("heading", { level: 2, name: title, exact: true });
    return this.page.locator("section").filter({ has: heading });
  }

  /** The top of a deployment's page, where its state is. */
  get status(): Locator {
    return this.page.getByRole("main").locator("header");
  }

  /** A row of a list. */
  row(list: List, name: string): Locator {
    const rows = this.page.getByRole("list", { name: list }).getByRole("listitem");
    return rows.filter({ hasText: name });
  }

  async #keepsTheSessionSecret(): Promise<void> {
    const cookies = await this.page.context().cookies();
    const [session] = cookies.filter((cookie) => cookie.httpOnly);
    if (!session) throw new Error("there is no cookie of a session");
    this.#server.secrets.add(session.value);
  }
}
