/* Moving: one cell has the focus and the only tab stop; Shift with a move selects a range from where it began. */
(function () {
  "use strict";

  const grid = window.classGrid;
  const JUMP = 10; // rows of Page Up and Page Down
  let anchor = grid.here;

  function select(cells) {
    const wanted = new Set(cells);
    grid.table.querySelectorAll("td[aria-selected]").forEach(function (td) {
      if (!wanted.has(td)) {
        td.removeAttribute("aria-selected");
      }
    });
    wanted.forEach((td) => td.setAttribute("aria-selected", "true"));
  }

  /* Put the focus on a cell; `extend` selects all between it and where the selection began. */
  function go(td, extend) {
    grid.here.tabIndex = -1;
    grid.here = td;
    td.tabIndex = 0;
    if (!extend) {
      anchor = td;
    }
    select(extend && td !== anchor ? between(anchor, td) : []);
    td.setAttribute("aria-label", grid.described(td));
    td.focus();
    grid.tell(td);
    if (extend && td !== anchor) {
      grid.say([grid.word("selected", { n: chosen().length }), grid.summary()].join(" ").trim());
    }
  }

  function between(one, other) {
    const found = [];
    const rows = [grid.rowOf(one), grid.rowOf(other)].sort((a, b) => a - b);
    const columns = [grid.columnOf(one), grid.columnOf(other)].sort((a, b) => a - b);
    for (let row = rows[0]; row <= rows[1]; row += 1) {
      for (let column = columns[0]; column <= columns[1]; column += 1) {
        found.push(grid.at(row, column));
      }
    }
    return found;
  }

  /* The selected cells, in the order of the page; the one under the focus where none is selected. */
  function chosen() {
    const found = Array.from(grid.table.querySelectorAll("td[aria-selected='true']"));
    return found.length ? found : [grid.here];
  }

  function selectColumn(td) {
    const column = grid.columnOf(td);
    anchor = grid.at(0, column);
    go(grid.at(grid.rows.length - 1, column), true);
  }

  function moveTo(row, column, extend) {
    const held = (place, count) => Math.min(Math.max(place, 0), count - 1);
    go(grid.at(held(row, grid.rows.length), held(column, grid.heads.length)), extend);
  }

  /* Down, and from the last row on to the next column; `back` the other way, which stops at the top. */
  function next(td, back) {
    const row = grid.rowOf(td);
    const column = grid.columnOf(td);
    if (back) {
      moveTo(row - 1, column);
    } else if (row < grid.rows.length - 1) {
      moveTo(row + 1, column);
    } else if (column < grid.heads.length - 1) {
      moveTo(0, column + 1);
    }
  }

  /* Whether the key was one that moves. */
  function moved(event, td) {
    const row = grid.rowOf(td);
    const column = grid.columnOf(td);
    const last = grid.rows.length - 1;
    const far = event.ctrlKey || event.metaKey;
    const moves = {
      ArrowUp: [far ? 0 : row - 1, column],
      ArrowDown: [far ? last : row + 1, column],
      ArrowLeft: [row, far ? 0 : column - 1],
      ArrowRight: [row, far ? grid.heads.length - 1 : column + 1],
      Home: [far ? 0 : row, 0],
      End: [far ? last : row, grid.heads.length - 1],
      PageUp: [row - JUMP, column],
      PageDown: [row + JUMP, column],
    };
    if (event.key in moves) {
      moveTo(...moves[event.key], event.shiftKey);
    }
    return event.key in moves;
  }

  Object.assign(grid, { go, next, moved, chosen, selectColumn });
})();
