// Where the bytes lie: account, region, first part of the name, repository; coloured by what a policy would free.
"use strict";
function treemap(page) {
  const rows = page.repositories.concat(page.rest);
  if (!rows.length) return hide("where");
  const several = new Set(rows.map((it) => it.account)).size > 1;
  const root = new Map();
  for (const row of rows) {
    const slash = row.name.indexOf("/");
    const steps = [row.region, slash > 0 ? row.name.slice(0, slash) + "/" : null].filter(Boolean);
    if (several) steps.unshift(row.account || "unknown");
    let level = root;
    for (const step of steps) {
      if (!level.has(step)) level.set(step, new Map());
      level = level.get(step);
    }
    level.set(row, null);
  }
  const node = ([key, below]) => {
    if (below === null) {
      const name = key.repositories ? plural(key.repositories, "smaller repository", "smaller repositories") : key.name;
      const value = share(key.settled_bytes, key.stored_bytes);
      return { name, value: key.stored_bytes, freed: key.settled_bytes, known: isKnown(key.settled_bytes), label: { color: onColour(value) }, itemStyle: { color: shareColour(value) } };
    }
    const children = Array.from(below.entries(), node);
    const known = children.every((child) => child.known);
    const value = children.reduce((sum, child) => sum + child.value, 0);
    const freed = children.reduce((sum, child) => sum + (child.freed_known || child.freed || 0), 0);
    return { name: key, value, freed: known ? freed : null, freed_known: freed, known, children, itemStyle: { color: shareColour(known ? share(freed, value) : null) } };
  };
  // The root is the chart's own and knows no share: what it is of stands beside it.
  const part = (it) => it.data.freed === null && it.data.children
    ? "at least " + percent(share(it.data.freed_known, it.value)) : percent(share(it.data.freed, it.value));
  const of = (it) => it.data.children && !("freed" in it.data) ? "" : ", " + part(it);
  const say = (it) => it.name + "\n" + bytes(it.value) + of(it) + " of it goes in the end";
  const caption = (it, between) => it.name + between + bytes(it.value) + of(it);
  chart("treemap", "Stored bytes by account, region, prefix and repository; the table below has the figures", () => ({
    tooltip: tooltip(say),
    series: [{
      type: "treemap", name: "all", data: Array.from(root.entries(), node), roam: false, nodeClick: "zoomToNode", leafDepth: null,
      left: 0, right: 0, top: 0, bottom: 30, visibleMin: 200,
      breadcrumb: { bottom: 0, itemStyle: { color: ink("card"), borderColor: ink("line"), textStyle: { color: ink("ink") } } },
      label: { color: DARK.matches ? "#fff" : "#111", lineHeight: 15, fontSize: 12, formatter: (it) => caption(it, "\n") },
      upperLabel: { show: true, height: 20, lineHeight: 20, fontSize: 12, color: DARK.matches ? "#fff" : "#111", formatter: (it) => caption(it, ": ") },
      itemStyle: { borderColor: ink("card"), borderWidth: 1, gapWidth: 1 },
      levels: [{ itemStyle: { borderWidth: 0, gapWidth: 3 } }, { itemStyle: { borderWidth: 2, gapWidth: 1 } }],
    }],
  }));
  const legend = [["nothing goes", 0], ["up to a quarter", 0.25], ["up to a half", 0.5], ["up to three quarters", 0.75], ["more than three quarters", 1], ["unknown", null]];
  replace("treemap-legend", legend.map(([word, value]) => element("li", {}, element("i", { style: "background:" + shareColour(value) }), word)));
  replace("treemap-table", tableBehind("Stored bytes, and what goes in the end, by repository", [
    { name: "Account", show: (it) => it.account || "unknown" },
    { name: "Region", keep: true, show: (it) => it.region },
    { name: "Repository", show: (it) => it.repositories ? it.name + " (" + plural(it.repositories, "smaller repository", "smaller repositories") + ")" : it.name },
    { name: "Stored", number: true, show: (it) => bytes(it.stored_bytes), title: (it) => exactBytes(it.stored_bytes), value: (it) => it.stored_bytes },
    { name: "Goes in the end", number: true, show: (it) => bytes(it.settled_bytes), title: (it) => exactBytes(it.settled_bytes), value: (it) => it.settled_bytes },
    { name: "Share", number: true, show: (it) => percent(share(it.settled_bytes, it.stored_bytes)), value: (it) => share(it.settled_bytes, it.stored_bytes) },
  ], rows));
}
