/* The bar below the table: which cell this is, what can be done with it, and how the saving goes. */
(function () {
  "use strict";

  const grid = window.classGrid;
  const byId = (id) => document.getElementById(id);
  const where = byId("grid-where");
  const status = byId("grid-status");
  const levels = byId("grid-levels");

  function button(label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "usa-button usa-button--outline";
    made.textContent = label;
    made.addEventListener("click", function () {
      act();
      if (!document.querySelector("dialog[open]")) {
        grid.here.focus();
      }
    });
    return made;
  }

  /* What the cell under the focus is, and the buttons for whoever has no keyboard. */
  function tell(td) {
    const edit = grid.edits.get(td);
    const strong = document.createElement("strong");
    strong.textContent = grid.called(td).join(", ");
    const about = (edit && edit.told) || grid.headOf(td).title || td.parentElement.cells[0].title;
    where.replaceChildren(strong, ": " + grid.described(td) + ". " + about);
    levels.replaceChildren();
    if (edit && edit.state === "met") {
      levels.append(button(grid.word("keepMine", { n: edit.level }), () => grid.keepMine(td)), " ");
      levels.append(button(grid.words.takeTheirs, () => grid.drop(td)), " ");
    }
    grid.labelsOf(td).forEach(function (label, place) {
      levels.append(button(place + 1 + " " + label, () => grid.give(place + 1)), " ");
    });
    levels.append(button(grid.words.open, () => grid.open(td)), " ");
    levels.append(button(grid.words.comment, () => grid.comment()), " ");
    levels.append(button(grid.words.undo, () => grid.takeBack(true)));
  }

  function say(text) {
    status.textContent = text;
  }

  function count(state) {
    return Array.from(grid.edits.values()).filter((edit) => edit.state === state).length;
  }

  /* How things stand with all that was typed; "" where there is nothing to say. */
  function summary() {
    const said = [];
    ["saving", "kept", "unsent", "refused", "met"].forEach(function (state) {
      if (count(state)) {
        said.push(grid.word("sum" + state[0].toUpperCase() + state.slice(1), { n: count(state) }));
      }
    });
    if (grid.elsewhere.size) {
      said.push(grid.word("sumElsewhere", { n: grid.elsewhere.size }));
    }
    return said.join(" ");
  }

  function report() {
    byId("grid-retry").hidden = !(count("kept") + count("unsent") + count("refused"));
    byId("grid-drop").hidden = !Array.from(grid.elsewhere).some((edit) => edit.state === "refused");
    say(summary() || (count("typed") ? grid.word("sumTyped", { n: count("typed") }) : grid.words.allSaved));
  }

  Object.assign(grid, { tell, say, summary, report });
})();
