/* Handing in work: how much of it is sent, and a file that is too large refused before it is. Without this script the form is
   sent as any other, and the server refuses the same. The words stand in the form's data-* attributes. */
(function () {
  "use strict";

  const MEGABYTE = 1024 * 1024;

  function formOf(event) {
    const form = event.target.closest("form[data-hand-in]");
    return form && event.detail.elt === form ? form : null;
  }

  function say(form, words, values) {
    let text = words || "";
    Object.keys(values || {}).forEach(function (name) {
      text = text.replace("%(" + name + ")s", values[name]);
    });
    const place = form.querySelector(".plan-sending__words");
    if (place.textContent !== text) {
      place.textContent = text;
    }
  }

  function filesOf(form) {
    return Array.from(form.querySelectorAll("input[type=file]")).flatMap(function (input) {
      return Array.from(input.files);
    });
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    const form = formOf(event);
    if (!form) {
      return;
    }
    const most = Number(form.dataset.most);
    const large = filesOf(form).find(function (file) {
      return file.size > most;
    });
    if (large) {
      event.preventDefault();
      say(form, form.dataset.tooLarge, { name: large.name, most: Math.floor(most / MEGABYTE) + " MB" });
      form.querySelector(".plan-sending__words").classList.add("usa-error-message");
      return;
    }
    // What was refused before is no longer so while it is sent anew.
    form.querySelectorAll(".usa-alert--error").forEach(function (summary) {
      summary.remove();
    });
    form.querySelector(".plan-sending__words").classList.remove("usa-error-message");
    say(form, "");
    form.querySelector(".plan-sending").hidden = filesOf(form).length === 0;
  });

  document.addEventListener("htmx:xhr:progress", function (event) {
    const form = formOf(event);
    if (!form || !event.detail.lengthComputable || form.querySelector(".plan-sending").hidden) {
      return;
    }
    const percent = Math.floor((100 * event.detail.loaded) / event.detail.total);
    form.querySelector("progress").value = percent;
    // Every tenth only: a screen reader speaks each change.
    say(form, percent < 100 ? form.dataset.sending : form.dataset.sent, { percent: percent - (percent % 10) });
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    const form = formOf(event);
    if (form && !event.detail.successful) {
      form.querySelector(".plan-sending").hidden = true;
      say(form, "");
    }
  });
})();
