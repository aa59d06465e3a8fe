// Starts Swagger UI. The page's Content-Security-Policy allows no inline script.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({
    dom_id: "#swagger-ui",
    url: document.getElementById("swagger-ui").dataset.document,
    layout: "BaseLayout",
    presets: [SwaggerUIBundle.presets.apis],
    deepLinking: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    validatorUrl: null, // the default sends the document's URL to another host
  });
});
