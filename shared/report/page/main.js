// Draws the page. What fails is said on the page, and keeps nothing else from being drawn.
"use strict";
(function () {
  const page = JSON.parse(document.getElementById("page-data").textContent);
  for (const draw of [head, treemap, sweeps, overTime, sankey, promises, goesNext, quotas, repositories]) {
    try {
      draw(page);
    } catch (error) {
      document.getElementById("main").prepend(element("section", { class: "danger", role: "alert" }, "A part of this page could not be drawn: " + error.message));
      console.error(error);
    }
  }
  document.documentElement.dataset.drawn = "true";
})();
