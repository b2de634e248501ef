// What stands first: what could not be read, and the figures that people come for.
"use strict";
function head(page) {
  const { totals } = page;
  if (page.gaps.length) {
    const list = element("ul", {}, page.gaps.map((gap) => element("li", {}, element("strong", {}, gap.what), " ",
      gap.where ? mono(gap.where) : null, gap.mend ? element("span", { class: "soft" }, " " + gap.mend) : null)));
    const more = page.gaps_more ? element("p", {}, "And " + count(page.gaps_more) + " more.") : null;
    replace("missing-list", list, more);
  } else {
    hide("missing");
  }
  const findings = totals.findings;
  const severe = findings ? findings.critical + findings.high : null;
  const expiring = totals.in_use_expiring;
  const unknown = totals.in_use_known ? null : "what is in use is not known everywhere";
  const cards = [
    ["Stored", bytes(totals.stored_bytes), totals.archived_bytes > 0 ? bytes(totals.archived_bytes) + " of it archived" : "layers once in each repository", ""],
    ["A month", dollars(totals.usd_per_month), "computed by list prices of " + page.prices.date, ""],
    ["Goes with the next run", bytes(totals.next.bytes), dollars(totals.next.usd_per_month) + " a month, " + plural(totals.next.images, "image", "images"), "good"],
    ["Goes in the end", bytes(totals.settled.bytes), dollars(totals.settled.usd_per_month) + " a month, when policies have settled", "good"],
    ["Findings", findings ? count(findings.total) : "unknown", findings ? count(findings.critical) + " critical, " + count(findings.high) + " high, " + count(findings.medium) + " medium, " + count(findings.low) + " low" : "nothing was audited", severe ? "bad" : ""],
    ["In use, about to expire", expiring === null ? "unknown" : count(expiring), unknown || "by a policy that ECR carries out itself", expiring ? "bad" : expiring === null ? "warn" : "good"],
    ["Images in use", totals.in_use_images === null ? "unknown" : count(totals.in_use_images), page.coverage_sentence, totals.in_use_known ? "" : "warn"],
    ["Repositories", count(totals.repositories), count(totals.images) + " images, " + count(totals.with_policy) + " with a policy that acts", ""],
  ];
  replace("cards", cards.map(([name, figure, note, kind]) => element("li", { class: "card " + kind },
    element("div", { class: "name" }, name), element("div", { class: "figure" }, figure), element("div", { class: "note" }, note))));
  replace("data-age", table("The data: when each registry was read, and how completely", [
    { name: "Account", show: (it) => it.account || "unknown" },
    { name: "Region", show: (it) => it.region },
    { name: "Read", show: (it) => instant(it.taken_at), value: (it) => it.taken_at },
    { name: "Complete", show: (it) => it.is_complete ? marked("complete", "good") : marked("partial", "warn"), value: (it) => Number(it.is_complete) },
    { name: "Repositories", number: true, show: (it) => count(it.repositories), value: (it) => it.repositories },
    { name: "Images", number: true, show: (it) => count(it.images), value: (it) => it.images },
    { name: "Stored", number: true, show: (it) => bytes(it.stored_bytes), title: (it) => it.stored_bytes + " bytes", value: (it) => it.stored_bytes },
    { name: "A month", number: true, show: (it) => dollars(it.usd_per_month), title: (it) => it.usd_per_month, value: (it) => Number(it.usd_per_month) },
    { name: "In use known", show: (it) => it.use, value: (it) => it.use },
  ], page.registries));
}
