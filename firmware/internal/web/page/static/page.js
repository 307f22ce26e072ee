// Brings the live part of a page up to date as the box tells of it, and says so when it no longer does. Pages can be read
// without this.
"use strict";
(() => {
  const live = document.querySelector("[data-live]");
  if (!live || !window.EventSource) return;
  const lost = document.querySelector("[data-lost]");
  const said = document.querySelector("[data-said]");
  let late;
  const say = () => { // to a screen reader: what has changed but the counts
    const text = (live.querySelector("[data-say]") || {}).textContent || "";
    if (said && said.dataset.last !== text) {
      if (said.dataset.last !== undefined) said.textContent = text;
      said.dataset.last = text;
    }
  };
  const heard = () => {
    lost.hidden = true;
    clearTimeout(late);
    late = setTimeout(() => { lost.hidden = false; }, 20000); // the box tells that it is there every five seconds
  };
  const source = new EventSource(live.dataset.live);
  source.onmessage = (e) => {
    heard();
    if (live.innerHTML !== e.data) live.innerHTML = e.data;
    say();
  };
  source.addEventListener("alive", heard);
  source.onerror = () => { lost.hidden = false; };
  heard();
  say();
})();
