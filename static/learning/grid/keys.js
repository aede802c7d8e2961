/* The keys of the table (the ARIA grid pattern), its clicks, the opened cell, and what happens when the page comes and goes. */
(function () {
  "use strict";

  const grid = window.classGrid;
  const byId = (id) => document.getElementById(id);
  const dialog = byId("grid-dialog");

  function open(td) {
    const address = grid.table.dataset.cell + grid.named(td, "student") + "/" + grid.named(td, "competency") + "/";
    window.htmx.ajax("GET", address, { target: "#grid-dialog-body", swap: "innerHTML" });
  }

  /* Whether a key with Ctrl (or Command) was one of ours; copying and pasting come as events of their own. */
  function commanded(event, td) {
    if (event.key === "d") {
      grid.fillDown(td);
    } else if (event.key === "z") {
      grid.takeBack(true);
    } else if (event.key === " ") {
      grid.selectColumn(td);
    } else {
      return false;
    }
    return true;
  }

  function pressed(event, td) {
    const edit = grid.edits.get(td);
    if (event.key === "Enter" && edit && edit.state === "met") {
      grid.keepMine(td);
    } else if (event.key === "Enter") {
      grid.next(td, event.shiftKey);
    } else if (event.key === "Escape" && grid.chosen().length > 1) {
      grid.go(td);
    } else if (event.key === "Escape") {
      grid.drop(td);
    } else if (event.key === "Backspace") {
      grid.takeBack(false);
    } else if (event.key === " ") {
      open(td);
    } else if (event.key === "c") {
      grid.comment();
    } else if (/^\d$/.test(event.key)) {
      grid.give(Number(event.key));
    } else {
      return false;
    }
    return true;
  }

  grid.table.addEventListener("keydown", function (event) {
    const td = event.target;
    if (!grid.isJudged(td) || event.altKey) {
      return;
    }
    const isCommand = event.ctrlKey || event.metaKey;
    if (grid.moved(event, td) || (isCommand ? commanded(event, td) : pressed(event, td))) {
      event.preventDefault();
    }
  });
  grid.table.addEventListener("click", function (event) {
    const td = event.target.closest("td");
    if (grid.isJudged(td)) {
      grid.go(td, event.shiftKey);
    }
  });
  grid.table.addEventListener("dblclick", function (event) {
    const td = event.target.closest("td");
    if (grid.isJudged(td)) {
      open(td);
    }
  });
  grid.table.addEventListener("focusin", function (event) {
    if (event.target === grid.here) {
      grid.tell(grid.here);
    }
  });
  document.addEventListener("paste", function (event) {
    if (document.activeElement === grid.here) {
      event.preventDefault();
      grid.paste(event.clipboardData.getData("text/plain"));
    }
  });
  document.addEventListener("copy", function (event) {
    if (document.activeElement === grid.here) {
      event.preventDefault();
      event.clipboardData.setData("text/plain", grid.copied());
    }
  });
  // Opened by what has arrived: where nothing does, the last cell's words must not show for this one.
  byId("grid-dialog-body").addEventListener("htmx:afterSwap", function () {
    if (!dialog.open) {
      dialog.showModal();
    }
    byId("grid-dialog-title").focus();
  });
  byId("grid-dialog-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => grid.here.focus());
  byId("grid-retry").addEventListener("click", () => grid.again(true));
  byId("grid-drop").addEventListener("click", grid.dropRefusedElsewhere);
  window.addEventListener("online", grid.again);
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") {
      grid.send(true);
    }
  });
  window.addEventListener("beforeunload", function (event) {
    if (Array.from(grid.edits.values()).some((edit) => !edit.stored)) {
      event.preventDefault();
    }
  });

  Object.assign(grid, { open });
  grid.here.setAttribute("aria-label", grid.described(grid.here));
  if (grid.takeUp()) {
    grid.report();
    grid.again();
  }
})();
