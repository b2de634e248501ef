// How much of each quota is taken, and for how long it lasts.
"use strict";
function quotas(page) {
  if (!page.quotas.length) return hide("capacity");
  const meter = (it) => {
    const value = Math.min(1, share(it.used, it.limit));
    const kind = value >= 0.9 ? "bad" : value >= 0.7 ? "warn" : "";
    return element("span", {}, element("span", { class: "meter " + kind, "aria-hidden": "true" },
      element("span", { style: "width:" + Math.round(value * 100) + "%" })), " " + percent(share(it.used, it.limit)));
  };
  replace("quotas", table("Capacity against the default quotas, or those that were read", [
    { name: "Quota", show: (it) => it.what },
    { name: "Where", show: (it) => mono(it.where), value: (it) => it.where },
    { name: "Used", number: true, show: (it) => count(it.used), value: (it) => it.used },
    { name: "Limit", number: true, show: (it) => count(it.limit), value: (it) => it.limit },
    { name: "Share", show: meter, value: (it) => share(it.used, it.limit) },
    { name: "Days left", number: true, show: (it) => isKnown(it.days_left) ? count(it.days_left) : "unknown", value: (it) => it.days_left },
    { name: "Source", show: (it) => it.source },
  ], page.quotas));
}
