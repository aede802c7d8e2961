/* Keeping: what is typed is stored in this browser until it is on the record, so that it outlives a lost network, a reload and
   a closed page. An item each (credence-edits-<class>-<edit>), so that two tabs never write over each other. It holds opaque
   ids and a level, never a name and never a comment, which may name somebody; it bears the account that typed it, and no other
   account reads it. Signing out clears all of it (credence.js). */
(function () {
  "use strict";

  const grid = window.classGrid;
  const PREFIX = "credence-edits-" + grid.table.dataset.section + "-";
  const account = grid.table.dataset.account;
  const elsewhere = new Set(); // edits stored for cells that this page does not show

  function keep(edit) {
    edit.stored = false;
    if (edit.comment) {
      return;
    }
    const { student, competency, level, day, seen, at } = edit;
    try {
      localStorage.setItem(PREFIX + edit.key, JSON.stringify({ account, student, competency, level, day, seen, at }));
      edit.stored = true;
    } catch {
      // No storage, or none left: the page warns before it is closed.
    }
  }

  function forget(edit) {
    elsewhere.delete(edit);
    try {
      localStorage.removeItem(PREFIX + edit.key);
    } catch {
      // Nothing was stored then.
    }
  }

  function stored() {
    const found = [];
    try {
      for (let place = 0; place < localStorage.length; place += 1) {
        const name = localStorage.key(place);
        if (name.startsWith(PREFIX)) {
          found.push(Object.assign(JSON.parse(localStorage.getItem(name)), { key: name.slice(PREFIX.length) }));
        }
      }
    } catch {
      return [];
    }
    return found.filter((edit) => edit.account === account).sort((one, other) => one.at - other.at);
  }

  /* Take up what an earlier page left: into its cell where this page shows it, else beside. The last typed of a cell wins it. */
  function takeUp() {
    stored().forEach(function (kept) {
      const td = grid.find(kept.student, kept.competency);
      const edit = Object.assign(kept, { state: "kept", told: "", comment: "", stored: true, td: td });
      if (td) {
        const before = grid.edits.get(td);
        if (before) {
          forget(before);
        }
        grid.edits.set(td, edit);
        grid.paint(td);
      } else {
        elsewhere.add(edit);
      }
    });
    return grid.edits.size + elsewhere.size;
  }

  Object.assign(grid, { keep, forget, takeUp, elsewhere });
})();
