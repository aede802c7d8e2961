/* Saving: one request at a time, with every cell that waits. What cannot be sent is kept and tried again; what is refused is
   halved until the one that is to blame stands alone; what meets a newer judgement waits for a word in its cell. */
(function () {
  "use strict";

  const grid = window.classGrid;
  const SAVE_AFTER = 1200; // ms without a key; long enough to take a slip back before it is on the record
  const RETRY_AFTER = 10000; // ms
  const parts = []; // batches cut out of a refused one, sent before anything else
  let timer = null;
  let sending = false;

  class Refusal extends Error {
    constructor(told, status) {
      super(told);
      this.status = status;
    }
  }

  /* The answer's JSON; throws Refusal where the server answered otherwise. A rejected promise of another kind: not reached. */
  async function post(address, body, leaving) {
    const token = JSON.parse(document.body.getAttribute("hx-headers"));
    const response = await fetch(address, {
      method: "POST",
      headers: Object.assign({ "Content-Type": "application/json", Accept: "application/json" }, token),
      body: JSON.stringify(Object.assign({ account: grid.table.dataset.account }, body)),
      keepalive: leaving === true,
    });
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    if (response.redirected || response.status === 403) {
      throw new Refusal(grid.words.signedOut, 403);
    }
    if (isJson && !response.ok) {
      throw new Refusal((await response.json()).problem, response.status);
    }
    if (!isJson || !response.ok) {
      throw new Refusal(response.status === 404 ? grid.words.notOfClass : grid.words.serverErrs, response.status);
    }
    return response.json();
  }

  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(send, SAVE_AFTER);
  }

  function waiting() {
    const cells = new Set();
    return [...grid.elsewhere, ...grid.edits.values()].filter(function (edit) {
      const cell = edit.student + edit.competency;
      const isNext = edit.state === "typed" && !cells.has(cell);
      cells.add(cell);
      return isNext;
    });
  }

  async function send(leaving) {
    clearTimeout(timer);
    if (grid.isAsking || (sending && leaving !== true)) {
      return;
    }
    const batch = parts.shift() || waiting();
    if (!batch.length) {
      return;
    }
    sending = true;
    batch.forEach((edit) => into(edit, "saving", ""));
    grid.report();
    const cells = batch.map(({ key, student, competency, level, day, seen, comment }) => {
      return { key, student, competency, level, worked_on: day, seen, comment };
    });
    try {
      const answer = await post(grid.table.dataset.save, { cells }, leaving);
      answer.cells.forEach((cell, place) => judged(batch[place], cell));
    } catch (problem) {
      failed(batch, problem);
    }
    sending = false;
    grid.report();
    if (parts.length) {
      send();
    } else if (waiting().length) {
      schedule();
    }
  }

  /* Whatever becomes of an edit, a later one in its cell is not painted over. */
  function into(edit, state, told) {
    edit.state = state;
    edit.told = told;
    if (edit.td && grid.edits.get(edit.td) === edit) {
      grid.paint(edit.td);
    }
  }

  function judged(edit, answer) {
    const td = edit.td;
    const since = td && grid.edits.get(td) !== edit ? grid.edits.get(td) : null;
    if (td) {
      grid.settle(td, answer);
    }
    if (!answer.saved) {
      met(since || edit, answer.newer);
      return;
    }
    grid.forget(edit);
    if (since) {
      since.seen = answer.mark;
      grid.keep(since);
    } else if (td) {
      grid.edits.delete(td);
      grid.saved.set(edit.key, td);
      td.dataset.state = "saved";
    }
    if (td) {
      grid.paint(td);
    }
  }

  function met(edit, newer) {
    const values = { n: edit.level, name: newer && newer.name, theirs: newer && newer.level + " " + newer.label };
    into(edit, "met", grid.word(newer ? "metNewer" : "metWithdrawn", values));
  }

  function failed(batch, problem) {
    const status = problem instanceof Refusal ? problem.status : 0;
    const isToBlame = status === 404 || status === 422;
    if (isToBlame && batch.length > 1) {
      const half = Math.ceil(batch.length / 2);
      parts.push(batch.slice(0, half), batch.slice(half));
      return;
    }
    const told = status ? problem.message : grid.words.notReached;
    batch.forEach((edit) => into(edit, isToBlame ? "refused" : edit.stored ? "kept" : "unsent", told));
    if (status === 0 || status >= 500) {
      setTimeout(again, RETRY_AFTER);
    }
  }

  /* Send anew what could not be sent; what was refused only where somebody asks. */
  function again(asked) {
    const states = asked === true ? ["kept", "unsent", "refused"] : ["kept", "unsent"];
    [...grid.edits.values(), ...grid.elsewhere].forEach(function (edit) {
      if (states.includes(edit.state)) {
        into(edit, "typed", "");
      }
    });
    return send();
  }

  Object.assign(grid, { post, schedule, send, again, saved: new Map() });
})();
