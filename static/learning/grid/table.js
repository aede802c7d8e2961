/* The table of a class's grid: where a cell is, what it shows and what it says. Makes window.classGrid, which the other rooms
   of this folder add to: bar, moving, keeping, saving, typing, preview, keys, in this order.

   An edit is what was typed for a cell and is not on the record: {key, student, competency, level, day, seen, comment, at,
   state, told, theirs, stored, td}. States: typed, saving, kept (stored in this browser, not sent), unsent (on this page
   alone), refused, met (somebody judged meanwhile). Texts come from data- attributes of #grid-words. */
(function () {
  "use strict";

  const SHADES = 4;
  const table = document.getElementById("class-grid");
  const words = document.getElementById("grid-words").dataset;
  // A column that is judged names its competency or its student; others only tell.
  const heads = Array.from(table.tHead.rows[0].cells).filter((head) => head.dataset.competency || head.dataset.student);
  const rows = Array.from(table.tBodies[0].rows);
  const scales = new Map();
  document.querySelectorAll(".grid-key").forEach(function (key) {
    scales.set(key.dataset.scale, Array.from(key.querySelectorAll(".grid-word"), (word) => word.textContent));
  });

  const edits = new Map(); // td -> edit
  const at = (row, column) => rows[row].cells[column + 1];
  const rowOf = (td) => rows.indexOf(td.parentElement);
  const columnOf = (td) => td.cellIndex - 1;
  const headOf = (td) => heads[columnOf(td)];
  const isJudged = (td) => td !== null && td.tagName === "TD" && columnOf(td) < heads.length && rowOf(td) >= 0;
  const named = (td, name) => td.parentElement.dataset[name] || headOf(td).dataset[name];
  const labelsOf = (td) => scales.get(named(td, "scale"));

  /* A text of the page with its gaps filled: word("saving", {n: 3}). */
  function word(name, values) {
    return words[name].replace(/\{(\w+)\}/g, (gap, key) => (values && key in values ? values[key] : gap));
  }

  function nameOf(cell) {
    return cell.dataset.name || cell.textContent.trim();
  }

  /* {student, competency}: how a cell is called on this page, in the order of the page. */
  function called(td) {
    return [nameOf(td.parentElement.cells[0]), nameOf(headOf(td))];
  }

  /* The level that a cell shows, typed or on the record; null for no evidence. */
  function levelIn(td) {
    const edit = edits.get(td);
    return edit ? edit.level : td.dataset.mark ? Number(td.textContent) : null;
  }

  function described(td) {
    const edit = edits.get(td);
    const level = levelIn(td);
    const said = [level === null ? words.none : level + " " + ((!edit && td.dataset.label) || labelsOf(td)[level - 1] || "")];
    if (!edit && td.classList.contains("m")) {
      said.push(words.mastered);
    }
    if (!edit && td.classList.contains("o")) {
      said.push(words.override);
    }
    if (!edit && td.dataset.n) {
      said.push(word("attempts", { n: td.dataset.n }));
    }
    const state = edit ? edit.state : td.dataset.state;
    if (state) {
      said.push(words["state" + state[0].toUpperCase() + state.slice(1)]);
    }
    return said.join(", ");
  }

  /* Bring a cell in step with its edit, or with the record where it has none. */
  function paint(td) {
    const edit = edits.get(td);
    if (edit) {
      if (!("was" in td.dataset)) {
        td.dataset.was = td.textContent;
      }
      td.textContent = edit.level;
      td.dataset.state = edit.state;
    } else if ("was" in td.dataset) {
      td.textContent = td.dataset.was;
      delete td.dataset.was;
    }
    if (edit && edit.state === "met") {
      td.dataset.theirs = td.dataset.was;
    } else {
      delete td.dataset.theirs;
    }
    td.setAttribute("aria-label", described(td));
    if (td === grid.here) {
      grid.tell(td);
    }
  }

  /* Show what stands on the record by now: an answer's {mark, level, label, mastered, overridden, attempts}. */
  function settle(td, answer) {
    const labels = labelsOf(td);
    delete td.dataset.was;
    td.dataset.mark = answer.mark;
    td.textContent = answer.level === null ? "–" : answer.level;
    const highest = Math.max(labels.length, answer.level || 1);
    td.className = answer.level === null ? "" : "s" + Math.ceil((answer.level * SHADES) / highest);
    td.classList.toggle("m", answer.mastered);
    td.classList.toggle("o", answer.overridden);
    delete td.dataset.label;
    delete td.dataset.n;
    if (answer.level !== null && labels[answer.level - 1] !== answer.label) {
      td.dataset.label = answer.label;
    }
    if (answer.attempts > 1) {
      td.dataset.n = answer.attempts;
    }
  }

  /* The cell of a student and a competency (uuids); undefined where this page shows none. */
  function find(student, competency) {
    for (const row of rows) {
      for (let column = 0; column < heads.length; column += 1) {
        const td = row.cells[column + 1];
        if (named(td, "student") === student && named(td, "competency") === competency) {
          return td;
        }
      }
    }
    return undefined;
  }

  const grid = {
    table, words, heads, rows, edits, at, rowOf, columnOf, headOf, isJudged, named, labelsOf, word, called, levelIn, described, paint,
    settle, find,
    here: table.querySelector("td[tabindex='0']"),
  };
  window.classGrid = grid;
})();
