// One picture's page: press on what must stay in sight, copy the line that puts it into a text.
// Without this the two numbers are typed, and the line is selected by hand.
(() => {
  "use strict";
  const figure = document.querySelector("[data-focal]");
  const image = figure?.querySelector("img");
  const fields = ["focal_x", "focal_y"].map((name) => document.querySelector(`[name=${name}]`));

  const startChoosing = () => {
    const mark = document.createElement("span");
    mark.className = "focal-mark";
    mark.setAttribute("aria-hidden", "true");
    figure.append(mark);
    figure.classList.add("is-choosing");
    figure.querySelector("[data-focal-help]").hidden = false;

    const place = () => {
      const [x, y] = fields.map((field) => Math.min(100, Math.max(0, Number(field.value) || 0)));
      mark.style.left = `${image.offsetLeft + (image.offsetWidth * x) / 100}px`;
      mark.style.top = `${image.offsetTop + (image.offsetHeight * y) / 100}px`;
    };
    image.addEventListener("click", (event) => {
      const box = image.getBoundingClientRect();
      const parts = [
        (event.clientX - box.left) / box.width,
        (event.clientY - box.top) / box.height,
      ];
      fields.forEach((field, at) => { field.value = Math.round(parts[at] * 100); });
      place();
    });
    for (const field of fields) field.addEventListener("input", place);
    new ResizeObserver(place).observe(image);
    place();
  };

  const startCopying = (button) => {
    const said = document.querySelector("[data-copy-said]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      said.textContent = button.dataset.copied;
    });
  };

  if (image && fields.every(Boolean)) startChoosing();
  const button = document.querySelector("[data-copy]");
  // Only where the page came safely may it write there.
  if (button && navigator.clipboard) startCopying(button);
})();
