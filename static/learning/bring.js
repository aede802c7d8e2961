/* A form with a file: how much of it is sent, that it is being read, and a download that stays on the page. */
(function () {
  "use strict";

  const form = document.querySelector("form.bring");
  const box = document.getElementById("bring-progress");
  const bar = box.querySelector("progress");
  const words = box.querySelector("p");

  form.addEventListener("htmx:beforeRequest", function () {
    box.hidden = false;
    bar.removeAttribute("value");
    words.textContent = box.dataset.sending;
  });
  form.addEventListener("htmx:xhr:progress", function (event) {
    if (event.detail.lengthComputable && event.detail.loaded < event.detail.total) {
      bar.value = event.detail.loaded / event.detail.total;
    } else {
      bar.removeAttribute("value");
      words.textContent = box.dataset.reading;
    }
  });
  form.addEventListener("htmx:afterRequest", function () {
    box.hidden = true;
  });

  /* What was shown is of the file that was looked at, and of no other. */
  form.addEventListener("change", function (event) {
    if (!event.target.closest("#bring-preview")) {
      document.getElementById("bring-preview").replaceChildren();
    }
  });

  form.addEventListener("click", function (event) {
    const button = event.target.closest("button[data-download]");
    if (!button) {
      return;
    }
    event.preventDefault();
    const what = document.createElement("input");
    what.type = "hidden";
    what.name = button.name;
    what.value = button.value;
    form.append(what);
    /* Past htmx: the answer is a file, and the page stays as it is. */
    HTMLFormElement.prototype.submit.call(form);
    what.remove();
  });
})();
