// How figures are written. Human units for people; the exact figure is in the title of what shows it.
"use strict";
const NUMBERS = new Intl.NumberFormat("en");
const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

function isKnown(value) { return value !== null && value !== undefined; }

function count(value) { return isKnown(value) ? NUMBERS.format(value) : "unknown"; }

function bytes(value) {
  if (!isKnown(value)) return "unknown";
  let unit = 0;
  let rest = Number(value);
  while (rest >= 1024 && unit < UNITS.length - 1) { rest /= 1024; unit += 1; }
  const digits = unit === 0 || rest >= 100 ? 0 : rest >= 10 ? 1 : 2;
  return rest.toFixed(digits) + " " + UNITS[unit];
}

// Dollars arrive as decimals of ten places, in text: a number of JavaScript would not hold them.
function dollars(text) {
  if (!isKnown(text)) return "unknown";
  const value = Number(text);
  if (value !== 0 && Math.abs(value) < 0.01) return "< 0.01 USD";
  return value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }) + " USD";
}

// What a cell says when it is pointed at; nothing where it is not known.
function exactBytes(value) { return isKnown(value) ? NUMBERS.format(value) + " bytes" : null; }

function exactDollars(text) { return isKnown(text) ? text + " USD" : null; }

// Dollars to be compared; what is not known stays so.
function dollarValue(text) { return isKnown(text) ? Number(text) : null; }

function share(part, whole) {
  if (!isKnown(part) || !isKnown(whole)) return null;
  return whole > 0 ? part / whole : 0;
}

function percent(value) { return isKnown(value) ? Math.round(value * 100) + " %" : "unknown"; }

// Instants are of UTC, to the minute: nobody reads seconds off a page.
function instant(text) { return isKnown(text) ? text.slice(0, 16).replace("T", " ") + " UTC" : "unknown"; }

function day(text) { return isKnown(text) ? text.slice(0, 10) : "unknown"; }

function plural(value, one, many) { return count(value) + " " + (value === 1 ? one : many); }
