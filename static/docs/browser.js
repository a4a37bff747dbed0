"use strict";

// Draws the schema. A file of its own, because the Content-Security-Policy allows no script inside a page.
const place = document.getElementById("api");

// Swagger UI has a dark look, under a class, and asks nobody for it.
const night = matchMedia("(prefers-color-scheme: dark)");
const wear = () => document.documentElement.classList.toggle("dark-mode", night.matches);
night.addEventListener("change", wear);
wear();

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  // Keys that a reader types in stay in this tab and are gone when it closes.
  persistAuthorization: false,
  validatorUrl: null,
});
