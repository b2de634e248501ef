// Curves: what "keep N" costs, and what is stored over time.
"use strict";
function sweeps(page) {
  if (!page.sweeps.length) return hide("keep");
  const select = element("select", { id: "sweep-choice" }, page.sweeps.map((it, at) =>
    element("option", { value: at }, it.repository + " (rule " + it.rule + ")")));
  replace("sweep-filter", element("label", {}, "Repository and rule", select));
  const chosen = () => page.sweeps[Number(select.value) || 0];
  const priced = () => chosen().points.every((point) => isKnown(point.usd_per_month));
  const drawn = chart("sweep", "Cost of keeping N images", () => {
    const one = chosen();
    const value = (point) => priced() ? Number(point.usd_per_month) : point.kept_bytes / 2 ** 30;
    return {
      grid: { left: 70, right: 30, top: 30, bottom: 50 },
      tooltip: tooltip(([it]) => {
        const point = one.points[it.dataIndex];
        return "keep " + count(point.number) + "\n" + plural(point.kept_images, "image", "images") + ", " + bytes(point.kept_bytes) + "\n" + dollars(point.usd_per_month) + " a month";
      }, "axis"),
      xAxis: axis({ type: "value", name: "keep N", nameLocation: "middle", nameGap: 28, min: "dataMin", max: "dataMax" }),
      yAxis: axis({ type: "value", name: priced() ? "USD a month" : "GiB", min: 0 }),
      series: [{
        type: "line", data: one.points.map((point) => [point.number, value(point)]), symbol: one.points.length > 60 ? "none" : "circle", lineStyle: { width: 3, color: ink("bar") }, itemStyle: { color: ink("bar") },
        markLine: isKnown(one.today) ? { symbol: "none", silent: true, label: { formatter: "today " + one.today, color: ink("ink") }, lineStyle: { color: ink("bad"), type: "dashed" }, data: [{ xAxis: one.today }] } : undefined,
      }],
    };
  });
  const show = () => {
    const one = chosen();
    CHARTS.find((it) => it.drawn === drawn).draw();
    replace("sweep-table", tableBehind("What each N keeps in " + one.repository, [
      { name: "Keep N", number: true, show: (it) => it.number === one.today ? it.number + " (today)" : count(it.number), value: (it) => it.number },
      { name: "Images", number: true, show: (it) => count(it.kept_images), value: (it) => it.kept_images },
      { name: "Stored", number: true, show: (it) => bytes(it.kept_bytes), title: (it) => exactBytes(it.kept_bytes), value: (it) => it.kept_bytes },
      { name: "A month", number: true, show: (it) => dollars(it.usd_per_month), title: (it) => exactDollars(it.usd_per_month), value: (it) => dollarValue(it.usd_per_month) },
    ], one.points));
  };
  select.addEventListener("change", show);
  show();
}

function overTime(page) {
  const { past, forecast } = page.over_time;
  if (past.length + forecast.length < 2) return hide("time");
  const gib = (value) => value / 2 ** 30;
  const line = (name, points, type, colour) => ({ type: "line", name, data: points, showSymbol: points.length < 60, lineStyle: { type, width: 3, color: colour }, itemStyle: { color: colour }, connectNulls: false });
  chart("over-time", "Stored bytes over time, with a forecast; the table below has the figures", () => {
    const last = past.length ? [[past[past.length - 1].at, gib(past[past.length - 1].bytes)]] : [];
    const withPolicies = forecast.filter((it) => isKnown(it.with_policies));
    return {
      grid: { left: 70, right: 30, top: 40, bottom: 40 },
      legend: { top: 0, textStyle: { color: ink("ink") } },
      tooltip: tooltip((its) => day(new Date(its[0].value[0]).toISOString()) + "\n" + its.map((it) => it.seriesName + ": " + bytes(it.value[1] * 2 ** 30)).join("\n"), "axis"),
      xAxis: axis({ type: "time" }),
      yAxis: axis({ type: "value", name: "GiB", min: 0 }),
      series: [
        line("read", past.map((it) => [it.at, gib(it.bytes)]), "solid", ink("bar")),
        line("forecast without policies", last.concat(forecast.map((it) => [it.at, gib(it.without_policies)])), "dashed", ink("bad")),
        line("forecast with policies", last.concat(withPolicies.map((it) => [it.at, gib(it.with_policies)])), "dotted", ink("good")),
      ],
    };
  });
  replace("over-time-table", tableBehind("Stored bytes over time", [
    { name: "Day", show: (it) => day(it.at) },
    { name: "What", show: (it) => it.what },
    { name: "Stored", number: true, show: (it) => bytes(it.bytes), title: (it) => exactBytes(it.bytes), value: (it) => it.bytes },
  ], past.map((it) => ({ at: it.at, what: "read", bytes: it.bytes })).concat(forecast.flatMap((it) => [
    { at: it.at, what: "forecast without policies", bytes: it.without_policies },
    { at: it.at, what: "forecast with policies", bytes: it.with_policies },
  ]))));
}
