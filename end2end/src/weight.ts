// How much a page makes the browser load.

import type { Page } from "@playwright/test";

/** What came over the line for one page. */
export interface Weight {
  /** The bytes of all answers as they were sent, compressed, with their headers. */
  bytes: number;
  /** Each file by its address. */
  files: Map<string, number>;
}

/** Opens a page as if for the first time and weighs everything that it loads. */
export async function weigh(page: Page, open: () => Promise<void>): Promise<Weight> {
  const files = new Map<string, number>();
  const urls = new Map<string, string>();
  const session = await page.context().newCDPSession(page);
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    urls.set(requestId, new URL(request.url).pathname);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId);
    if (url) files.set(url, (files.get(url) ?? 0) + encodedDataLength);
  });
  await session.send("Network.enable");
  await session.send("Network.clearBrowserCache");
  await open();
  await page.waitForLoadState("networkidle");
  await session.detach();
  const bytes = [...files.values()].reduce((sum, size) => sum + size, 0);
  return { bytes, files };
}
