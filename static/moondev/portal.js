// What every portal page needs: copy buttons, the menu on a narrow screen, toasts, and forms sent once.

const STATUS_MS = 2000;
const TOAST_MS = 10000;

async function copyText(text, field) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return true;
  }
  // Over plain http the clipboard is closed to scripts; a selected field still copies.
  const target = field || document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text }));
  target.select();
  const copied = document.execCommand("copy");
  if (!field) target.remove();
  return copied;
}

async function copyFrom(button) {
  const source = document.getElementById(button.dataset.copy);
  const field = "value" in source ? source : null;
  const label = button.querySelector("[data-label]") || button;
  const before = label.textContent;
  const copied = await copyText(field ? field.value : source.textContent, field).catch(() => false);
  label.textContent = copied ? "Copied" : "Press Ctrl+C";
  if (!copied && field) field.select();
  setTimeout(() => { label.textContent = before; }, STATUS_MS);
}

function openSide(open) {
  const side = document.getElementById("p-side");
  const burger = document.querySelector("[data-open-side]");
  side.classList.toggle("open", open);
  burger.setAttribute("aria-expanded", String(open));
  (open ? side.querySelector("[data-shut-side]") : burger).focus();
}

function closeMenus(except) {
  document.querySelectorAll("details.p-menu[open]").forEach((menu) => {
    if (menu !== except && !menu.contains(except)) menu.open = false;
  });
}

function dismiss(toast) {
  toast.classList.add("going");
  setTimeout(() => toast.remove(), 300);
}

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  const button = event.target.closest("[data-copy], [data-open-side], [data-shut-side], [data-dismiss]");
  if (!button) return;
  if (button.dataset.copy) copyFrom(button);
  else if ("openSide" in button.dataset) openSide(true);
  else if ("shutSide" in button.dataset) openSide(false);
  else dismiss(button.closest(".p-toast"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.p-menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (document.querySelector("#p-side.open")) openSide(false);
});

// A double click must not create two keys. A form that answers with a download stays on the page: it is let go again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  if ("download" in form.dataset) setTimeout(() => { delete form.dataset.sent; }, STATUS_MS);
});

window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});

document.addEventListener("DOMContentLoaded", () => {
  // Unfold writes a chosen file's name into whatever text field is near; to it, these have been seen to already.
  document.querySelectorAll("input[type=file]").forEach((input) => { input.hasChangeListener = true; });
  document.querySelectorAll(".p-toast.success, .p-toast.info").forEach((toast) => {
    setTimeout(() => dismiss(toast), TOAST_MS);
  });
  document.querySelectorAll("select[data-send-on-change]").forEach((select) => {
    select.addEventListener("change", () => select.form.requestSubmit());
  });
  // After a secret was shown once, reloading must not send the form again: the address becomes the list's.
  const once = document.querySelector("[data-address-after]");
  if (once) history.replaceState(null, "", once.dataset.addressAfter);
});
