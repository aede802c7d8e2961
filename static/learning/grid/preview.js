/* The look before several cells are judged at once: who would change and how, by the rule itself. Enter saves, Escape drops.
   Where the server cannot be reached, what is given is shown and the levels after it are not known. */
(function () {
  "use strict";

  const grid = window.classGrid;
  const byId = (id) => document.getElementById(id);
  const dialog = byId("grid-preview");
  const body = byId("grid-preview-rows");
  const note = byId("grid-preview-comment");
  const save = byId("grid-preview-save");
  let asked = null; // the entries that are looked at
  let mustComment = false;

  function row(texts) {
    const made = document.createElement("tr");
    texts.forEach(function (text, place) {
      const cell = document.createElement(place === 0 ? "th" : "td");
      if (place === 0) {
        cell.scope = "row";
      }
      cell.textContent = text;
      made.append(cell);
    });
    return made;
  }

  /* A day like 2025-09-30 as the page's language writes it. */
  function inWords(day) {
    return new Date(day + "T00:00:00Z").toLocaleDateString(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
  }

  function named(answer) {
    if (answer.level === null) {
      return grid.words.none;
    }
    return answer.level + " " + answer.label + (answer.mastered ? " ★" : "") + (answer.overridden ? " ▲" : "");
  }

  function show(entries, told) {
    body.replaceChildren(
      ...entries.map(function ([td, level], place) {
        const given = level + " " + grid.labelsOf(td)[level - 1];
        const before = told ? named(told[place].before) : td.dataset.mark ? td.dataset.was || td.textContent : grid.words.none;
        const after = told ? named(told[place].after) : grid.words.notKnown;
        const made = row([...grid.called(td), before, given, told && before === after ? grid.words.stays : after]);
        made.classList.toggle("grid-stays", told !== null && before === after);
        return made;
      }),
    );
  }

  /* Look at [td, level] pairs; with `commenting` a comment is asked for. `left` is said of what is not among them. */
  async function preview(entries, commenting, left) {
    if (!grid.hasDay()) {
      return;
    }
    asked = entries;
    mustComment = commenting;
    grid.isAsking = true;
    note.value = "";
    note.required = commenting;
    const day = byId("worked-on").value;
    byId("grid-preview-day").textContent = grid.word("previewDay", { day: inWords(day) });
    byId("grid-preview-left").textContent = left || "";
    byId("grid-preview-again").hidden = !commenting;
    byId("grid-preview-sum").textContent = grid.word("previewWaits", { n: entries.length });
    show(entries, null);
    save.disabled = true;
    dialog.showModal();
    byId("grid-preview-title").focus();
    const cells = entries.map(([td, level]) => {
      return { student: grid.named(td, "student"), competency: grid.named(td, "competency"), level, worked_on: day };
    });
    let told = null;
    try {
      told = (await grid.post(grid.table.dataset.foresee, { cells })).cells;
    } catch (problem) {
      byId("grid-preview-sum").textContent = problem.status ? problem.message : grid.word("previewOffline", { n: entries.length });
    }
    if (asked !== entries) {
      return; // closed meanwhile
    }
    if (told) {
      show(entries, told);
      const changing = told.filter((one) => named(one.before) !== named(one.after)).length;
      byId("grid-preview-sum").textContent = grid.word("previewSum", { n: entries.length, changing: changing });
    }
    save.disabled = false;
    (commenting ? note : save).focus();
  }

  function close() {
    asked = null;
    grid.isAsking = false;
    dialog.close();
    grid.here.focus();
    grid.schedule();
  }

  byId("grid-preview-form").addEventListener("submit", function (event) {
    event.preventDefault();
    if (asked === null || save.disabled || (mustComment && note.value.trim() === "")) {
      return;
    }
    const entries = asked;
    close();
    grid.type(entries, note.value.trim());
  });
  dialog.addEventListener("cancel", function (event) {
    event.preventDefault();
    close();
    grid.say(grid.words.previewDropped);
  });
  byId("grid-preview-drop").addEventListener("click", function () {
    close();
    grid.say(grid.words.previewDropped);
  });

  Object.assign(grid, { preview });
})();
