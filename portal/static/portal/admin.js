// What the admin's own scripts draw without a name or a role that readers of screens understand.
"use strict";

function columnOf(cell) {
  const heads = cell.closest("table")?.querySelectorAll("thead th") ?? [];
  return heads[cell.cellIndex]?.innerText;
}

function name(selection) {
  const select = selection.closest(".select2-container").previousElementSibling;
  const cell = select.closest("td");
  const label = select.labels?.[0]?.innerText || (cell && columnOf(cell)) || select.title;
  for (const part of [selection, ...selection.querySelectorAll("[role=textbox]")]) {
    part.setAttribute("aria-label", label.replace(/[:：]\s*$/, ""));
  }
}

function mend() {
  document.querySelectorAll(".help-tooltip[aria-label]:not([role])").forEach(
    tooltip => tooltip.setAttribute("role", "img"));
  document.querySelectorAll(".select2-selection:not([aria-label])").forEach(name);
}

mend();
new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
