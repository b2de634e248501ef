// Immutability: the promise of each repository, and each tag that moved.
"use strict";
function promises(page) {
  if (!page.promises.length && !page.moved_tags.length) {
    return replace("promises", element("p", { class: "soft" }, page.promises_sentence));
  }
  const kinds = { kept: "good", broken: "bad", unknown: "warn", none: "" };
  const broken = page.promises.filter((it) => it.state === "broken").length;
  replace("promises",
    element("p", {}, page.promises_sentence),
    table("The promise of each repository: " + plural(broken, "is broken", "are broken"), [
      { name: "Repository", show: (it) => mono(it.repository), value: (it) => it.repository },
      { name: "Region", keep: true, show: (it) => it.region },
      { name: "Promise", show: (it) => marked(it.state, kinds[it.state] || ""), value: (it) => it.state },
      { name: "Setting", keep: true, show: (it) => mono(it.setting), value: (it) => it.setting },
      { name: "Why", show: (it) => prose(it.why), value: (it) => it.why },
    ], page.promises),
    element("h3", {}, "Tags that moved"),
    page.moved_tags.length ? element("div", {}, page.moved_tags.map((it) => element("details", {},
      element("summary", {}, it.repository + ":" + it.tag + " moved " + plural(it.history.length - 1, "time", "times")),
      table("Where the tag was", [
        { name: "From", show: (one) => instant(one.from), value: (one) => one.from },
        { name: "Until", show: (one) => isKnown(one.until) ? instant(one.until) : "now", value: (one) => one.until },
        { name: "Image", show: (one) => mono(one.digest), value: (one) => one.digest },
        { name: "Known from", show: (one) => one.by },
      ], it.history)))) : element("p", { class: "soft" }, "None that is known."));
}
