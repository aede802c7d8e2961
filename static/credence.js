/* Of every page. Says when a part of the page could not be fetched: htmx leaves the page as it was, which looks like nothing happened. */
(function () {
  "use strict";

  const region = document.getElementById("request-status");

  function show(templateId) {
    region.replaceChildren(document.getElementById(templateId).content.cloneNode(true));
  }

  /* What a page kept in this browser goes with the session: edits of a class's grid, kept under keys of ours. Where some are not
     sent yet, signing out asks first. */
  document.querySelectorAll("form[data-sign-out]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      const kept = Object.keys(localStorage).filter((key) => key.startsWith("credence-"));
      const edits = kept.filter((key) => key.startsWith("credence-edits-"));
      if (edits.length && !window.confirm(form.dataset.drops.replace("{n}", edits.length))) {
        event.preventDefault();
        return;
      }
      kept.forEach((key) => localStorage.removeItem(key));
    });
  });

  const toRead = document.querySelector("[data-focus]");
  if (toRead) toRead.focus();

  document.body.addEventListener("htmx:beforeRequest", function () {
    region.replaceChildren();
  });
  document.body.addEventListener("htmx:sendError", function () {
    show("request-not-sent");
  });
  document.body.addEventListener("htmx:timeout", function () {
    show("request-not-sent");
  });
  document.body.addEventListener("htmx:responseError", function () {
    show("request-refused");
  });
})();
