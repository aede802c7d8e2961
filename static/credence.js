/* Says when a part of the page could not be fetched: htmx leaves the page as it was, which looks like nothing happened. */
(function () {
  "use strict";

  const region = document.getElementById("request-status");

  function show(templateId) {
    region.replaceChildren(document.getElementById(templateId).content.cloneNode(true));
  }

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
