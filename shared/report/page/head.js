// What stands first: what could not be read, and the figures that people come for.
"use strict";
function head(page) {
  const { totals } = page;
  if (page.gaps.length) {
    const list = element("ul", {}, page.gaps.map((gap) => element("li", {}, element("details", {},
      element("summary", {}, prose(gap.what + ": " + plural(gap.places, "place", "places"))),
      element("p", {}, mono(gap.where)), gap.mend ? element("p", {}, "To mend it: ", prose(gap.mend)) : null))));
    const more = page.gaps_more ? element("p", {}, "And " + count(page.gaps_more) + " more.") : null;
    replace("missing-list", list, more);
  } else {
    hide("missing");
  }
  const findings = totals.findings;
  const severe = findings.critical + findings.high;
  // What is known of some and not of all is the least that it is.
  const least = (text, unknown) => unknown ? "at least " + text : text;
  const freed = (it, more) => dollars(it.usd_per_month) + " a month" + more
    + (it.unknown_repositories ? "; not known of " + plural(it.unknown_repositories, "repository", "repositories") : "");
  const expiring = totals.in_use_expiring;
  const unknown = totals.in_use_known ? null : "what is in use is not known everywhere";
  const cards = [
    ["Stored", bytes(totals.stored_bytes), totals.archived_bytes > 0 ? bytes(totals.archived_bytes) + " of it archived" : "layers once in each repository", ""],
    ["A month", least(dollars(totals.usd_per_month), totals.unpriced_repositories), "storage, computed by list prices of " + page.prices.date
      + (totals.unpriced_repositories ? "; without " + plural(totals.unpriced_repositories, "repository", "repositories") + " not priced" : ""), totals.unpriced_repositories ? "warn" : ""],
    ["Goes with the next run", least(bytes(totals.next.bytes), totals.next.unknown_repositories), freed(totals.next, ", " + plural(totals.next.images, "image", "images")), "good"],
    ["Goes in the end", least(bytes(totals.settled.bytes), totals.settled.unknown_repositories), freed(totals.settled, ", when policies have settled"), "good"],
    ["Findings", count(findings.total), ["critical", "high", "medium", "low"].map((it) => count(findings[it]) + " " + it).join(", ")
      + (totals.unanswered ? "; " + plural(totals.unanswered, "question", "questions") + " without an answer" : ""), severe ? "bad" : ""],
    ["In use, about to expire", expiring === null ? "unknown" : count(expiring), unknown || "by a policy that ECR carries out itself", expiring ? "bad" : expiring === null ? "warn" : "good"],
    ["Images in use", totals.in_use_images === null ? "unknown" : count(totals.in_use_images), page.coverage_sentence, totals.in_use_known ? "" : "warn"],
    ["Repositories", count(totals.repositories), count(totals.images) + " images, " + count(totals.with_policy) + " with a policy that acts", ""],
  ];
  replace("cards", cards.map(([name, figure, note, kind]) => element("li", { class: "card " + kind },
    element("div", { class: "name" }, name), element("div", { class: "figure" }, figure), element("div", { class: "note" }, note))));
  const read = table("When each registry was read, and how completely", [
    { name: "Account", show: (it) => it.account || "unknown" },
    { name: "Region", keep: true, show: (it) => it.region },
    { name: "Read", keep: true, show: (it) => instant(it.taken_at), value: (it) => it.taken_at },
    { name: "Complete", show: (it) => it.is_complete ? marked("complete", "good") : marked("partial", "warn"), value: (it) => Number(it.is_complete) },
    { name: "Repositories", number: true, show: (it) => count(it.repositories), value: (it) => it.repositories },
    { name: "Images", number: true, show: (it) => count(it.images), value: (it) => it.images },
    { name: "Stored", number: true, show: (it) => bytes(it.stored_bytes), title: (it) => exactBytes(it.stored_bytes), value: (it) => it.stored_bytes },
    { name: "A month", number: true, show: (it) => least(dollars(it.usd_per_month), it.unpriced_repositories), title: (it) => exactDollars(it.usd_per_month), value: (it) => dollarValue(it.usd_per_month) },
    { name: "In use known", show: (it) => it.use, value: (it) => it.use },
  ], page.registries);
  replace("data-age", element("details", { open: page.registries.length < 3 }, element("summary", {}, "The data: " + plural(page.registries.length, "registry", "registries")), read));
  if (!page.findings.length) return hide("findings-section");
  const kinds = { critical: "bad", high: "bad", medium: "warn" };
  const left = findings.total - page.findings.length;
  replace("findings", table("The worst findings" + (left > 0 ? "; " + plural(left, "other is", "others are") + " left out here, and demurrage audit has them" : ""), [
    { name: "Severity", show: (it) => marked(it.severity, kinds[it.severity] || ""), value: (it) => ["informational", "low", "medium", "high", "critical"].indexOf(it.severity) },
    { name: "Repository", show: (it) => it.repository ? mono(it.repository) : "the registry itself", value: (it) => it.repository },
    { name: "Region", keep: true, show: (it) => it.region },
    { name: "Audit", show: (it) => mono(it.audit), value: (it) => it.audit },
    { name: "What", show: (it) => prose(it.message), value: (it) => it.message },
  ], page.findings, { shown: 8 }));
}
