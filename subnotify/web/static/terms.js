// Reads the form of notice terms out while it is filled in. Without this script the button
// “Show the reading” does the same. Nothing is stored: the server only answers with the reading.
(() => {
  "use strict";
  const PAUSE_MS = 400;
  const form = document.getElementById("terms-form");
  const said = document.getElementById("reading-said");
  if (!form || !said) return;
  let timer = 0;
  let running = null;

  async function refresh() {
    if (running) running.abort();
    running = new AbortController();
    try {
      const answer = await fetch(form.dataset.reading, {
        method: "POST",
        body: new FormData(form),
        credentials: "same-origin",
        redirect: "error",
        signal: running.signal,
      });
      if (!answer.ok) return; // signed out, or the page is too old: the buttons tell the reader
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("reading-text");
      const shown = document.getElementById("reading-text");
      if (!fresh || !shown) return;
      const open = [...shown.querySelectorAll("details")].map((one) => one.open);
      [...fresh.querySelectorAll("details")].forEach((one, place) => {
        if (place < open.length) one.open = open[place];
      });
      shown.replaceWith(fresh);
      if (said.textContent !== fresh.dataset.said) said.textContent = fresh.dataset.said;
    } catch (error) {
      if (error.name !== "AbortError") return; // no network: the last reading stays
    }
  }

  function later() {
    window.clearTimeout(timer);
    timer = window.setTimeout(refresh, PAUSE_MS);
  }

  form.addEventListener("input", later);
  form.addEventListener("change", later);
})();
