// What leaves a region, and where it goes.
"use strict";
function sankey(page) {
  const flows = page.transfer.filter((it) => it.bytes > 0);
  if (!page.transfer.length) return hide("transfer");
  if (flows.length) {
    // Names of the two sides differ, so that a region that sends and gets is no circle.
    const names = new Set(flows.flatMap((it) => [it.from, "to " + it.to]));
    chart("sankey", "Bytes that are copied between regions in a month; the table below has the figures", () => ({
      tooltip: tooltip((it) => it.dataType === "edge" ? it.data.source + " " + it.data.target + "\n" + bytes(it.value) + " a month" : it.name + "\n" + bytes(it.value)),
      series: [{
        type: "sankey", data: Array.from(names, (name) => ({ name })), left: 10, right: 170, nodeGap: 14, draggable: false,
        links: flows.map((it) => ({ source: it.from, target: "to " + it.to, value: it.bytes })),
        label: { color: ink("ink") }, lineStyle: { color: "source", opacity: 0.35 }, emphasis: { focus: "adjacency" },
      }],
    }));
  } else {
    hide("sankey");
  }
  replace("sankey-table", table("Transfer in a month, by destination", [
    { name: "Account", show: (it) => it.account || "unknown" },
    { name: "From", show: (it) => it.from },
    { name: "To", show: (it) => it.to },
    { name: "What for", show: (it) => it.what },
    { name: "Amount", number: true, show: (it) => bytes(it.bytes), title: (it) => exactBytes(it.bytes), value: (it) => it.bytes },
    { name: "A month, at least", number: true, show: (it) => dollars(it.usd_low), title: (it) => exactDollars(it.usd_low), value: (it) => dollarValue(it.usd_low) },
    { name: "At most", number: true, show: (it) => dollars(it.usd_high), title: (it) => exactDollars(it.usd_high), value: (it) => dollarValue(it.usd_high) },
    { name: "Basis", show: (it) => it.basis },
  ], page.transfer));
}
