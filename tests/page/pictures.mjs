// The pictures of docs/images, made anew: `node tests/page/pictures.mjs docs/images` with the variables of `tests/run`.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { launch, open } from "./browser.mjs";
import { demonstration, severalRegistries } from "./pages.mjs";

const out = process.argv[2];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "demurrage-pictures-"));
const demo = demonstration(folder);
const several = severalRegistries(folder);
const browser = await launch();

async function picture(name, file, colorScheme, width, height, from) {
  const { page, context } = await open(browser, file, { colorScheme, viewport: { width, height } });
  if (from) await page.locator(from).evaluate((it) => window.scrollTo(0, it.getBoundingClientRect().top + window.scrollY - 12));
  // Reports of a past day look the same whenever they are made.
  await page.screenshot({ path: path.join(out, name) });
  await context.close();
}

await picture("report.png", demo, "light", 1200, 1040, "#overview");
await picture("report-dark.png", several, "dark", 1200, 900, "#where");
await picture("report-missing.png", several, "light", 1200, 900);
await browser.close();
fs.rmSync(folder, { recursive: true, force: true });
