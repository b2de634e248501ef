// Reports to look at, made by the program as people make them: the demonstration; several registries with a past, with tags that
// moved, with images that run and are about to go, and with a repository that could not be read whole.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const DEMURRAGE = process.env.DEMURRAGE_PROGRAM;
if (!DEMURRAGE) throw new Error("DEMURRAGE_PROGRAM names the program");
const NOW = "2026-11-24T00:00:00Z";

// A name that would be markup, where it is not taken for text.
export const HOSTILE = "<img src=x onerror=document.title='markup'>";

function run(folder, codes, ...args) {
  const environment = { ...process.env, DEMURRAGE_STORE: path.join(folder, "no-store") };
  try {
    execFileSync(DEMURRAGE, args, { cwd: folder, env: environment, stdio: "pipe", encoding: "utf8" });
  } catch (error) {
    if (!codes.includes(error.status)) throw new Error(`${args.join(" ")}: ${error.status}\n${error.stderr}`);
  }
}

// The demonstration's own report.
export function demonstration(folder) {
  run(folder, [0], "demo", "--dir", "demo", "--now", NOW);
  return path.join(folder, "demo", "report.html");
}

// Over the files of the demonstration, which lie in the folder already.
export function severalRegistries(folder) {
  const files = path.join(folder, "demo", "aws-cli");
  const catalog = path.join(files, "repositories", "shop", "catalog", "describe-images.json");
  const asRead = fs.readFileSync(catalog, "utf8");
  const answer = JSON.parse(asRead);
  const tagged = answer.imageDetails.filter((image) => (image.imageTags || []).some((tag) => tag.startsWith("v")));
  const store = ["--store", "store"];
  const take = (region, at, codes = [0]) => run(folder, codes, "import", "demo/aws-cli", "--region", region, "--taken-at", at, ...store);
  // The version of one image is put on another one before the next reading, and comes back later.
  take("us-east-1", "2026-11-20T00:00:00Z");
  const [one, other] = tagged;
  const tag = one.imageTags.find((it) => it.startsWith("v"));
  one.imageTags = one.imageTags.filter((it) => it !== tag);
  other.imageTags.push(tag);
  fs.writeFileSync(catalog, JSON.stringify(answer));
  take("us-east-1", "2026-11-21T00:00:00Z");
  fs.writeFileSync(catalog, asRead);
  take("us-east-1", "2026-11-22T00:00:00Z");
  // Of the other registry a repository is cut off.
  const web = path.join(files, "repositories", "web", "storefront", "describe-images.json");
  const whole = fs.readFileSync(web, "utf8");
  fs.writeFileSync(web, JSON.stringify({ ...JSON.parse(whole), nextToken: "more" }));
  take("ap-northeast-2", "2026-11-22T00:00:00Z", [0, 4]);
  fs.writeFileSync(web, whole);
  const oldest = answer.imageDetails.reduce((a, b) => (a.imagePushedAt < b.imagePushedAt ? a : b));
  const runs = `${HOSTILE}.txt`;
  fs.writeFileSync(path.join(folder, runs), `123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/catalog@${oldest.imageDigest}\n`);
  run(folder, [0, 4], "report", ...store, "--now", NOW, "--in-use", runs, "--out", "several.html");
  return path.join(folder, "several.html");
}

// The page with other data in it.
export function withData(page, change) {
  const html = fs.readFileSync(page, "utf8");
  const [before, rest] = html.split('id="page-data">');
  const end = rest.indexOf("</script>");
  const data = JSON.parse(rest.slice(0, end));
  change(data);
  const changed = page.replace(/\.html$/, ".changed.html");
  fs.writeFileSync(changed, `${before}id="page-data">${JSON.stringify(data).replaceAll("<", "\\u003c")}${rest.slice(end)}`);
  return changed;
}

export function dataOf(page) {
  const rest = fs.readFileSync(page, "utf8").split('id="page-data">')[1];
  return JSON.parse(rest.slice(0, rest.indexOf("</script>")));
}
