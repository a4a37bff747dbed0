// Who listens to a page tells its parts by their names. Unfold gives its menu none, and every box that scrolls the same.
document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("nav-sidebar-inner")?.setAttribute("aria-label", "Staff site");
  for (const box of document.querySelectorAll("[data-simplebar]")) {
    const heading = box.closest(".inline-group")?.querySelector("h2");
    box.dataset.simplebarAriaLabel = box.id === "nav-sidebar-apps" ? "Menu" : heading?.textContent.trim() || "Rows";
  }
});
