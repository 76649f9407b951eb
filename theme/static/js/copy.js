// A button that copies the article's address.
const button = document.querySelector("[data-copy]");
if (button && navigator.clipboard) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
    setTimeout(() => {
      button.textContent = label;
    }, 4000);
  });
  button.setAttribute("aria-live", "polite");
  button.parentElement.hidden = false;
}
