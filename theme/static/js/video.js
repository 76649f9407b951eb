// A link to a video plays it in the page, once a reader asks; nothing is loaded from elsewhere before.
const players = {
  "www.youtube.com": (address) => address.searchParams.get("v"),
  "youtube.com": (address) => address.searchParams.get("v"),
  "youtu.be": (address) => address.pathname.slice(1),
};
for (const link of document.querySelectorAll(".video > a[href]")) {
  const id = (players[link.hostname] || (() => ""))(new URL(link.href));
  if (!/^[\w-]{11}$/.test(id || "")) continue;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.nextElementSibling) return;
    const frame = document.createElement("iframe");
    frame.src = `https://www.youtube-nocookie.com/embed/${id}?autoplay=1`;
    frame.title = link.textContent;
    frame.allow = "autoplay; fullscreen; encrypted-media";
    frame.referrerPolicy = "strict-origin";
    frame.className = "video-frame";
    // Where the host's policy allows no player, the link leads to the video as it does without scripts.
    document.addEventListener("securitypolicyviolation", (refused) => {
      if (refused.effectiveDirective === "frame-src") location.assign(link.href);
    });
    link.after(frame);
    frame.focus();
  });
}
