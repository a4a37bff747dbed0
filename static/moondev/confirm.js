// A typed confirmation: the button wakes up when the field holds the expected words. The server checks them again.

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("input[data-expect]").forEach((field) => {
    const button = field.form.querySelector("[type=submit]");
    const check = () => { button.disabled = field.value.trim() !== field.dataset.expect; };
    field.addEventListener("input", check);
    check();
  });
});
