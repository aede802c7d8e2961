/* A class's grid by keyboard (the ARIA grid pattern): digits judge, cells are saved in the background, many in one request,
   and nothing typed is lost: what fails or meets a newer judgement stays in its cell until it is saved or dropped.
   Nothing is kept outside this page. */
(function () {
  "use strict";

  const grid = document.getElementById("class-grid");
  if (!grid) {
    return;
  }
  const SAVE_AFTER = 1200; // ms without a key; long enough to take a slip back before it is on the record
  const RETRY_AFTER = 10000; // ms
  const JUMP = 10; // rows of Page Up and Page Down
  const SHADES = 4;
  const WORDS = { typed: "not saved yet", saving: "saving", saved: "saved", failed: "not saved, kept here", met: "judged meanwhile" };

  const byId = (id) => document.getElementById(id);
  const where = byId("grid-where");
  const status = byId("grid-status");
  const retry = byId("grid-retry");
  const levels = byId("grid-levels");
  const dialog = byId("grid-dialog");
  const day = byId("worked-on");
  const heads = Array.from(grid.tHead.rows[0].cells).slice(1);
  const rows = Array.from(grid.tBodies[0].rows);
  const scales = new Map();
  document.querySelectorAll(".grid-key").forEach(function (key) {
    const labels = Array.from(key.querySelectorAll(".grid-word"), (word) => word.textContent);
    scales.set(key.dataset.scale, { labels: labels });
  });

  const edits = new Map(); // td -> {level, day, state, told}; gone once saved
  let undoable = []; // groups of {td, before}, the last typed at the end
  let here = grid.querySelector("td[tabindex='0']");
  let timer = null;
  let sending = false;

  const at = (row, column) => rows[row].cells[column + 1];
  const rowOf = (td) => rows.indexOf(td.parentElement);
  const columnOf = (td) => td.cellIndex - 1;
  const scaleOf = (td) => scales.get(heads[columnOf(td)].dataset.scale);

  /* What a cell shows and says */

  function described(td) {
    const edit = edits.get(td);
    const shown = edit ? edit.level : td.dataset.mark ? Number(td.firstChild.textContent) : null;
    const words = [];
    if (shown === null) {
      words.push("no evidence");
    } else {
      words.push(shown + " " + ((!edit && td.dataset.label) || scaleOf(td).labels[shown - 1] || ""));
    }
    if (!edit && td.classList.contains("m")) {
      words.push("mastered");
    }
    if (!edit && td.classList.contains("o")) {
      words.push("a marked professional override");
    }
    const state = edit ? edit.state : td.dataset.state;
    if (state) {
      words.push(WORDS[state]);
    }
    return words.join(", ");
  }

  function paint(td) {
    const edit = edits.get(td);
    if (edit) {
      td.dataset.state = edit.state;
      if (!("was" in td.dataset)) {
        td.dataset.was = td.textContent;
      }
      td.textContent = edit.level;
    } else if ("was" in td.dataset) {
      td.textContent = td.dataset.was;
      delete td.dataset.was;
    }
    td.setAttribute("aria-label", described(td));
    if (td === here) {
      tell(td);
    }
  }

  function settle(td, answer) {
    delete td.dataset.was;
    td.dataset.mark = answer.mark;
    td.textContent = answer.level === null ? "–" : answer.level;
    const highest = Math.max(scaleOf(td).labels.length, answer.level || 1);
    td.className = answer.level === null ? "" : "s" + Math.ceil((answer.level * SHADES) / highest);
    td.classList.toggle("m", answer.mastered);
    td.classList.toggle("o", answer.overridden);
    delete td.dataset.label;
    if (answer.level !== null && scaleOf(td).labels[answer.level - 1] !== answer.label) {
      td.dataset.label = answer.label;
    }
  }

  function tell(td) {
    const head = heads[columnOf(td)];
    const edit = edits.get(td);
    const student = td.parentElement.cells[0].textContent;
    where.replaceChildren();
    const strong = document.createElement("strong");
    strong.textContent = student + ", " + head.textContent.trim();
    where.append(strong, ": " + described(td) + ". " + ((edit && edit.told) || head.title));
    levels.replaceChildren();
    scaleOf(td).labels.forEach(function (label, place) {
      levels.append(button(place + 1 + " " + label, () => type([[td, place + 1]])), " ");
    });
    levels.append(button("Open", () => open(td)));
  }

  function button(label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "usa-button usa-button--outline";
    made.textContent = label;
    made.addEventListener("click", function () {
      act();
      if (!dialog.open) {
        here.focus();
      }
    });
    return made;
  }

  function say(text) {
    status.textContent = text;
  }

  function count(state) {
    return Array.from(edits.values()).filter((edit) => edit.state === state).length;
  }

  function report() {
    const failed = count("failed");
    const met = count("met");
    retry.hidden = failed === 0;
    const parts = [];
    if (count("saving")) {
      parts.push("Saving " + count("saving") + ".");
    }
    if (failed) {
      parts.push(failed + " not saved, kept on this page.");
    }
    if (met) {
      parts.push(met + " judged meanwhile: go to the cell marked ≠, Enter saves yours as well, Escape drops it.");
    }
    say(parts.join(" ") || (count("typed") ? count("typed") + " to save." : "All saved."));
  }

  /* Typing and taking back */

  function type(entries) {
    if (!day.value || !day.checkValidity()) {
      say("Give the day of the work above, not later than today, then type again.");
      return;
    }
    undoable.push(entries.map(([td]) => ({ td: td, before: edits.get(td) })));
    entries.forEach(function ([td, level]) {
      edits.set(td, { level: level, day: day.value, state: "typed", told: "" });
      paint(td);
    });
    report();
    schedule();
  }

  function drop(td) {
    const edit = edits.get(td);
    if (edit && edit.state !== "saving") {
      edits.delete(td);
      delete td.dataset.state;
      paint(td);
      report();
    }
  }

  function undo() {
    while (undoable.length) {
      const group = undoable.pop().filter(function (one) {
        const edit = edits.get(one.td);
        return edit && edit.state !== "saving";
      });
      if (group.length) {
        group.forEach(function (one) {
          drop(one.td);
          if (one.before && one.before.state !== "saving") {
            edits.set(one.td, one.before);
            paint(one.td);
          }
        });
        go(group[0].td);
        say(group.length + " taken back.");
        return;
      }
    }
    say("Nothing unsaved to take back. Judge again to change a level; withdrawing has its own place and asks why.");
  }

  function fillDown(td) {
    const edit = edits.get(td);
    const level = edit ? edit.level : td.dataset.mark ? Number(td.firstChild.textContent) : null;
    const below = rows.slice(rowOf(td) + 1).map((row) => row.cells[td.cellIndex]);
    if (level === null || td.dataset.label || !below.length) {
      say("Set a level here first, then fill it down.");
      return;
    }
    type(below.map((one) => [one, level]));
    say(below.length + " filled below. Backspace takes them back.");
  }

  function levelOf(text, td) {
    const wanted = text.trim().toLowerCase();
    const labels = scaleOf(td).labels;
    const named = labels.findIndex((label) => label.toLowerCase() === wanted) + 1;
    const level = named || (/^\d{1,3}$/.test(wanted) ? Number(wanted) : 0);
    return level >= 1 && level <= labels.length ? level : null;
  }

  function paste(text) {
    const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
    const entries = [];
    const refused = [];
    lines.forEach(function (line, down) {
      line.split("\t").forEach(function (value, across) {
        const row = rowOf(here) + down;
        const column = columnOf(here) + across;
        if (value.trim() === "") {
          return;
        }
        const inside = row < rows.length && column < heads.length;
        const level = inside ? levelOf(value, at(row, column)) : null;
        if (level === null) {
          refused.push("line " + (down + 1) + " “" + value.trim().slice(0, 20) + "”" + (inside ? "" : " (beyond the table)"));
        } else {
          entries.push([at(row, column), level]);
        }
      });
    });
    if (entries.length) {
      type(entries);
    }
    const left = refused.length ? " Not taken: " + refused.slice(0, 5).join(", ") + (refused.length > 5 ? " and more." : ".") : "";
    say(entries.length + " pasted." + left);
  }

  /* Saving: one request at a time, with every cell that waits */

  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(send, SAVE_AFTER);
  }

  function retryFailed() {
    edits.forEach(function (edit) {
      if (edit.state === "failed") {
        edit.state = "typed";
      }
    });
    send();
  }

  function send(leaving) {
    clearTimeout(timer);
    const batch = Array.from(edits).filter(([, edit]) => edit.state === "typed");
    if (!batch.length || (sending && !leaving)) {
      return;
    }
    sending = true;
    const cells = batch.map(function ([td, edit]) {
      return {
        student: td.parentElement.dataset.student,
        competency: heads[columnOf(td)].dataset.competency,
        level: edit.level,
        worked_on: edit.day,
        seen: td.dataset.mark || "",
      };
    });
    batch.forEach(function ([td, edit]) {
      edit.state = "saving";
      paint(td);
    });
    report();
    const token = JSON.parse(document.body.getAttribute("hx-headers"));
    fetch(grid.dataset.save, {
      method: "POST",
      headers: Object.assign({ "Content-Type": "application/json", Accept: "application/json" }, token),
      body: JSON.stringify({ cells: cells }),
      keepalive: leaving === true,
    })
      .then(received)
      .then((answer) => answer.cells.forEach((cell, place) => judged(batch[place], cell)))
      .catch((problem) => failed(batch, problem))
      .finally(function () {
        sending = false;
        report();
        if (count("typed")) {
          schedule();
        }
      });
  }

  function received(response) {
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    if (response.redirected) {
      throw new Refusal("You are signed out. Sign in again in another tab, then try again here.");
    }
    if (isJson && response.status === 422) {
      return response.json().then(function (answer) {
        throw new Refusal(answer.problem);
      });
    }
    if (!isJson || !response.ok) {
      throw new Refusal("");
    }
    return response.json();
  }

  class Refusal extends Error {}

  function judged([td, sent], answer) {
    const edit = edits.get(td);
    const typedSince = edit !== undefined && edit !== sent;
    settle(td, answer);
    if (!answer.saved) {
      const newer = answer.newer;
      const kept = typedSince ? edit : sent;
      const keys = "Your " + kept.level + " is kept here: Enter saves it as well, Escape drops it.";
      kept.state = "met";
      kept.told = newer
        ? newer.name + " judged " + newer.level + " " + newer.label + " meanwhile. " + keys
        : "What stood here was withdrawn meanwhile. " + keys;
    } else if (!typedSince) {
      edits.delete(td);
      td.dataset.state = "saved";
    }
    paint(td);
  }

  function failed(batch, problem) {
    const told = problem instanceof Refusal ? problem.message : "Credence could not be reached.";
    batch.forEach(function ([td, sent]) {
      sent.state = "failed";
      sent.told = told;
      paint(td);
    });
    if (!(problem instanceof Refusal)) {
      setTimeout(retryFailed, RETRY_AFTER);
    }
  }

  /* Moving */

  function go(td) {
    here.tabIndex = -1;
    here = td;
    here.tabIndex = 0;
    here.setAttribute("aria-label", described(here));
    here.focus();
    tell(here);
  }

  function move(row, column) {
    go(at(Math.min(Math.max(row, 0), rows.length - 1), Math.min(Math.max(column, 0), heads.length - 1)));
  }

  function down(td) {
    const last = rowOf(td) === rows.length - 1;
    if (!last) {
      move(rowOf(td) + 1, columnOf(td));
    } else if (columnOf(td) < heads.length - 1) {
      move(0, columnOf(td) + 1);
    }
  }

  function open(td) {
    const address = grid.dataset.cell + td.parentElement.dataset.student + "/" + heads[columnOf(td)].dataset.competency + "/";
    window.htmx.ajax("GET", address, { target: "#grid-dialog-body", swap: "innerHTML" });
  }

  function keyed(event) {
    const td = event.target;
    const row = rowOf(td);
    const column = columnOf(td);
    const control = event.ctrlKey || event.metaKey;
    const edit = edits.get(td);
    const moves = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [control ? 0 : row, 0],
      End: [control ? rows.length - 1 : row, heads.length - 1],
      PageUp: [row - JUMP, column],
      PageDown: [row + JUMP, column],
    };
    if (event.altKey || (control && !["Home", "End", "d"].includes(event.key))) {
      return;
    }
    if (control && event.key === "d") {
      fillDown(td);
    } else if (event.key in moves) {
      move(...moves[event.key]);
    } else if (event.key === "Enter" && edit && edit.state === "met") {
      type([[td, edit.level]]);
    } else if (event.key === "Enter") {
      event.shiftKey ? move(row - 1, column) : down(td);
    } else if (event.key === "Escape") {
      drop(td);
    } else if (event.key === "Backspace") {
      undo();
    } else if (event.key === " ") {
      open(td);
    } else if (/^\d$/.test(event.key)) {
      if (levelOf(event.key, td) === null) {
        say("There is no level " + event.key + "; the levels go from 1 to " + scaleOf(td).labels.length + ".");
      } else {
        type([[td, Number(event.key)]]);
      }
    } else {
      return;
    }
    event.preventDefault();
  }

  grid.addEventListener("keydown", function (event) {
    if (event.target.tagName === "TD") {
      keyed(event);
    }
  });
  grid.addEventListener("click", function (event) {
    const td = event.target.closest("td");
    if (td) {
      go(td);
    }
  });
  grid.addEventListener("dblclick", function (event) {
    const td = event.target.closest("td");
    if (td) {
      open(td);
    }
  });
  grid.addEventListener("focusin", function (event) {
    if (event.target === here) {
      tell(here);
    }
  });
  document.addEventListener("paste", function (event) {
    if (document.activeElement === here) {
      event.preventDefault();
      paste(event.clipboardData.getData("text/plain"));
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
  dialog.addEventListener("close", () => here.focus());
  retry.addEventListener("click", retryFailed);
  window.addEventListener("online", retryFailed);
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") {
      send(true);
    }
  });
  window.addEventListener("beforeunload", function (event) {
    if (edits.size) {
      event.preventDefault();
    }
  });
  here.setAttribute("aria-label", described(here));
})();
