/* A button that prints the page. Without this script it stays hidden, and the browser's own command does the same. */
(function () {
  "use strict";

  document.querySelectorAll("[data-print]").forEach(function (place) {
    place.hidden = false;
    place.querySelector("button").addEventListener("click", function () {
      window.print();
    });
  });
})();
