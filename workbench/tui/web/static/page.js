// Downloads are asked for at the root of the server; ours are below the token.
const open = window.open.bind(window);
window.open = (url, target, ...rest) => {
  const root = `${location.origin}/download/`;
  const own = String(url).startsWith(root) ? new URL(`download/${String(url).slice(root.length)}`, location.href) : url;
  return open(own, target, ...rest);
};

// The fonts must be there before the terminal measures its cells.
const fonts = Promise.all(["16px", "bold 16px", "italic 16px"].map((font) => document.fonts.load(`${font} "Roboto Mono"`)));

document.addEventListener("DOMContentLoaded", () => {
  const start = window.onload;
  document.getElementById("again").addEventListener("click", () => location.reload());
  new MutationObserver((_, observer) => {
    if (document.body.classList.contains("-first-byte")) {
      observer.disconnect();
      document.querySelector(".xterm-helper-textarea").focus();
    }
  }).observe(document.body, { attributeFilter: ["class"] });
  window.onload = (event) => fonts.finally(() => start(event));
});
