// The report as people meet it: in a browser, light and dark, narrow, printed, by keyboard, without scripts.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { inaccessible, launch, open, packages } from "./browser.mjs";
import { HOSTILE, dataOf, demonstration, severalRegistries, withData } from "./pages.mjs";

const CHARTS = ["treemap", "sweep", "over-time", "sankey"];
let folder, browser, demo, several;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "demurrage-page-"));
  demo = demonstration(folder);
  several = severalRegistries(folder);
  browser = await launch();
});
after(async () => {
  if (browser) await browser.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

const text = (page, selector) => page.locator(selector).innerText();
const column = (page, place, number) => page.locator(`${place} tbody tr td:nth-child(${number})`).allInnerTexts();

test("the vendored charts are the package as it is published", () => {
  const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../..");
  const vendored = path.join(root, "shared/report/page/echarts");
  const published = path.dirname(packages.resolve("echarts/package.json"));
  const bytes = (...steps) => fs.readFileSync(path.join(...steps));
  assert.ok(bytes(vendored, "echarts.min.js").equals(bytes(published, "dist/echarts.min.js")));
  assert.ok(bytes(vendored, "LICENSE").equals(bytes(published, "LICENSE")));
  const { version } = JSON.parse(bytes(published, "package.json"));
  assert.ok(fs.readFileSync(demo, "utf8").includes(`Apache ECharts ${version}, Apache License 2.0`));
});

for (const colorScheme of ["light", "dark"]) {
  for (const name of ["the demonstration", "several registries"]) {
    test(`${name}: every chart is drawn, nothing is loaded, and axe-core finds nothing, ${colorScheme}`, async () => {
      const { page, faults, context } = await open(browser, name === "the demonstration" ? demo : several, { colorScheme });
      for (const id of CHARTS.filter((it) => it !== "sankey" || name === "the demonstration")) {
        const shapes = await page.locator(`#${id} svg path`).count();
        assert.ok(shapes > 3, `#${id} has ${shapes} shapes`);
      }
      assert.equal(await page.locator("[role=alert]").count(), 0);
      // Each kind of what opens: a table behind a chart, a tag that moved, the images of a repository.
      for (const one of await page.locator("section:not(#all) details > summary").all()) await one.click();
      for (const one of (await page.locator("#all details > summary").all()).slice(0, 2)) await one.click();
      assert.deepEqual(await inaccessible(page), []);
      assert.deepEqual(faults, []);
      await context.close();
    });
  }
}

test("the figures at the top are those of the data, and what could not be read stands before them", async () => {
  const { page, context } = await open(browser, several);
  const { totals, gaps } = dataOf(several);
  const cards = await page.locator("#cards .card").allInnerTexts();
  const card = (name) => cards.find((it) => it.startsWith(name)) ?? assert.fail(name);
  assert.match(card("Repositories"), new RegExp(`^Repositories\\n${totals.repositories}\\n`));
  assert.ok(totals.in_use_expiring > 0);
  assert.match(card("In use, about to expire"), new RegExp(`\\n${totals.in_use_expiring}\\n`));
  assert.match(card("Goes with the next run"), new RegExp(`at least [^]* not known of ${totals.next.unknown_repositories} repositor`));
  assert.ok(totals.next.unknown_repositories > 0);
  const missing = await text(page, "#missing");
  assert.ok(gaps.some((gap) => gap.what === "not all images were listed"));
  for (const gap of gaps) assert.ok(missing.includes(gap.what.replaceAll("`", "")), gap.what);
  const [above, below] = await Promise.all(["#missing", "#overview"].map((it) => page.locator(it).boundingBox()));
  assert.ok(above.y + above.height <= below.y);
  await context.close();
});

test("what others wrote is text and never markup", async () => {
  const { page, faults, context } = await open(browser, several);
  await page.locator("#drill-down summary", { hasText: "shop/catalog · us-east-1" }).click();
  assert.ok((await text(page, "#drill-down")).includes(HOSTILE));
  assert.equal(await page.locator("img").count(), 0);
  assert.ok(!(await page.title()).includes("markup"));
  assert.deepEqual(faults, []);
  await context.close();
});

test("search and filters leave what was asked for, and say how many", async () => {
  const { page, faults, context } = await open(browser, several);
  const { repositories } = dataOf(several);
  const found = () => text(page, "#repositories-found");
  const expected = async (fits) => assert.match(await found(), new RegExp(`^${repositories.filter(fits).length} repositor.* of ${repositories.length} on this page`));
  await page.locator("#search").fill("SHOP/ us-east-1");
  await expected((it) => it.name.includes("shop/") && it.region === "us-east-1");
  for (const name of await column(page, "#repositories-table", 1)) assert.ok(name.startsWith("shop/"), name);
  await page.locator("#search").fill("");
  await page.locator("#region").selectOption("ap-northeast-2");
  await expected((it) => it.region === "ap-northeast-2");
  await page.locator("#region").selectOption("");
  const choices = { broken: (it) => it.promise === "broken", partial: (it) => it.listing !== "complete", "in-use": (it) => it.in_use_expiring > 0, "no-policy": (it) => it.policy !== "effective", findings: (it) => it.findings > 0, frees: (it) => it.settled_bytes > 0 };
  for (const [value, fits] of Object.entries(choices)) {
    await page.locator("#only").selectOption(value);
    await expected(fits);
    assert.ok(repositories.some(fits) && !repositories.every(fits), `${value} tells some from others`);
  }
  await page.locator("#search").fill("no repository has this name");
  assert.match(await found(), /^0 repositories/);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a table is sorted by the column that is asked for, both ways", async () => {
  const { page, context } = await open(browser, demo);
  const head = page.locator("#repositories-table th", { hasText: "Images" });
  const images = async () => (await column(page, "#repositories-table", 4)).map((it) => Number(it.replaceAll(",", "")));
  await head.locator("button").click();
  assert.equal(await head.getAttribute("aria-sort"), "descending");
  const falling = await images();
  assert.deepEqual(falling, [...falling].sort((a, b) => b - a));
  await head.locator("button").click();
  assert.equal(await head.getAttribute("aria-sort"), "ascending");
  const rising = await images();
  assert.deepEqual(rising, [...rising].sort((a, b) => a - b));
  assert.ok(rising[0] < falling[0]);
  await context.close();
});

test("the curve of another repository is shown with its own figures and today's number", async () => {
  const { page, context } = await open(browser, demo);
  const { sweeps } = dataOf(demo);
  await page.locator("#sweep-choice").selectOption(String(sweeps.length - 1));
  await page.locator("#sweep-table summary").click();
  const caption = await text(page, "#sweep-table caption");
  assert.ok(caption.includes(sweeps.at(-1).repository), caption);
  const numbers = await column(page, "#sweep-table", 1);
  assert.ok(numbers.includes(`${sweeps.at(-1).today} (today)`), numbers.join());
  assert.ok((await page.locator("#sweep svg").textContent()).includes(`today ${sweeps.at(-1).today}`));
  await context.close();
});

test("a tag that moved has its history", async () => {
  const { page, context } = await open(browser, several);
  const moved = page.locator("#promises details");
  assert.equal(await moved.count(), 1);
  assert.match(await moved.locator("summary").innerText(), /^shop\/catalog:v\S+ moved 2 times$/);
  await moved.locator("summary").click();
  assert.equal((await column(page, "#promises details", 3)).length, 3);
  await context.close();
});

test("all of it can be reached by keyboard", async () => {
  const { page, context } = await open(browser, demo);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "To the content");
  const name = page.locator("#repositories-table button.open").first();
  await name.focus();
  await page.keyboard.press("Enter");
  const opened = page.locator("#drill-down details[open]");
  assert.equal(await opened.count(), 1);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
  const rows = await opened.locator("tbody tr").count();
  assert.ok(rows > 5, `${rows} images`);
  for (const why of await column(page, "#drill-down details[open]", 8)) assert.notEqual(why.trim(), "");
  await page.keyboard.press("Enter");
  assert.equal(await opened.count(), 0);
  await context.close();
});

test("nothing is cut off at the width of a telephone", async () => {
  const { page, context } = await open(browser, several, { viewport: { width: 390, height: 800 } });
  const [inner, scrolled] = await page.evaluate(() => [window.innerWidth, document.documentElement.scrollWidth]);
  assert.ok(scrolled <= inner, `${scrolled} of ${inner} pixels`);
  await context.close();
});

test("what is printed has the charts and the figures, and nothing to press", async () => {
  const { page, context } = await open(browser, demo);
  await page.emulateMedia({ media: "print" });
  for (const hidden of ["nav", ".filters", "button.more"]) {
    for (const one of await page.locator(hidden).all()) assert.ok(!(await one.isVisible()), hidden);
  }
  for (const id of CHARTS) assert.ok(await page.locator(`#${id} svg`).isVisible(), id);
  const pdf = await page.pdf({ format: "A4" });
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
  assert.ok(pages >= 3 && pages <= 40, `${pages} pages`);
  await context.close();
});

test("without scripts the figures and what could not be read are there", async () => {
  const { page, context } = await open(browser, several, { javaScriptEnabled: false });
  const shown = await page.locator("body").innerText();
  for (const words of ["need scripts", "not all images were listed", "The largest repositories"]) assert.ok(shown.includes(words), words);
  await context.close();
});

test("a part that cannot be drawn is said, and keeps nothing else from being drawn", async () => {
  const broken = withData(demo, (data) => { data.transfer = null; });
  const { page, faults, context } = await open(browser, broken);
  assert.equal(await page.locator("[role=alert]").count(), 1);
  assert.ok(faults.length > 0);
  assert.ok((await page.locator("#repositories-table tbody tr").count()) > 5);
  await context.close();
});

test("what is not known is called so, and never nothing", async () => {
  const unknown = withData(demo, (data) => {
    Object.assign(data.repositories[0], { images: null, usd_per_month: null, next_bytes: null, settled_bytes: null, in_use: null, listing: "not read" });
    data.over_time.forecast.forEach((it) => { it.with_policies = null; });
  });
  const { page, faults, context } = await open(browser, unknown);
  const first = await page.locator("#repositories-table tbody tr").first().locator("td").allInnerTexts();
  assert.match(first[0], /not read$/);
  assert.deepEqual([3, 4, 5, 6, 7, 11].map((at) => first[at]), Array(6).fill("unknown"));
  assert.deepEqual(faults, []);
  await context.close();
});
