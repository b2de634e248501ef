// Elements are made of text, never of markup: names, tags and sentences come from whoever can push.
"use strict";
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "onclick") made.addEventListener("click", value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined) continue;
    made.append(child instanceof Node ? child : String(child));
  }
  return made;
}

function replace(id, ...children) { document.getElementById(id).replaceChildren(...children.flat().filter((it) => it !== null && it !== undefined)); }

function hide(id) { document.getElementById(id).hidden = true; }

function marked(word, kind) { return element("span", { class: "tag " + kind }, word); }

// A sentence of the program: what stands in backticks is code.
function prose(text) { return element("span", {}, text.split("`").map((part, at) => at % 2 ? element("code", {}, part) : part)); }

function mono(text) { return element("span", { class: "mono" }, text); }
