// What all charts have in common. Drawn as SVG, so that they print, scale and can be read; tooltips are drawn, too,
// and never made of markup.
"use strict";
const CHARTS = [];
const DARK = window.matchMedia("(prefers-color-scheme: dark)");

function ink(name) { return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim(); }

// From nothing to be freed to all of it: a scale of lightness and hue that colour-blind people can tell apart. The share
// stands in the label as well.
const SCALE_LIGHT = ["#c9d6e2", "#e3d3a8", "#e8b56b", "#dd8346", "#b9482f"];
const SCALE_DARK = ["#3d4f60", "#6b6140", "#8f6a2f", "#b0622c", "#b8442a"];
const UNKNOWN_LIGHT = "#e6e6e6";
const UNKNOWN_DARK = "#2c333a";

function shareColour(value) {
  if (!isKnown(value)) return DARK.matches ? UNKNOWN_DARK : UNKNOWN_LIGHT;
  const scale = DARK.matches ? SCALE_DARK : SCALE_LIGHT;
  return scale[Math.min(scale.length - 1, Math.ceil(value * (scale.length - 1)))];
}

// What can be read on the colour of a share.
function onColour(value) { return DARK.matches || (isKnown(value) && value > 0.75) ? "#fff" : "#111"; }

// options() is asked again when the colours change.
function chart(id, label, options) {
  const place = document.getElementById(id);
  const drawn = echarts.init(place, null, { renderer: "svg" });
  const draw = () => drawn.setOption(Object.assign({
    animation: false,
    aria: { enabled: true, label: { description: label } },
    textStyle: { color: ink("ink"), fontFamily: "system-ui, sans-serif" },
  }, options()), true);
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", label);
  draw();
  CHARTS.push({ drawn, draw });
  return drawn;
}

function tooltip(formatter, trigger) {
  return {
    renderMode: "richText", trigger: trigger || "item", confine: true, formatter,
    backgroundColor: ink("card"), borderColor: ink("line"), textStyle: { color: ink("ink") },
  };
}

function axis(extra) {
  return Object.assign({
    axisLine: { lineStyle: { color: ink("soft") } }, axisLabel: { color: ink("soft") },
    splitLine: { lineStyle: { color: ink("line") } }, nameTextStyle: { color: ink("soft") },
  }, extra);
}

window.addEventListener("resize", () => CHARTS.forEach((one) => one.drawn.resize()));
window.addEventListener("beforeprint", () => CHARTS.forEach((one) => one.drawn.resize()));
DARK.addEventListener("change", () => CHARTS.forEach((one) => one.draw()));
