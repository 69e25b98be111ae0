import { chromium, type Browser, type BrowserServer, type Page } from "playwright-core";
import { ensureChromium } from "../chromium.ts";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // This machine only: every other address is refused at once instead of being waited for. Playwright's own routes would
  // take each request through this process, and switch the cache off.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

const options = () => ({ executablePath: ensureChromium(), headless: true, args: FLAGS });

/** Chromium without a screen, which reaches this machine only. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch(options());
}

/** The same for several processes, which `connectBrowser` with its address. */
export async function serveBrowser(): Promise<BrowserServer> {
  return chromium.launchServer(options());
}

/** `close` ends the connection and what was opened by it; the browser goes on. */
export async function connectBrowser(address: string): Promise<Browser> {
  return chromium.connect(address);
}

/** A page with cookies, storage and cache of its own, of a browser that reaches this machine only. */
export async function newLocalPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  return context.newPage();
}
