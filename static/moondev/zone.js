// Offers the browser's time zone where the profile has another one.

document.addEventListener("DOMContentLoaded", () => {
  const select = document.getElementById("id_time_zone");
  const offer = document.querySelector("[data-zone-offer]");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = [...select.options].some((option) => option.value === zone);
  if (!known || select.value === zone) return;
  offer.querySelector("[data-zone-name]").textContent = zone.replaceAll("_", " ");
  offer.querySelector("[data-zone-take]").addEventListener("click", () => {
    select.value = zone;
    offer.hidden = true;
    select.focus();
  });
  offer.hidden = false;
});
