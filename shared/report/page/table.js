// Tables that can be sorted by each column, and that show their first rows until asked for more.
"use strict";
const ROWS_AT_FIRST = 10;

// columns: { name, number, keep (on one line), value(row) for sorting, show(row) a text or a node, title(row) }
function table(caption, columns, rows, options) {
  const settings = Object.assign({ shown: ROWS_AT_FIRST, sorted: null }, options);
  let { shown } = settings;
  let order = rows.slice();
  const body = element("tbody");
  const more = element("button", { class: "more", type: "button", onclick: () => { shown += 250; fill(); } });
  const heads = columns.map((column) => {
    const head = element("th", { scope: "col", class: column.number ? "number" : null });
    const button = element("button", { type: "button", onclick: () => sort(column, head) }, column.name);
    head.append(button);
    return head;
  });
  function sort(column, head) {
    const falls = head.getAttribute("aria-sort") !== "descending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", falls ? "descending" : "ascending");
    const key = column.value || column.show;
    const compare = (a, b) => {
      const [left, right] = [key(a), key(b)];
      if (!isKnown(left) || !isKnown(right)) return Number(isKnown(left)) - Number(isKnown(right));
      return typeof left === "number" ? left - right : String(left).localeCompare(String(right));
    };
    order = rows.slice().sort(falls ? (a, b) => compare(b, a) : compare);
    fill();
  }
  function fill() {
    body.replaceChildren(...order.slice(0, shown).map((row) => element("tr", {}, columns.map((column) =>
      element("td", { class: column.number ? "number" : column.keep ? "keep" : null, title: column.title ? column.title(row) : null },
        column.show(row))))));
    const left = order.length - shown;
    more.hidden = left <= 0;
    more.textContent = left > 0 ? "Show more (" + count(left) + " left)" : "";
  }
  fill();
  const made = element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, heads)), body);
  return element("div", {}, element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption }, made), more);
}

// The table behind a chart, for whoever does not see the chart or wants the figures.
function tableBehind(caption, columns, rows) {
  return element("details", {}, element("summary", {}, "The figures as a table"), table(caption, columns, rows, { shown: 100 }));
}
