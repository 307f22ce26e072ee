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
  const change = (old, now) => { // no more than what differs: the focus, the place of who reads and the beat of a light stay
    if (old.isEqualNode(now)) return;
    if (old.nodeType !== Node.ELEMENT_NODE || old.nodeName !== now.nodeName || old.nodeName === "svg" ||
      old.getAttribute("href") !== now.getAttribute("href")) {
      old.replaceWith(now);
      return;
    }
    for (const {name} of [...old.attributes]) if (!now.hasAttribute(name)) old.removeAttribute(name);
    for (const {name, value} of now.attributes) old.setAttribute(name, value);
    changeAll(old, now);
  };
  const changeAll = (old, now) => {
    const all = [...now.childNodes];
    while (old.childNodes.length > all.length) old.lastChild.remove();
    all.forEach((n, i) => { if (i < old.childNodes.length) change(old.childNodes[i], n); else old.append(n); });
  };
  const listen = () => {
    const source = new EventSource(live.dataset.live);
    source.onmessage = (e) => {
      heard();
      const now = document.createElement("template");
      now.innerHTML = e.data;
      changeAll(live, now.content);
      say();
    };
    source.addEventListener("alive", heard);
    source.onerror = () => {
      lost.hidden = false;
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 10000); // the browser itself tries again after all else
    };
  };
  listen();
  heard();
  say();
})();
