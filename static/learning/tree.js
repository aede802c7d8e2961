/* A framework's tree: open or close all of its branches at once. Each opens by itself without this file. */
(function () {
  "use strict";

  const buttons = document.getElementById("tree-buttons");
  if (!buttons) {
    return;
  }
  const branches = document.querySelectorAll("#tree details");
  buttons.hidden = branches.length === 0;
  buttons.addEventListener("click", function (event) {
    const what = event.target.dataset.tree;
    if (what) {
      branches.forEach(function (branch) {
        branch.open = what === "open";
      });
    }
  });
})();
