// Search over the list of the page; without it the whole list is there.
(function () {
  const form = document.querySelector(".chercher");
  if (!form) return;
  const field = form.querySelector("input");
  const count = document.getElementById("compte");
  const items = Array.from(document.querySelectorAll("[data-cherche]"));
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  const texts = items.map((item) => plain(item.dataset.cherche));
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    items.forEach((item, rank) => {
      item.hidden = !words.every((word) => texts[rank].includes(word));
      shown += item.hidden ? 0 : 1;
    });
    count.textContent = words.length ? shown + (shown > 1 ? " résultats" : " résultat") : "";
  });
})();
