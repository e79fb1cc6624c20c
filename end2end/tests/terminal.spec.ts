// A terminal in the browser: xterm.js under the page's policy, and the way to the instance and back.

import { expect, test } from "../src/test.ts";

test("a terminal shows what comes of it and how it ends", async ({ page, person }) => {
  await person.setsUp();
  await person.findsTheForm();
  await person.deploysTheExample();
  await person.seesLive(1);
  await person.opensTab("Terminal");
  const terminal = page.getByRole("region", { name: "Terminal" });
  await terminal.getByRole("button", { name: "Open a terminal" }).click();
  // The example's image has no shell: the engine says so, and that is shown as any output is. A
  // style that the policy refused would be among the browser's complaints, which fail the test.
  await person.sees(terminal.getByRole("status").getByText("ended with exit code"));
  await expect(terminal.locator(".xterm-rows")).toContainText("/bin/sh");
  await expect(terminal.getByRole("button", { name: "Open a new terminal" })).toBeFocused();
});
