/* Keys on a teacher's pages. They act only where the reader already is: within a list, within a group of levels. */
(function () {
  "use strict";

  const STEPS = { j: 1, k: -1 };

  function plain(event) {
    return !event.ctrlKey && !event.metaKey && !event.altKey;
  }

  /* In a list of [data-walk], j and k go to the next and the previous line's link. */
  document.addEventListener("keydown", function (event) {
    const list = event.target.closest("[data-walk]");
    if (!list || !(event.key in STEPS) || !plain(event)) {
      return;
    }
    const lines = Array.from(list.children);
    const next = lines[lines.indexOf(event.target.closest("[data-walk] > *")) + STEPS[event.key]];
    if (next) {
      event.preventDefault();
      next.querySelector("a").focus();
    }
  });

  /* In a group of levels, a digit chooses the level of that number. */
  document.addEventListener("keydown", function (event) {
    const group = event.target.closest("[data-digits]");
    if (!group || event.target.type !== "radio" || !/^[1-9]$/.test(event.key) || !plain(event)) {
      return;
    }
    const level = group.querySelector('input[type="radio"][value="' + event.key + '"]');
    if (level) {
      event.preventDefault();
      level.checked = true;
      level.focus();
    }
  });

  /* What was refused is where reading goes on. */
  document.querySelector("[data-focus-first]")?.focus();
})();
