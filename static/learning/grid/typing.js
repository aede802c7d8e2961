/* Typing: a level into one cell at once, into several after a look at what would change; dropping, undoing, filling, copying
   and pasting. */
(function () {
  "use strict";

  const grid = window.classGrid;
  const day = document.getElementById("worked-on");
  const groups = []; // what was typed at once, the last at the end: [{td, key, before}]

  /* A key drawn at random for an edit. Not crypto.randomUUID, which a school's plain http:// lacks. */
  function drawn() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  /* Whether the day of the work can be sent; else says so. */
  function hasDay() {
    if (!day.value || !day.checkValidity()) {
      grid.say(grid.word("dayWrong", { from: day.min, until: day.max }));
      return false;
    }
    return true;
  }

  /* Take [td, level] pairs as typed, with a comment or "", and send them soon. */
  function type(entries, comment) {
    if (!hasDay()) {
      return;
    }
    const group = entries.map(function ([td, level]) {
      const before = grid.edits.get(td);
      const edit = {
        key: drawn(), student: grid.named(td, "student"), competency: grid.named(td, "competency"), level: level, day: day.value,
        seen: td.dataset.mark || "", comment: comment || "", at: Date.now(), state: "typed", told: "", td: td,
      };
      if (before && before.state !== "saving") {
        grid.forget(before);
      }
      grid.edits.set(td, edit);
      grid.keep(edit);
      grid.paint(td);
      return { td: td, key: edit.key, before: before };
    });
    groups.push(group);
    grid.report();
    grid.schedule();
  }

  /* One cell at once; several are looked at first. */
  function put(entries) {
    if (entries.length > 1) {
      grid.preview(entries, false);
    } else {
      type(entries, "");
    }
  }

  /* A level for the cell under the focus, or for all that are selected. */
  function give(level) {
    const cells = grid.chosen();
    const short = cells.find((td) => level < 1 || level > grid.labelsOf(td).length);
    if (short) {
      grid.say(grid.word("noLevel", { n: level, highest: grid.labelsOf(short).length }));
    } else {
      put(cells.map((td) => [td, level]));
    }
  }

  function keepMine(td) {
    type([[td, grid.edits.get(td).level]], grid.edits.get(td).comment);
  }

  function comment() {
    const entries = grid.chosen().map((td) => [td, grid.levelIn(td)]).filter(([td, level]) => level && !(td.dataset.label && !grid.edits.has(td)));
    if (!entries.length) {
      grid.say(grid.words.commentNeedsLevel);
    } else if (hasDay()) {
      grid.preview(entries, true);
    }
  }

  /* Drop what is typed in a cell; what stands on the record shows again. Not while it is on its way. */
  function drop(td) {
    const edit = grid.edits.get(td);
    if (edit && edit.state !== "saving") {
      grid.edits.delete(td);
      grid.forget(edit);
      delete td.dataset.state;
      grid.paint(td);
      grid.report();
    }
  }

  function dropRefusedElsewhere() {
    Array.from(grid.elsewhere).filter((edit) => edit.state === "refused").forEach(grid.forget);
    grid.report();
  }

  /* Take back what was typed last: what is not saved is dropped, and with `alsoSaved` what is saved is withdrawn. */
  function takeBack(alsoSaved) {
    for (let place = groups.length - 1; place >= 0; place -= 1) {
      const unsaved = groups[place].filter(({ td, key }) => isUnsaved(td, key));
      const saved = alsoSaved ? groups[place].filter(({ key }) => grid.saved.has(key)) : [];
      if (unsaved.length || saved.length) {
        groups[place] = groups[place].filter((one) => !unsaved.includes(one) && !saved.includes(one));
        unsaved.forEach(restore);
        grid.go((unsaved[0] || saved[0]).td);
        if (saved.length) {
          withdraw(saved);
        } else {
          grid.say(grid.word("takenBack", { n: unsaved.length }));
        }
        return;
      }
    }
    grid.say(alsoSaved ? grid.words.nothingToUndo : grid.words.nothingUnsaved);
  }

  function isUnsaved(td, key) {
    const edit = grid.edits.get(td);
    return edit !== undefined && edit.key === key && edit.state !== "saving";
  }

  function restore({ td, before }) {
    drop(td);
    if (before && before.state !== "saving" && !grid.saved.has(before.key)) {
      grid.edits.set(td, before);
      grid.keep(before);
      grid.paint(td);
    }
  }

  async function withdraw(members) {
    grid.say(grid.word("sumSaving", { n: members.length }));
    try {
      const answer = await grid.post(grid.table.dataset.undo, { keys: members.map(({ key }) => key) });
      answer.cells.forEach(function (cell) {
        const td = grid.find(cell.student, cell.competency);
        if (td && !grid.edits.has(td)) {
          grid.settle(td, cell);
          td.dataset.state = "undone";
          grid.paint(td);
        }
      });
      members.forEach(({ key }) => grid.saved.delete(key));
      grid.say(grid.word("withdrawn", { n: answer.cells.length }));
    } catch (problem) {
      groups.push(members);
      grid.say((problem.status ? problem.message : grid.words.notReached) + " " + grid.words.notUndone);
    }
  }

  function fillDown(td) {
    const level = grid.levelIn(td);
    const below = grid.rows.slice(grid.rowOf(td) + 1).map((row) => row.cells[td.cellIndex]);
    if (level === null || (td.dataset.label && !grid.edits.has(td)) || !below.length) {
      grid.say(grid.words.fillNeedsLevel);
    } else {
      put(below.map((one) => [one, level]));
    }
  }

  function levelOf(text, td) {
    const wanted = text.trim().toLowerCase();
    const labels = grid.labelsOf(td);
    const named = labels.findIndex((label) => label.toLowerCase() === wanted) + 1;
    const level = named || (/^\d{1,3}$/.test(wanted) ? Number(wanted) : 0);
    return level >= 1 && level <= labels.length ? level : null;
  }

  /* Lines and tabs, as a spreadsheet gives them, from the cell under the focus on; numbers or the levels' names. */
  function paste(text) {
    const entries = [];
    const refused = [];
    const row = grid.rowOf(grid.here);
    const column = grid.columnOf(grid.here);
    text.replace(/\r?\n$/, "").split(/\r?\n/).forEach(function (line, down) {
      line.split("\t").forEach(function (value, across) {
        const isInside = row + down < grid.rows.length && column + across < grid.heads.length;
        const td = isInside ? grid.at(row + down, column + across) : null;
        const level = td && levelOf(value, td);
        if (level) {
          entries.push([td, level]);
        } else if (value.trim() !== "") {
          refused.push(grid.word(isInside ? "pasteLine" : "pasteBeyond", { n: down + 1, said: value.trim().slice(0, 20) }));
        }
      });
    });
    const left = refused.length ? grid.word("notTaken", { which: refused.slice(0, 5).join(", ") + (refused.length > 5 ? " …" : "") }) : "";
    if (!entries.length) {
      grid.say(left || grid.words.nothingToPaste);
    } else if (entries.length === 1) {
      type(entries, "");
    } else {
      grid.preview(entries, false, left);
    }
  }

  /* The chosen cells as a spreadsheet takes them: numbers, nothing for no evidence. */
  function copied() {
    const lines = new Map();
    grid.chosen().forEach(function (td) {
      const level = grid.levelIn(td);
      const line = lines.get(td.parentElement) || [];
      line.push(level === null ? "" : level);
      lines.set(td.parentElement, line);
    });
    grid.say(grid.word("copied", { n: grid.chosen().length }));
    return Array.from(lines.values(), (line) => line.join("\t")).join("\n");
  }

  Object.assign(grid, { type, give, keepMine, comment, drop, dropRefusedElsewhere, takeBack, fillDown, paste, copied, hasDay });
})();
