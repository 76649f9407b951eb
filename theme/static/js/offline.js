// A line that says when the device has no network.
const hint = document.querySelector("[data-offline]");
if (hint && location.protocol.startsWith("http")) {
  const show = () => {
    hint.hidden = navigator.onLine;
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
