// The way that pages go when the browser runs their program: what changes shows without a reload.

import { test } from "../src/test.ts";
import { walk } from "../src/walk.ts";

test("a newcomer goes the whole way and watches it happen", async ({ person, server }) => {
  await walk(person, server);
});
