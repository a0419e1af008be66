"use strict";
(() => {
  const details = [...document.querySelectorAll("details")];
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = details.filter((part) => !part.open);
    for (const part of closed) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of closed) part.open = false;
  });

  // A link to how a number came about opens the part that it stands in.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || !target.closest("#how")) return;
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  reveal();

  const filter = document.querySelector(".filter");
  if (!filter) return;
  const status = document.getElementById("filter-status");
  const text = document.getElementById("filter-text");
  const count = document.getElementById("filter-count");
  const rows = [...document.querySelectorAll("#numbers tbody tr")];
  const apply = () => {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = (status.value !== "" && row.dataset.status !== status.value)
        || !row.textContent.toLowerCase().includes(wanted);
      if (!row.hidden) shown += 1;
    }
    count.textContent = `${shown} of ${rows.length} shown`;
  };
  status.addEventListener("change", apply);
  text.addEventListener("input", apply);
  filter.hidden = false;
  apply();
})();
