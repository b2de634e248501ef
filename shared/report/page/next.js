// What goes next and by which rule, what is protected and by what, and what AWS deleted by itself.
"use strict";
function goesNext(page) {
  replace("next-rules", page.next.length ? table("What the next run of each policy takes, by rule", [
    { name: "Repository", show: (it) => mono(it.repository), value: (it) => it.repository },
    { name: "Region", keep: true, show: (it) => it.region },
    { name: "Rule", number: true, show: (it) => count(it.rule), value: (it) => it.rule },
    { name: "Selects", show: (it) => prose(it.selection), value: (it) => it.selection },
    { name: "Does", show: (it) => it.action },
    { name: "Images", number: true, show: (it) => count(it.images), value: (it) => it.images },
    { name: "Frees", number: true, show: (it) => bytes(it.bytes), title: (it) => exactBytes(it.bytes), value: (it) => it.bytes },
    { name: "In use", number: true, show: (it) => it.in_use ? marked(count(it.in_use), "bad") : count(it.in_use), value: (it) => it.in_use },
    { name: "For example", show: (it) => prose(it.example), value: (it) => it.example },
  ], page.next) : element("p", { class: "soft" }, "No policy takes anything."));
  replace("protected", page.protected.length ? table("What is protected, and by what", [
    { name: "By", show: (it) => it.by },
    { name: "Images", number: true, show: (it) => count(it.images), value: (it) => it.images },
    { name: "Sum of image sizes", number: true, show: (it) => bytes(it.bytes), title: (it) => exactBytes(it.bytes), value: (it) => it.bytes },
  ], page.protected) : element("p", { class: "soft" }, "Nothing is known to be protected."));
  replace("aws-deleted", page.aws_deleted.length ? table("What went between the two newest inventories, and how much of it the policies explain", [
    { name: "Repository", show: (it) => mono(it.repository), value: (it) => it.repository },
    { name: "Region", keep: true, show: (it) => it.region },
    { name: "Between", show: (it) => instant(it.since) + " and " + instant(it.until), value: (it) => it.since },
    { name: "Images", number: true, show: (it) => count(it.images), value: (it) => it.images },
    { name: "Explained by a policy", number: true, show: (it) => count(it.expected), value: (it) => it.expected },
    { name: "By nothing", number: true, show: (it) => it.images > it.expected ? marked(count(it.images - it.expected), "warn") : "0", value: (it) => it.images - it.expected },
  ], page.aws_deleted) : element("p", { class: "soft" }, page.aws_deleted_sentence));
}
