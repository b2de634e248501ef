// All repositories of the page, with search and filters; the largest open in place.
"use strict";
function repositories(page) {
  const search = element("input", { type: "search", id: "search", placeholder: "name, account, region", autocomplete: "off" });
  const choices = [
    ["all", "all", () => true],
    ["frees", "something goes", (it) => it.settled_bytes > 0],
    ["no-policy", "no policy that acts", (it) => it.policy !== "effective"],
    ["broken", "promise broken", (it) => it.promise === "broken"],
    ["findings", "with findings", (it) => it.findings > 0],
    ["in-use", "in use, about to expire", (it) => it.in_use_expiring > 0],
    ["partial", "not read completely", (it) => it.listing !== "complete"],
  ];
  const only = element("select", { id: "only" }, choices.map(([value, name]) => element("option", { value }, name)));
  const regions = Array.from(new Set(page.repositories.map((it) => it.region))).sort();
  const region = element("select", { id: "region" }, element("option", { value: "" }, "all"), regions.map((it) => element("option", { value: it }, it)));
  const said = element("p", { class: "soft", role: "status", id: "repositories-found" });
  replace("repositories-filters", element("label", {}, "Search", search), element("label", {}, "Only", only), element("label", {}, "Region", region));
  replace("repositories-said", said);

  // The name of one that opens leads to its images.
  const named = (it) => it.detail ? element("button", { class: "open", type: "button", onclick: () => open(it) }, mono(it.name)) : mono(it.name);
  const opened = new Map();
  function open(it) {
    const there = opened.get(it);
    there.open = true;
    there.querySelector("summary").focus();
    there.scrollIntoView({ block: "start" });
  }
  const columns = [
    { name: "Repository", show: (it) => it.listing === "complete" ? named(it) : element("span", {}, named(it), " ", marked(it.listing, "warn")), value: (it) => it.name },
    { name: "Region", keep: true, show: (it) => it.region },
    { name: "Account", show: (it) => it.account || "unknown" },
    { name: "Images", number: true, show: (it) => count(it.images), value: (it) => it.images },
    { name: "Stored", number: true, show: (it) => isKnown(it.images) ? bytes(it.stored_bytes) : "unknown", title: (it) => isKnown(it.images) ? exactBytes(it.stored_bytes) : null, value: (it) => isKnown(it.images) ? it.stored_bytes : null },
    { name: "A month", number: true, show: (it) => dollars(it.usd_per_month), title: (it) => exactDollars(it.usd_per_month), value: (it) => dollarValue(it.usd_per_month) },
    { name: "Goes next", number: true, show: (it) => bytes(it.next_bytes), title: (it) => exactBytes(it.next_bytes), value: (it) => it.next_bytes },
    { name: "In the end", number: true, show: (it) => bytes(it.settled_bytes), title: (it) => exactBytes(it.settled_bytes), value: (it) => it.settled_bytes },
    { name: "Policy", show: (it) => it.policy },
    { name: "Promise", show: (it) => it.promise },
    { name: "Findings", number: true, show: (it) => count(it.findings), value: (it) => it.findings },
    { name: "In use", number: true, show: (it) => isKnown(it.in_use) ? count(it.in_use) : "unknown", value: (it) => it.in_use },
  ];
  const show = () => {
    const wanted = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const fits = choices.find(([value]) => value === only.value)[2];
    const found = page.repositories.filter((it) => {
      const text = (it.name + " " + it.region + " " + (it.account || "")).toLowerCase();
      return fits(it) && (!region.value || it.region === region.value) && wanted.every((word) => text.includes(word));
    });
    said.textContent = plural(found.length, "repository", "repositories") + " of " + count(page.repositories.length) + " on this page"
      + (page.rest_repositories ? "; " + plural(page.rest_repositories, "smaller one is", "smaller ones are") + " only in the sums" : "");
    replace("repositories-table", table("Repositories", columns, found));
    const details = found.filter((it) => it.detail).map((it) => [it, detail(it)]);
    details.forEach(([it, made]) => opened.set(it, made));
    replace("drill-down", details.map(([, made]) => made));
  };
  const largest = page.repositories.filter((it) => it.detail).length;
  document.getElementById("drill-down-said").textContent = "The " + plural(largest, "largest repository opens", "largest repositories open")
    + " in place: what is in it, at most " + plural(page.detail_images_max, "image", "images") + " of each, those in use first and then those that hold most by themselves; what they share; and why each stays or goes."
    + (page.details_left_out ? " " + plural(page.details_left_out, "more did", "more did") + " not fit into the page." : "");
  [search, only, region].forEach((it) => it.addEventListener("input", show));
  show();
}

// The images of one repository are put on the page when it is opened, and not before: a page of 200 stays light.
function detail(repository) {
  const { detail: known } = repository;
  const place = element("div");
  const decisions = { stays: "good", expires: "bad", archives: "warn" };
  const fill = () => {
    if (place.firstChild) return;
    place.append(table("Images of " + repository.name + (known.left_out ? ", the " + known.images.length + " largest of " + count(repository.images) : ""), [
      { name: "Tags", show: (it) => it.tags.length ? mono(it.tags.join(", ")) : element("span", { class: "soft" }, "untagged"), value: (it) => it.tags.join(", ") },
      { name: "Digest", show: (it) => mono(it.digest.slice(0, 19)), title: (it) => it.digest, value: (it) => it.digest },
      { name: "Pushed", keep: true, show: (it) => instant(it.pushed_at), value: (it) => it.pushed_at },
      { name: "Last pulled", keep: true, show: (it) => isKnown(it.pulled_at) ? day(it.pulled_at) : "never seen", value: (it) => it.pulled_at },
      { name: "Alone", number: true, show: (it) => bytes(it.exclusive_bytes), title: (it) => it.exclusive_bytes + " bytes that only this image has", value: (it) => it.exclusive_bytes },
      { name: "Shared", number: true, show: (it) => bytes(it.shared_bytes), title: (it) => it.shared_bytes + " bytes of layers that other images have, too", value: (it) => it.shared_bytes },
      { name: "Next run", show: (it) => marked(it.decision, decisions[it.decision] || ""), value: (it) => it.decision },
      { name: "Why", show: (it) => prose(it.why), value: (it) => it.why },
      { name: "In use by", show: (it) => it.in_use || "" },
    ], known.images, { shown: 50 }));
  };
  const made = element("details", {}, element("summary", {}, repository.name + " · " + repository.region + " · " + bytes(repository.stored_bytes)), place);
  made.addEventListener("toggle", () => { if (made.open) fill(); });
  return made;
}
