// A browser without a window, and all that a page did in it that it should not: errors, warnings, requests.
import { createRequire } from "node:module";
import path from "node:path";

export const packages = createRequire(path.join(process.env.NODE_PACKAGES || process.cwd(), "package.json"));
const { chromium } = packages("playwright-core");

const OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: OPTIONS });
}

// Opens a page and waits until it is drawn; `faults` fills with whatever goes wrong from then on, too.
export async function open(browser, file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) faults.push(message.text()); });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => { if (request.url() !== "file://" + encodeURI(file) && !request.url().startsWith("data:")) faults.push("asked for " + request.url()); });
  await page.goto("file://" + encodeURI(file));
  if (options.javaScriptEnabled !== false) await page.waitForSelector("html[data-drawn]", { state: "attached" });
  return { page, faults, context };
}

// What axe-core finds, a line each.
export async function inaccessible(page) {
  await page.addScriptTag({ path: packages.resolve("axe-core/axe.min.js") });
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map((it) => `${it.id}: ${it.help}: ${it.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ")}`);
}
