// The terminal: xterm.js under the page's policy, and the stream to the instance and back.

import type { Locator, Page } from "@playwright/test";

import { importShell } from "../src/docker.ts";
import { type Person } from "../src/person.ts";
import { expect, test } from "../src/test.ts";

async function opensATerminal(page: Page, person: Person): Promise<Locator> {
  await person.seesLive(1);
  await person.opensTab("Terminal");
  const terminal = page.getByRole("region", { name: "Terminal" });
  await terminal.getByRole("button", { name: "Open a terminal" }).click();
  return terminal;
}

// A style that the policy refused would be among the browser's complaints, which fail a test.
test("a shell in a terminal answers and ends", async ({ page, person }) => {
  const image = await importShell();
  await person.setsUp();
  await person.findsTheForm();
  await page.getByRole("textbox", { name: "Image" }).fill(image);
  await person.deploysTheExample();
  const terminal = await opensATerminal(page, person);
  const rows = terminal.locator(".xterm-rows");
  await expect(rows).toContainText("#");
  // Typed in plain letters: a shell without a locale drops all others from its line.
  await page.keyboard.type("echo $((20 + 22)); printf '\\303\\244\\n'; exit 3\n");
  await expect(rows).toContainText("42ä");
  await person.sees(terminal.getByRole("status").getByText("ended with exit code 3"));
  await expect(terminal.getByRole("button", { name: "Open a new terminal" })).toBeFocused();
});

test("an image without a shell is reported in place of the terminal", async ({ page, person }) => {
  await person.setsUp();
  await person.findsTheForm();
  await person.deploysTheExample();
  const terminal = await opensATerminal(page, person);
  await person.sees(terminal.getByRole("status").getByText("the image has no program /bin/sh"));
  await expect(terminal.getByRole("button", { name: "Open a new terminal" })).toBeFocused();
});
